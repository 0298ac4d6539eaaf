"""What becomes one commit: what is there, and where that pays, who was just answered."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest

from telemetry.ingestion import gathering
from telemetry.ingestion.claims import Claim
from telemetry.ingestion.gathering import GROUP_REQUESTS, GROUP_SAMPLES, Waiting
from telemetry.ingestion.submission import submission
from telemetry.ingestion.tickets import Ticket
from telemetry.wire import quick_samples

pytestmark = pytest.mark.pure


def tickets(count: int, samples: int = 1) -> list[Ticket]:
    body = b"[" + b",".join([b'{"signal":"warmer"}'] * samples) + b"]"
    given = quick_samples(body)
    assert given is not None
    one = submission(Claim("token", "t"), "p", given, key=None, in_batch=True)
    return [Ticket(one, Future(), None) for _ in range(count)]


@pytest.mark.parametrize("gathers", [False, True])
def test_takes_what_is_there_in_its_order(gathers: bool) -> None:
    waiting, some, more = Waiting(gathers=gathers), tickets(3), tickets(2)
    waiting.put(some)
    waiting.put(more)
    assert waiting.take() == some + more


@pytest.mark.parametrize("gathers", [False, True])
def test_waits_for_the_first(gathers: bool) -> None:
    waiting, some = Waiting(gathers=gathers), tickets(2)
    coming = threading.Timer(0.05, waiting.put, [some])
    coming.start()
    assert waiting.take() == some
    coming.join()


@pytest.mark.parametrize("gathers", [False, True])
def test_no_group_grows_beyond_a_commits_worth(gathers: bool) -> None:
    waiting, many = Waiting(gathers=gathers), tickets(GROUP_REQUESTS + 5)
    waiting.put(many)
    assert waiting.take() == many[:GROUP_REQUESTS]
    assert waiting.take() == many[GROUP_REQUESTS:]
    large = tickets(5, samples=GROUP_SAMPLES // 4)
    waiting.put(large)
    assert waiting.take() == large[:4]
    assert waiting.take() == large[4:]


@pytest.mark.parametrize("gathers", [False, True])
def test_all_that_came_before_the_end_is_taken(gathers: bool) -> None:
    waiting, some = Waiting(gathers=gathers), tickets(2)
    waiting.put(some)
    waiting.end()
    waiting.answered(5)
    assert waiting.take() == some
    assert waiting.take() == []
    assert waiting.take() == []


def test_waits_for_who_was_just_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two wait and three were answered: it waits until five are there."""
    monkeypatch.setattr(gathering, "RETURN_SECS", 60.0)
    monkeypatch.setattr(gathering, "PAUSE_SECS", 60.0)
    waiting, here, back = Waiting(gathers=True), tickets(2), tickets(3)
    waiting.put(here)
    waiting.answered(len(back))
    coming = [threading.Timer(0.02 * at, waiting.put, [[one]]) for at, one in enumerate(back, 1)]
    for one in coming:
        one.start()
    assert waiting.take() == here + back
    for one in coming:
        one.join()


def test_waits_for_nobody_where_it_does_not_gather(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "RETURN_SECS", 60.0)
    monkeypatch.setattr(gathering, "PAUSE_SECS", 60.0)
    waiting, here = Waiting(gathers=False), tickets(2)
    waiting.put(here)
    waiting.answered(3)
    assert waiting.take() == here


def test_a_client_that_comes_alone_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "RETURN_SECS", 60.0)
    monkeypatch.setattr(gathering, "PAUSE_SECS", 60.0)
    waiting, first, again = Waiting(gathers=True), tickets(1), tickets(1)
    waiting.put(first)
    assert waiting.take() == first
    waiting.answered(1)
    coming = threading.Timer(0.02, waiting.put, [again])
    coming.start()
    assert waiting.take() == again
    coming.join()


def test_whoever_stays_away_is_not_waited_for() -> None:
    """The answer is long ago, or nobody comes: what is there is taken all the same."""
    waiting, here = Waiting(gathers=True), tickets(2)
    waiting.put(here)
    waiting.answered(100)
    assert waiting.take() == here
