"""The export: aggregates of a window, whatever the rows hold."""

import gzip
import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from telemetry.eventlog.errors import LogUnwritable, RangeInvalid
from telemetry.eventlog.export import summarise, write_summary
from telemetry.eventlog.instants import parse_range
from telemetry.eventlog.paths import Home
from telemetry.eventlog.reading import offset_before
from tests.telemetry.eventlog.logs import NOW, SAMPLES, chained, compact, row, write_log

EXPECTED = sorted(SAMPLES.glob("export-*.json"))


def summary(home: Home, range_text: str = "7d", **options: Any) -> dict[str, Any]:
    return summarise(home, range_text=range_text, now=NOW, **options)[0]


def test_it_exports_what_the_reference_exports(home: Home) -> None:
    for file in EXPECTED:
        events = gzip.decompress((SAMPLES / "events_clean.jsonl.gz").read_bytes())
        write_log(home, events.splitlines())
        home.score_state.parent.mkdir(exist_ok=True)
        shutil.copyfile(SAMPLES / "score_state.json", home.score_state)
        expected = json.loads(file.read_text())

        found = summary(home, expected["range"], actor_id=expected["actor_id_filter"])

        assert found == expected, file.name
        assert list(found) == list(expected)


def test_it_adds_up_each_kind_of_event(home: Home) -> None:
    done = {"quest_id": "q.a", "proof_tier": "P1", "pillars": ["Care", "Rest"], "xp_awarded": 5,
            "timebox_estimate_minutes": 2, "observed_duration_seconds": 61.9}  # fmt: skip
    write_log(
        home,
        chained(
            [
                row(data=done, source="mcp"),
                row(data={"quest_id": "q.b"}, actor="agent"),
                row("quest.failed", data={"quest_id": "q.a", "reason": "timeout"}),
                row("quest.failed", data={}),
                row("plan.generated", data={"quest_count": 2}),
                row("plan.generated", data={"quest_count": 3}),
                row("plan.generated", data={"quest_count": 3}),
                row("risk.flagged", data={"quest_id": "q.a"}),
                row("feedback.submitted", data={"component": "docs", "severity": "low"}),
            ]
        ),
    )

    found = summary(home)

    assert found["events_considered"] == 9
    assert found["completions_total"] == 2
    assert found["completions_by_actor"] == {"agent": 1, "human": 1}
    assert found["completions_by_actor_id"] == {"human:jordan": 1, "unknown": 1}
    assert found["completions_by_source"] == {"cli": 1, "mcp": 1}
    assert found["completions_by_proof_tier"] == {"P1": 1, "unknown": 1}
    assert found["completions_by_pillar"] == {"Care": 1, "Rest": 1, "Unknown": 1}
    assert found["xp_by_pillar"] == {"Care": 5, "Rest": 5, "Unknown": 0}
    assert found["failures_by_reason"] == {"timeout": 1, "unknown": 1}
    assert found["quest_success_rate"] == 0.5
    assert found["quest_success_rate_by_pillar"] == {"Care": 0.5, "Rest": 0.5, "Unknown": 0.5}
    assert found["risk_flags_by_pillar"] == {"Care": 1, "Rest": 1}
    assert (found["plans_generated"], found["avg_quests_per_plan"]) == (3, 2.667)
    assert (found["timebox_estimates_sum"], found["observed_duration_sum"]) == (2, 61)
    assert found["top_quests_completed"] == [
        {"quest_id": "q.a", "count": 1},
        {"quest_id": "q.b", "count": 1},
    ]
    assert (found["total_xp"], found["daily_streak"], found["weekly_streak"]) == (0, 0, 0)


def test_it_gives_zeros_for_no_log(home: Home) -> None:
    found = summary(home)

    assert (found["events_considered"], found["quest_success_rate"]) == (0, 0.0)
    assert found["avg_quests_per_plan"] == 0.0
    assert not home.root.exists()


ODD_ROWS = [
    row(data=None), row(data=[1]), row(data="x"), row(actor=None), row(actor=7),
    row(actor={"kind": 3, "id": {"a": 1}}), row(source=None), row(source=["cli"]),
    row(event_type=None), row(event_type=3),
    row(data={"quest_id": 9, "proof_tier": None, "pillars": "Care", "pack_id": 1}),
    row(data={"quest_id": "q", "xp_awarded": "many", "timebox_estimate_minutes": True}),
    row(data={"quest_id": "q", "observed_duration_seconds": float("nan")}),
    row(data={"quest_id": "q", "observed_duration_seconds": float("inf")}),
    row(data={"quest_id": "q", "pillars": [None, "Care", {}]}),
    row(data={"quest_id": "q\ud800"}), row(data={"quest_id": "q", "n": 10**400}),
    row("plan.generated", data={"quest_count": "three"}),
]  # fmt: skip
ODD_LINES: list[str | bytes] = [
    "", "   ", "{", "null", "[]", "3", '"text"', b"\xff\xfe\x00", "[" * 100_000, '{"a":' * 5_000,
    "{}", compact(row(ts=None)), compact(row(ts="yesterday")), compact(row(ts=1771066800)),
    compact(row(ts="2026-02-30T00:00:00Z")), compact(row(ts="9999-12-31T23:59:59-23:59")),
    b'{"ts":"2026-02-14T11:00:00Z","event_type":"quest.completed","data":{"quest_id":"\xff"}}',
]  # fmt: skip


def test_it_passes_over_what_makes_no_sense_and_counts_the_rest(home: Home) -> None:
    write_log(home, [*ODD_LINES, *chained(ODD_ROWS), *chained([row()])])

    found, unreadable = summarise(home, range_text="7d", now=NOW)

    assert found["events_considered"] == len(ODD_ROWS) + 2
    assert found["plans_generated"] == 1
    assert found["observed_duration_sum"] == 0
    assert unreadable == 8
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_it_takes_both_ends_of_the_window_and_nothing_of_the_future(home: Home) -> None:
    instants = [
        "2026-02-14T10:59:59Z", "2026-02-14T11:00:00Z", "2026-02-14T11:30:00", "2026-02-14T12:00:00Z",
        "2026-02-14T12:00:01Z", "2026-02-14T13:30:00+02:00", "2026-02-14T12:30:00+02:00",
    ]  # fmt: skip
    write_log(home, chained(row(ts=ts) for ts in instants))

    assert summary(home, "1h")["events_considered"] == 4


def test_it_compares_the_sanitized_actor(home: Home) -> None:
    write_log(
        home, chained([row(actor="someone@example.org"), row(actor={"kind": "agent", "id": 5})])
    )

    assert summary(home, actor_id="other@example.com")["actor_id_filter"] == "[redacted]"
    assert summary(home, actor_id="other@example.com")["events_considered"] == 1
    assert summary(home, actor_id="5")["events_considered"] == 1


def test_it_shares_no_secret_that_another_writer_let_through(home: Home) -> None:
    mail = "someone@example.org"
    data = {"quest_id": mail, "proof_tier": mail, "pillars": [mail], "pack_id": mail}
    rows = [row(data=data), row("quest.failed", data={"reason": mail, "pillars": [mail]})]
    write_log(home, chained([*rows, row("feedback.submitted", data={"component": mail})]))

    found = summary(home)

    assert mail not in json.dumps(found)
    assert found["completions_by_pillar"] == {"[redacted]": 1}


@pytest.mark.parametrize(
    "text", ["7w", "0d", "0h", "-1d", "d", "7", "7 d", "7D", "٧d", "7d\n", "", "9" * 12 + "d"]
)
def test_it_refuses_other_ranges(text: str) -> None:
    with pytest.raises(RangeInvalid):
        parse_range(text)


def test_it_takes_a_range_longer_than_time(home: Home) -> None:
    write_log(home, chained([row()]))

    assert summary(home, "999999999d")["events_considered"] == 1


def test_it_finds_an_instant_by_bisection(home: Home) -> None:
    start = NOW - timedelta(days=9)
    rows = (
        row(ts=f"{start + timedelta(minutes=number):%Y-%m-%dT%H:%M:%SZ}")
        for number in range(12_000)
    )
    lines: list[str | bytes] = []
    for number, line in enumerate(chained(rows)):
        lines += [line, "", "not json"] if number % 5 == 0 else [line]
    write_log(home, lines)
    text = home.log.read_bytes()

    with home.log.open("rb") as stream:
        for wanted in (start, start + timedelta(days=4, hours=7, minutes=3), NOW):
            begin = offset_before(stream.fileno(), len(text), wanted)
            assert begin == 0 or text[begin - 1 : begin] == b"\n"
            before = [datetime.fromisoformat(json.loads(line)["ts"])
                      for line in text[:begin].splitlines() if line.startswith(b"{")]  # fmt: skip
            assert all(at < wanted for at in before)
            assert len(text) - begin < len(text) - text.find(
                f"{wanted:%Y-%m-%dT%H:%M:%SZ}".encode()
            ) + (1 << 19)


def test_it_finds_the_same_window_with_and_without_seeking(home: Home) -> None:
    start = NOW - timedelta(days=20)
    wide = {"quest_id": "q", "note": "n" * 600}
    rows = (
        row(ts=f"{start + timedelta(minutes=number):%Y-%m-%dT%H:%M:%SZ}", data=wide)
        for number in range(20_000)
    )
    write_log(home, chained(rows))
    assert home.log.stat().st_size > 16 << 20

    assert summary(home, "25h") == summary(home, "25h", seek=False)
    assert summary(home, "20d") == summary(home, "20d", seek=False)


def test_it_replaces_the_file_as_a_whole(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("theirs")
    out.symlink_to(elsewhere)

    write_summary({"events_considered": 1}, out)

    assert json.loads(out.read_text()) == {"events_considered": 1}
    assert elsewhere.read_text() == "theirs"
    assert out.stat().st_mode & 0o777 == 0o600
    with pytest.raises(LogUnwritable):
        write_summary({}, tmp_path / "missing" / "out.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "out.json"]
