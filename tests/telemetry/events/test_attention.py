"""Entries of the stream may gather while nobody reads events, and not a moment longer."""

from __future__ import annotations

import threading
import time

from telemetry.events.attention import LASTS_SECS, Attention
from telemetry.events.broadcaster import Broadcaster
from tests.telemetry.events.nodes import joined, until

LONG = 60.0


def test_it_does_not_rest_just_after_somebody_listened() -> None:
    attention = Attention()
    attention.pay()
    began = time.monotonic()
    attention.wait(LONG)
    assert time.monotonic() - began < LONG / 2


def test_it_rests_where_nobody_listens_and_is_woken_by_who_does() -> None:
    attention = Attention()
    attention.wait(0)  # over at once, and nobody came
    woken = threading.Event()

    def rest() -> None:
        attention.wait(LONG)
        woken.set()

    thread = threading.Thread(target=rest)
    thread.start()
    assert not woken.is_set()
    attention.pay()
    thread.join(LONG / 2)
    assert woken.is_set()


def test_it_forgets_who_listened_long_ago() -> None:
    attention = Attention()
    attention.pay()
    until(lambda: time.monotonic() - attention.last >= LASTS_SECS)
    began = time.monotonic()
    attention.wait(0.01)
    assert time.monotonic() - began >= 0.01


def test_it_hears_who_asks_for_a_place_that_has_not_arrived(redis_url: str) -> None:
    with joined(redis_url) as (near, far):
        for number in range(50):
            near.tell(f"t{number}")
            until(lambda: bool(near.events()))
            newest = near.events()[-1]
            # On the other node too, whatever it was doing.
            assert far.source.number_of(newest.id) is not None
        until(lambda: len(near.events()) == len(far.events()) == 50)
        assert far.ids() == near.ids()


def test_it_rests_where_no_stream_is_open() -> None:
    source = Broadcaster()
    began = time.monotonic()
    source.wait_for_readers(0.01)
    assert time.monotonic() - began >= 0.01
