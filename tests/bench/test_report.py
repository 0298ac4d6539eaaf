"""What benches found: bars, the page made of it, and whose section a run replaces."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bench.report import Report, Row
from tests.bench.report_files import BEGIN, END, keep, known
from tests.bench.report_page import between, headlines, ordered, page, shown_figure
from tests.bench.running import Arguments

pytestmark = pytest.mark.pure
SCALING = f"before\n{BEGIN}\nold figures\n{END}\nafter\n"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    (tmp_path / "scaling.md").write_text(SCALING)
    return tmp_path


def report(docs: Path, key: str = "fanout", *, kept: bool = True) -> Report:
    return Report(key, f"About {key}", "python -m bench", "How it was done.", kept, docs, busy=0.0)


@pytest.mark.parametrize(
    ("figure", "bar", "most", "met"),
    [
        (1.0, None, False, None),
        (0.15, 0.15, False, True),
        (0.14, 0.15, False, False),
        (25.0, 25, True, True),
        (25.1, 25, True, False),
        (0.0, 0, True, True),
        (float("nan"), 25, True, False),
        (float("nan"), 25, False, False),
    ],
)
def test_it_compares_with_a_bar(
    figure: float, bar: float | None, most: bool, met: bool | None
) -> None:
    row = Row("p99", figure, "ms", bar, most)
    assert row.met is met
    assert row.facts()["met"] is met
    assert json.loads(json.dumps(row.facts(), allow_nan=False))["bar"] == bar


@pytest.mark.parametrize(
    ("figure", "shown"),
    [
        (None, "not measured"),
        (float("nan"), "not measured"),
        (0, "0"),
        (0.0314, "0.031"),
        (0.9996, "1.000"),
        (7.126, "7.13"),
        (149.96, "150.0"),
        (20_036.4, "20,036"),
        (100_000, "100,000"),
    ],
)
def test_it_shows_the_digits_that_count(figure: float | None, shown: str) -> None:
    assert shown_figure(figure) == shown


def test_it_fails_on_a_wrong_answer_and_not_on_a_missed_bar(
    docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missed = report(docs)
    missed.row("p99", 30, "ms", most=25)
    missed.none_wrong("lost", 0)
    assert missed.close() == 0
    wrong = report(docs, "reads")
    wrong.row("rate", 6000, "/s", least=5000)
    wrong.none_wrong("wrong answers", 3)
    assert wrong.close() == 1
    sections = known(docs)
    assert [row["met"] for row in sections["fanout"]["rows"]] == [False, True]
    assert sections["fanout"]["wrong"] == []
    assert sections["reads"]["wrong"] == ["wrong answers: 3"]
    printed = capsys.readouterr().out
    assert "(<= 25)  MISSED" in printed
    assert "WRONG wrong answers: 3" in printed


def test_it_replaces_its_own_section_only(docs: Path) -> None:
    first, other = report(docs, "fanout"), report(docs, "reads")
    first.row("p99", 30, "ms", most=25)
    other.row("rate", 6000, "/s", least=5000, headline=True)
    first.close()
    other.close()
    kept = known(docs)["reads"]
    again = report(docs, "fanout")
    again.row("p99", 20, "ms", most=25)
    again.close()
    assert known(docs)["reads"] == kept
    assert [row["figure"] for row in known(docs)["fanout"]["rows"]] == [20]
    text = (docs / "benchmarks.md").read_text()
    assert text.index("## About reads") < text.index("## About fanout")
    assert "| p99 | 20 ms | at most 25 | met |" in text
    assert "30 ms" not in text
    assert sorted(path.name for path in docs.iterdir()) == [
        "benchmarks.json",
        "benchmarks.md",
        "scaling.md",
    ]


def test_it_says_how_busy_the_machine_was(docs: Path) -> None:
    one = Report("reads", "Reads", "python -m bench", "How.", kept=False, docs=docs)
    facts = one.facts()
    assert not one.busy < 0
    assert not one.busy > 1
    assert f"busy before: {shown_figure(facts['busy_before'])}." in page({"reads": facts})


def test_it_repeats_headlines_between_the_marks(docs: Path) -> None:
    one = report(docs, "reads")
    one.row("rate", 6000, "/s", least=5000, headline=True)
    one.row("beside it", 1, "/s")
    one.close()
    text = (docs / "scaling.md").read_text()
    assert text.startswith(f"before\n{BEGIN}\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "| About reads: rate | 6,000 /s | at least 5,000 |" in text
    assert "old figures" not in text
    assert "beside it" not in text


def test_it_keeps_nothing_of_a_short_run(docs: Path) -> None:
    short = report(docs, kept=False)
    short.row("p99", 20, "ms", most=25)
    assert short.close() == 0
    assert [path.name for path in docs.iterdir()] == ["scaling.md"]
    assert (docs / "scaling.md").read_text() == SCALING


def test_it_names_what_was_missed_and_what_was_wrong(docs: Path) -> None:
    one = report(docs)
    one.row("p99", float("nan"), "ms", most=25)
    one.row("a | b", 2, note="beside")
    one.none_wrong("events lost", 2)
    text = page({"fanout": one.facts()})
    assert "0 of 2 bars are met." in text
    assert "- About fanout: p99\n" in text
    assert "Wrong:\n\n- About fanout: events lost: 2\n" in text
    assert "| p99 | not measured ms | at most 25 | **missed** |" in text
    assert "| a \\| b (beside) | 2 |  |  |" in text
    assert "| events lost | 2 | none | **missed** |" in text
    assert str(Path.home()) not in text


def test_it_puts_topics_in_one_order() -> None:
    keys = ["pages", "zzz", "ingestion.2-batches", "reads", "ingestion.1-single"]
    assert ordered(keys) == ["ingestion.1-single", "ingestion.2-batches", "reads", "pages", "zzz"]


def test_it_leaves_a_page_without_marks_alone(docs: Path) -> None:
    (docs / "scaling.md").write_text("no marks")
    with pytest.raises(ValueError, match="substring"):
        between("no marks", BEGIN, END, headlines({}))
    section: dict[str, Any] = report(docs).facts()
    with pytest.raises(ValueError, match="substring"):
        keep("fanout", section, docs)
    assert (docs / "scaling.md").read_text() == "no marks"


def test_it_reads_arguments() -> None:
    given = Arguments.read("bench_reads", ["list-50", "--short", "--seconds=4"])
    assert given == Arguments("bench_reads", ("list-50",), True, {"seconds": "4"})
    assert given.rounds() == 1
    assert given.chosen(["detail", "list-50"]) == ["list-50"]
    assert Arguments.read("bench_reads", []).chosen(["detail", "list-50"]) == ["detail", "list-50"]
    with pytest.raises(SystemExit, match="'list-50' is none of: detail"):
        given.chosen(["detail"])


@pytest.mark.parametrize(
    ("given", "part", "kept"),
    [
        ([], "", True),
        (["single"], "single", True),
        (["list-50"], "", False),
        (["--short"], "", False),
        (["--redis"], "", False),
    ],
)
def test_it_keeps_what_is_whole(given: list[str], part: str, kept: bool) -> None:
    found = Arguments.read("bench_x", given).report("x", "X", "How.", part)
    assert found.kept is kept
    assert found.command == f"python -m tests.bench.bench_x {part}".strip()
