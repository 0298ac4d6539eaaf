"""`events tail`: one line an event, as it happens."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.cli.conftest import Desk, Foreign, cli, lines
from tests.services.server import PATIENCE, ROOT

WARM = [{"op": "add", "path": "/traits/tone", "value": "warm"}]


@contextmanager
def start(desk: Desk, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The command as it runs; whatever happens, it is over afterwards."""
    command = [sys.executable, "-m", "arw_site.cli", "events", "tail", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, env=desk.env(), text=True, stdout=pipe, stderr=pipe
    ) as tail:
        try:
            yield tail
        finally:
            tail.kill()


def test_it_prints_events_as_they_happen(desk: Desk) -> None:
    desk.seed("event.live")
    with start(desk, "--prefix", "persona.proposal", "--json", "--limit", "1") as tail:
        assert tail.stdout is not None
        hello = json.loads(tail.stdout.readline())
        proposal_id = desk.propose("event.live", WARM)
        event = json.loads(tail.stdout.readline())
        assert tail.wait(PATIENCE) == 0

    assert hello["kind"] == "service.connected"
    assert event["kind"] == "persona.proposal.submitted"
    assert event["payload"]["proposal_id"] == proposal_id


def test_it_replays_in_words(desk: Desk) -> None:
    desk.seed("event.replay")
    proposal_id = desk.propose("event.replay", WARM)

    done = desk("events", "tail", "--prefix", "persona.proposal", "--replay", "1", "--limit", "1")

    assert done.returncode == 0
    last = lines(done.stdout)[-1]
    assert "persona.proposal.submitted" in last
    assert f"proposal_id={proposal_id}" in last


def test_it_ends_quietly_on_ctrl_c(desk: Desk) -> None:
    with start(desk) as tail:
        assert tail.stdout is not None
        assert tail.stderr is not None
        tail.stdout.readline()
        tail.send_signal(signal.SIGINT)
        code = tail.wait(PATIENCE)
        rest = tail.stderr.read()

    assert code == 130
    assert rest == ""


def test_it_ends_quietly_when_the_reader_has_gone(desk: Desk) -> None:
    desk.seed("event.pipe")
    with start(desk, "--prefix", "persona.proposal") as tail:
        assert tail.stdout is not None
        assert tail.stderr is not None
        tail.stdout.readline()
        tail.stdout.close()
        desk.propose("event.pipe", WARM)
        code = tail.wait(PATIENCE)
        rest = tail.stderr.read()

    assert code == 0
    assert rest == ""


def test_it_takes_up_a_lost_stream_after_the_last_event(foreign: Callable[..., Foreign]) -> None:
    body = (
        b'retry: 1\n: hello\nid: 7\nevent: a.b\ndata: {"time": "t",\ndata: "payload": {"x": 1}}\n\n'
    )
    other = foreign(200, body, "text/event-stream")

    done = cli("events", "tail", "--base", other.base, "--limit", "3")

    assert done.returncode == 0
    assert lines(done.stdout) == ["t  a.b  x=1"] * 3
    assert lines(done.stderr) == ["the server ended the stream; trying again"] * 2


def test_it_refuses_what_is_no_stream(foreign: Callable[..., Foreign]) -> None:
    other = foreign(200, b"{}", "application/json")
    empty = foreign(200, b"", "text/event-stream")

    assert cli("events", "tail", "--base", other.base).returncode == 3
    assert cli("events", "tail", "--base", empty.base).returncode == 3


def test_it_is_refused_as_any_other_command_is(desk: Desk) -> None:
    done = desk.server.cli("events", "tail", token="wrong-" + "x" * 20)

    assert (done.returncode, done.stdout) == (1, "")
    assert "unauthorized" in done.stderr
