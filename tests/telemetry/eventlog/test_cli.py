"""`runner telemetry …`: what it prints, its exit codes, and that no traceback reaches anybody."""

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from telemetry.eventlog.cli.main import main
from telemetry.eventlog.paths import Home
from telemetry.eventlog.rows import Event
from telemetry.eventlog.store import Store
from tests.services.server import ROOT
from tests.telemetry.eventlog.logs import chained, compact, read_rows, row, write_log

COMMANDS = ("status", "record", "export", "purge", "verify", "tail")


@dataclass
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Runner = Callable[..., Done]


@pytest.fixture
def runner(home: Home, capsys: pytest.CaptureFixture[str]) -> Runner:
    """Runs `runner telemetry …` on the test's home."""

    def run(*arguments: str) -> Done:
        code = main(["telemetry", *arguments])
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return Done(code, printed.out, printed.err)

    return run


def process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "telemetry.eventlog", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ, capture_output=True, text=True, **options
    )


def test_it_tells_the_status_without_making_anything(runner: Runner, home: Home) -> None:
    expected = {"enabled": True, "path": str(home.log), "event_count": 0}
    assert runner("status", "--json").json == expected
    assert not home.root.exists()

    write_log(home, [*chained([row(), row()]), "", "not json"])
    assert runner("status", "--json").json == {**expected, "event_count": 3}
    assert str(home.log) in runner("status").out


def test_it_records_an_event(runner: Runner, home: Home) -> None:
    done = runner(
        "record", "quest.completed", "--data", '{"quest_id": "q"}', "--source", "mcp",
        "--actor-id", "human:jordan", "--trace-id", "t:1", "--json",
    )  # fmt: skip

    assert (done.code, done.err) == (0, "")
    assert [done.json] == read_rows(home)
    assert done.json["actor"] == {"kind": "human", "id": "human:jordan"}
    assert (done.json["source"], done.json["trace_id"]) == ("mcp", "t:1")
    assert done.json["data"] == {"quest_id": "q"}


def test_it_takes_the_actor_from_the_environment_and_data_from_stdin(
    runner: Runner, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAWSPA_ACTOR_ID", "agent:molt")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"quest_id": "q"}')))

    assert runner("record", "quest.failed", "--data", "-").code == 0

    (event,) = read_rows(home)
    assert (event["actor"]["id"], event["data"]) == ("agent:molt", {"quest_id": "q"})


def test_it_says_that_a_type_is_unknown(runner: Runner, home: Home) -> None:
    done = runner("record", "made.up")

    assert done.code == 0
    assert "risk.flagged" in done.err
    assert read_rows(home)[0]["event_type"] == "risk.flagged"


@pytest.mark.parametrize(
    "arguments",
    [
        (), ("frob",), ("status", "--frob"), ("record",), ("record", "quest.failed", "--data", "{"),
        ("record", "quest.failed", "--data", '{"n": NaN}'), ("record", "quest.failed", "--source", "x"),
        ("record", "quest.failed", "--data", "[" * 100_000), ("record", "quest.failed", "--data", '{"n": 1e999}'),
        ("record", "quest.failed", "--data", '{"n": 1' + "0" * 5000 + "}"),
        ("export",), ("export", "--out", "/"), ("export", "--out", "/nowhere/at/all.json"),
        ("export", "--range", "7w", "--out", "x.json"), ("export", "--range", "0d", "--out", "x.json"),
        ("purge",), ("purge", "--older-than", "1y", "--yes"), ("tail", "-n", "-1"), ("tail", "-n", "x"),
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)  # fmt: skip
def test_it_ends_with_2_for_usage_errors(
    arguments: tuple[str, ...], runner: Runner, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_log(home, chained([row()]))
    before = home.log.read_bytes()
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    done = runner(*arguments)

    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert home.log.read_bytes() == before
    assert not Path("x.json").exists()


def test_it_writes_and_prints_the_export(runner: Runner, home: Home, tmp_path: Path) -> None:
    Store(home).append_many([Event("quest.completed", actor="human:jordan"), Event("quest.failed")])
    out = tmp_path / "out.json"

    done = runner("export", "--range", "24h", "--out", str(out), "--actor-id", "human:jordan")

    assert done.code == 0
    assert done.json == json.loads(out.read_text())
    assert (done.json["events_considered"], done.json["range"]) == (1, "24h")
    assert runner("export", "--out", str(out), "--json").out.count("\n") == 1
    assert json.loads(out.read_text())["range"] == "7d"


def test_it_names_the_broken_row_and_ends_with_1(runner: Runner, home: Home) -> None:
    lines = chained([row(), row(), row()])
    write_log(home, lines)
    assert runner("verify").code == 0
    write_log(home, [lines[0], compact({**json.loads(lines[1]), "source": "api"}), lines[2]])

    done = runner("verify")
    assert (done.code, done.out) == (1, "")
    assert "event_hash_mismatch in events.jsonl, line 2" in done.err
    found = runner("verify", "--json")
    assert found.code == 1
    expected = {
        "ok": False,
        "checked_events": 1,
        "broken_index": 1,
        "reason": "event_hash_mismatch",
    }
    assert expected.items() <= found.json.items()


def test_it_purges_with_yes(runner: Runner, home: Home) -> None:
    write_log(home, chained([row(ts="2020-01-01T00:00:00Z"), row(ts="2020-01-01T00:00:00Z")]))

    done = runner("purge", "--older-than", "30d", "--yes", "--json")
    assert (done.code, done.json["removed_events"]) == (0, 2)
    assert Path(done.json["archive"]).read_text().count("\n") == 2
    assert runner("purge", "--yes").out == "Removed 1 events\n"
    assert runner("verify").code == 0


@pytest.mark.parametrize(
    ("answer", "code", "left"), [(b"y\n", 0, 1), (b"n\n", 1, 2), (b"\x04", 1, 2)]
)
def test_it_asks_at_a_terminal(answer: bytes, code: int, left: int, home: Home) -> None:
    write_log(home, chained([row(), row()]))
    terminal, inside = pty.openpty()
    os.write(terminal, answer)

    done = process("telemetry", "purge", stdin=inside)
    os.close(inside)
    os.close(terminal)

    assert done.returncode == code
    assert "Remove every event" in done.stderr
    assert len(read_rows(home)) == left


def test_it_tails_without_repainting_the_terminal(runner: Runner, home: Home) -> None:
    mail = "someone@example.org"
    rows = [row(data={"n": number}) for number in range(20)]
    odd = [row(data={"note": f"\x1b[2J {mail}"}, actor=mail), row(actor="AGENT", data=None)]
    write_log(home, [*chained([*rows, *odd]), b"\x1b[2J\xff"])

    done = runner("tail", "-n", "4")
    assert len(done.out.splitlines()) == 4
    assert "\x1b" not in done.out
    assert mail not in done.out
    printed = [json.loads(line) for line in runner("tail", "-n", "23", "--json").out.splitlines()]
    assert [each["data"]["n"] for each in printed[:20]] == list(range(20))
    assert printed[21]["actor"] == {"kind": "agent", "id": "unknown"}
    assert printed[22] == {"unreadable_bytes": 5}
    assert runner("tail", "-n", "0").out == ""


def test_it_follows_the_log_through_a_rotation(home: Home) -> None:
    store = Store(home, rotate_bytes=2000)
    store.append(Event("quest.completed", {"n": 0}))
    command = [sys.executable, "-m", "telemetry.eventlog", "telemetry", "tail", "-f", "--json"]
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert json.loads(running.stdout.readline())["data"]["n"] == 0
        for number in range(1, 8):
            store.append(Event("quest.completed", {"n": number}))
            assert json.loads(running.stdout.readline())["data"]["n"] == number
        running.send_signal(2)
        assert running.wait() == 0
        assert running.stderr is not None
        assert running.stderr.read() == ""
    store.close()


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)], ids=str)
def test_it_helps_with_examples(command: tuple[str, ...]) -> None:
    done = process(*(("telemetry", *command) if command else ()), "--help")

    assert (done.returncode, done.stderr) == (0, "")
    assert "Examples:\n" in done.stdout
    if command:
        assert "--json" in done.stdout


def test_it_completes_in_the_shell() -> None:
    environment = {**os.environ, "_RUNNER_COMPLETE": "complete_bash", "COMP_CWORD": "2"}
    environment["COMP_WORDS"] = "runner telemetry "
    command = [sys.executable, "-m", "telemetry.eventlog"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)

    assert set(done.stdout.split()) == set(COMMANDS)


def test_it_says_why_a_log_is_unsafe(runner: Runner, home: Home, tmp_path: Path) -> None:
    home.root.mkdir(mode=0o700)
    home.folder.symlink_to(tmp_path)

    for command in (
        ("status",),
        ("verify",),
        ("record", "quest.failed"),
        ("tail",),
        ("purge", "--yes"),
    ):
        done = runner(*command)
        assert (done.code, done.out) == (1, "")
        assert "symlink" in done.err
    assert runner("status", "--json").json["error"] == "UnsafePath"


def test_it_ends_quietly_when_nobody_reads(home: Home) -> None:
    write_log(home, chained([row()] * 3000))
    command = f"{sys.executable} -m telemetry.eventlog telemetry tail -n 3000 | head -n 1"

    done = subprocess.run(
        command, shell=True, cwd=ROOT, env=os.environ, capture_output=True, text=True
    )

    assert (done.stdout.count("\n"), done.stderr) == (1, "")
