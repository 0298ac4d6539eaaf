"""The background writer: never waits, loses only what it counts."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from telemetry.eventlog.background import BackgroundWriter
from telemetry.eventlog.paths import Home
from telemetry.eventlog.rows import Event
from telemetry.eventlog.store import Store
from telemetry.eventlog.verify import verify
from tests.telemetry.eventlog.logs import read_rows

Losses = list[tuple[int, str]]


@contextmanager
def stalled(home: Home) -> Iterator[None]:
    """Another process' writer holds the log's lock."""
    lock = os.open(home.folder / "events.lock", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(lock)


@pytest.fixture
def losses() -> Losses:
    return []


def writer_for(store: Store, losses: Losses, capacity: int = 10_000) -> BackgroundWriter:
    return BackgroundWriter(
        store, capacity=capacity, on_loss=lambda count, why: losses.append((count, why))
    )


def test_it_stores_everything_in_order(store: Store, home: Home, losses: Losses) -> None:
    writer = writer_for(store, losses)

    assert all(writer.submit(Event("quest.failed", {"n": number})) for number in range(1000))
    assert writer.close()

    assert [each["data"]["n"] for each in read_rows(home)] == list(range(1000))
    assert (writer.written, writer.lost, writer.waiting, losses) == (1000, 0, 0, [])
    assert verify(home).ok


def test_it_counts_what_finds_no_room_and_keeps_the_rest(
    store: Store, home: Home, losses: Losses
) -> None:
    store.append(Event("runner.started"))
    writer = writer_for(store, losses, capacity=5)
    with stalled(home):
        accepted = sum(writer.submit(Event("quest.failed", {"n": number})) for number in range(50))
        assert not writer.flush(timeout=0.01)
    assert writer.close()

    assert 5 <= accepted <= 10
    assert (writer.written, writer.lost) == (accepted, 50 - accepted)
    assert losses == [(1, "queue_full")] * (50 - accepted)
    assert len(read_rows(home)) == accepted + 1


def test_it_stores_what_surrounds_a_refused_event(store: Store, home: Home, losses: Losses) -> None:
    store.append(Event("runner.started"))
    writer = writer_for(store, losses)
    with stalled(home):
        for number in (1.0, float("nan"), 2.0):
            writer.submit(Event("quest.failed", {"n": number}))
    assert writer.close()

    assert [each["data"].get("n") for each in read_rows(home)] == [None, 1.0, 2.0]
    assert losses == [(1, "refused")]


def test_it_counts_what_a_broken_log_refuses(home: Home, losses: Losses) -> None:
    home.root.parent.joinpath("wellness").write_text("in the way")
    writer = writer_for(Store(home), losses)
    writer.submit(Event("quest.failed"))

    writer.close()

    assert (writer.written, writer.lost, losses) == (0, 1, [(1, "unwritable")])


def test_it_takes_nothing_once_closed(store: Store, home: Home, losses: Losses) -> None:
    writer = writer_for(store, losses)
    assert writer.close()

    assert not writer.submit(Event("quest.failed"))

    assert losses == [(1, "closed")]
    assert not home.root.exists()
