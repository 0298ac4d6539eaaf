"""Recording never waits and never fails; what is lost is counted, and said in the log."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

import pytest
from structlog.contextvars import bound_contextvars

from telemetry.audit import writing
from telemetry.eventlog.paths import Home
from telemetry.eventlog.rows import Event
from telemetry.eventlog.verify import verify
from tests.telemetry.audit.conftest import lost
from tests.telemetry.eventlog.logs import read_rows


@contextmanager
def stalled(home: Home) -> Iterator[None]:
    """Another process' writer holds the log's lock."""
    lock = os.open(home.folder / "events.lock", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(lock)


def test_it_never_waits_for_the_disk_and_says_what_was_lost(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "CAPACITY", 20)
    before = lost("queue_full")
    writing.record_start()
    assert writing.flush(30)
    with stalled(home):
        began = perf_counter()
        for number in range(500):
            writing.record(Event("risk.flagged", {"n": number}))
        assert perf_counter() - began < 5
        gone = writing.progress().lost
    assert writing.flush(30)
    writing.record(Event("risk.flagged", {"n": 500}))
    writing.close()

    data = [row["data"] for row in read_rows(home)]
    assert gone > 0
    assert lost("queue_full") - before == gone
    assert data[-2:] == [{"reason": "events_lost", "count": gone}, {"n": 500}]
    assert len(data) == 1 + (500 - gone) + 2
    assert verify(home).ok


def test_it_does_not_fail_on_a_log_that_takes_nothing(home: Home) -> None:
    before = lost("unwritable")
    home.root.write_text("in the way")
    writing.record(Event("runner.started"))
    writing.close()
    assert lost("unwritable") - before == 1
    assert home.root.read_text() == "in the way"


def test_it_goes_on_after_a_close(home: Home) -> None:
    writing.record_start()
    writing.close()
    assert writing.progress() == writing.Progress(0, 0, 0)
    with bound_contextvars(request_id="req-7"):
        writing.record_start()
    assert writing.flush(30)
    assert writing.progress() == writing.Progress(1, 0, 0)
    assert [row["trace_id"] for row in read_rows(home)] == [None, "req-7"]


def test_it_leaves_its_queue_to_the_parent_after_a_fork(home: Home) -> None:
    writing.record(Event("runner.started"))
    assert writing.flush(30)
    writing._begin_anew()  # what a child runs first
    assert writing.progress().written == 0
    writing.record(Event("runner.started"))
    assert writing.flush(30)
    assert len(read_rows(home)) == 2
    assert verify(home).ok
