"""One broadcaster per process: every event is encoded once, and all streams read the same window.

Publishers are ordinary threads; readers are coroutines on any event loop. The window holds the
newest events, bounded in number and in bytes. A reader is no more than a position in it, so a
reader that stalls holds nothing and slows nobody, and there is no seam between replay and live:
both are the same walk through the window. What has left the window is a gap, and is told as one.

Event ids are ``<start>-<number>``. The number rises by one with each event; the start names this
run of the process, so that a position from before a restart is recognised and told as a gap
instead of being taken for one of today's.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leases.instants import rfc3339
from telemetry.events.catalog import Event, Feedback
from telemetry.events.prefixes import selects

WINDOW_EVENTS = 10_000
WINDOW_BYTES = 16 * 1024 * 1024


@dataclass(slots=True)
class Published:
    """An event in the window. ``persona_id`` is set where delivery depends on the reader."""

    number: int
    topic: str
    aliases: tuple[str, ...]
    data: str
    persona_id: str | None
    actor: str
    erased: bool = False


class Broadcaster:
    """Publishes events to any number of streams, safe to use from any thread."""

    def __init__(self, events: int = WINDOW_EVENTS, size: int = WINDOW_BYTES) -> None:
        self._lock = threading.Lock()
        self._start = f"{secrets.randbits(64):016x}"
        self._max_events = events
        self._max_bytes = size
        self._window: deque[Published] = deque()
        self._bytes = 0
        self._last = 0
        self._rights = 0
        self._changes = 0
        self._waiting: dict[asyncio.AbstractEventLoop, set[asyncio.Future[None]]] = {}

    # --- publishing -----------------------------------------------------------------------------

    def publish(self, events: Sequence[Event], now: datetime) -> None:
        """Add ``events`` to the window, in this order, and wake the readers."""
        time = rfc3339(now)
        encoded = [(event, _encode(event, time)) for event in events]
        with self._lock:
            for event, data in encoded:
                self._last += 1
                private = event.persona_id if isinstance(event, Feedback) else None
                self._window.append(
                    Published(self._last, event.topic, event.aliases, data, private, event.actor)
                )
                self._bytes += sys.getsizeof(data)
            while self._window and (
                len(self._window) > self._max_events or self._bytes > self._max_bytes
            ):
                self._bytes -= sys.getsizeof(self._window.popleft().data)
        self._wake()

    def rights_moved(self) -> None:
        """Consent, a lease, a token or a role changed: what was judged before counts no more."""
        with self._lock:
            self._rights += 1
        self._wake()

    def forget_feedback(self, persona_id: str, actor: str | None) -> None:
        """Empty the persona's feedback events, those of one actor or all; numbers stay taken."""
        with self._lock:
            for one in self._window:
                if one.persona_id == persona_id and actor in (None, one.actor):
                    self._bytes -= sys.getsizeof(one.data) - sys.getsizeof("")
                    one.data, one.erased = "", True

    # --- reading --------------------------------------------------------------------------------

    @property
    def rights(self) -> int:
        """Rises whenever rights may have moved; a verdict holds only while it is the same."""
        return self._rights

    @property
    def changes(self) -> int:
        """Rises with everything that readers are woken for."""
        return self._changes

    def event_id(self, number: int) -> str:
        """The id of the event with that number."""
        return f"{self._start}-{number}"

    def number_of(self, event_id: str) -> int | None:
        """The number in an id of this run of the process, or None for any other text."""
        start, _, digits = event_id.partition("-")
        if start != self._start or not (digits.isascii() and digits.isdigit()):
            return None
        number = int(digits[:18])
        return number if number <= self._last else None

    @property
    def last(self) -> int:
        """The number of the newest event; 0 before the first."""
        return self._last

    @property
    def oldest(self) -> int:
        """The number of the oldest event in the window, or the next number when it is empty."""
        with self._lock:
            return self._oldest()

    def before_newest(self, count: int, prefixes: Sequence[str]) -> tuple[int, int]:
        """The position before the newest ``count`` events that ``prefixes`` select, and how many."""
        found = 0
        with self._lock:
            position = self._last
            for one in reversed(self._window):
                if found == count:
                    break
                if not one.erased and selects(prefixes, one.topic, one.aliases):
                    found, position = found + 1, one.number - 1
        return position, found

    def count_after(self, position: int, prefixes: Sequence[str]) -> int:
        """How many events in the window after ``position`` are selected by ``prefixes``."""
        with self._lock:
            return sum(
                one.number > position and not one.erased
                for one in self._window
                if selects(prefixes, one.topic, one.aliases)
            )

    def after(self, position: int, limit: int) -> list[Published] | None:
        """Up to ``limit`` events after ``position``; None when some have left the window."""
        with self._lock:
            oldest = self._oldest()
            if position + 1 < oldest:
                return None
            ahead = self._last - position
            if ahead <= 0:
                return []
            if ahead <= limit:
                # The usual case, a reader near the end: walk from there.
                tail = [one for one, _ in zip(reversed(self._window), range(ahead), strict=False)]
                return tail[::-1]
            begin = position + 1 - oldest
            return [self._window[index] for index in range(begin, begin + limit)]

    async def wait(self, changes: int, seconds: float) -> None:
        """Return when ``changes`` is no longer current, or after ``seconds``."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        with self._lock:
            if self._changes != changes:
                return
            self._waiting.setdefault(loop, set()).add(future)
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(future, seconds)
        finally:
            with self._lock:
                if loop in self._waiting:
                    self._waiting[loop].discard(future)

    @property
    def waiting(self) -> int:
        """How many readers are waiting for something to happen."""
        with self._lock:
            return sum(len(futures) for futures in self._waiting.values())

    def _oldest(self) -> int:
        return self._window[0].number if self._window else self._last + 1

    def _wake(self) -> None:
        with self._lock:
            self._changes += 1
            waiting, self._waiting = self._waiting, {}
        for loop, futures in waiting.items():
            # A loop that has ended has no readers left to wake.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(_resolve, futures)


def _resolve(futures: Iterable[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)


def _encode(event: Event, time: str) -> str:
    envelope: dict[str, Any] = {"time": time, "kind": event.topic, "payload": event.payload()}
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))


broadcaster = Broadcaster()
