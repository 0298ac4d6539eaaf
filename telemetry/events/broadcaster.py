"""One broadcaster per process: every event is encoded once, and all streams read the same window.

Publishers are ordinary threads; readers are coroutines on any event loop. A reader is no more than
a position in the window, so a reader that stalls holds nothing and slows nobody, and there is no
seam between replay and live: both are the same walk. What has left the window is a gap, and is
told as one.

Event ids are ``<label>-<mark>``. On one node the label names this run of the process and the mark
is a number that rises by one. With a relay (see ``telemetry.events.relay``) the label names the
life of the common stream and the mark is the place in it, so that ids mean the same on all nodes.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Protocol

from leases.instants import rfc3339
from telemetry.events import counters
from telemetry.events.attention import Attention
from telemetry.events.bell import Bell
from telemetry.events.catalog import Event
from telemetry.events.groups import (
    Group,
    Mark,
    Published,
    Sample,
    group_of_event,
    group_of_feedback,
)
from telemetry.events.window import Window

WINDOW_EVENTS = 10_000
WINDOW_BYTES = 16 * 1024 * 1024
GROUP_MAX = 100
PATIENCE_SECS = 2.0


class Relay(Protocol):
    """What carries news to all nodes, this one included. It holds nobody up longer than a moment."""

    def offer(self, groups: Sequence[Group]) -> None: ...
    def rights_moved(self) -> None: ...
    def forget_feedback(self, persona_id: str, actor: str | None, until: str) -> None: ...


class Broadcaster:
    """Publishes events to any number of streams, safe to use from any thread."""

    def __init__(self, events: int = WINDOW_EVENTS, size: int = WINDOW_BYTES) -> None:
        self._lock = threading.Lock()
        self._arrived = threading.Condition(self._lock)
        self._window = Window(events, size, f"{secrets.randbits(64):016x}", (0,))
        self._relay: Relay | None = None
        self._bells: dict[asyncio.AbstractEventLoop, Bell] = {}
        self._cut = 0
        self._attention = Attention()
        self.rights = 0
        """Rises whenever rights may have moved; a verdict holds only while it is the same."""
        self.erasures = 0
        """Rises when events are emptied."""
        self.changes = 0
        """Rises with everything that readers are woken for."""
        self.degraded = False
        """Whether news of other nodes cannot arrive at present, nor be sent to them."""
        self.degraded_moved_at = datetime.now(UTC)
        """Since when it is so, or is not."""

    # --- publishing -----------------------------------------------------------------------------

    def publish(self, events: Sequence[Event], now: datetime) -> None:
        """Add ``events`` to the window, in this order, and wake the readers."""
        moment = rfc3339(now)
        self._offer([group_of_event(event, moment) for event in events])

    def publish_feedback(
        self, persona_id: str, actor_ref: str, samples: Sequence[Sample], now: datetime
    ) -> None:
        """Add a ``persona.feedback`` event for each sample; nothing is encoded before it is read.

        The samples are kept as they are, and must be sanitized and not change any more.
        """
        self.publish_given([(persona_id, actor_ref, samples)], now)

    def publish_given(
        self, given: Iterable[tuple[str, str, Sequence[Sample]]], now: datetime
    ) -> None:
        """The same for feedback that was stored together: persona, actor and samples of each.

        What one actor gave on one persona in a row becomes one group.
        """
        moment = rfc3339(now)
        groups = []
        for (persona_id, actor), together in groupby(given, key=itemgetter(0, 1)):
            samples = [sample for _, _, some in together for sample in some]
            groups += [
                group_of_feedback(persona_id, actor, samples[at : at + GROUP_MAX], moment)
                for at in range(0, len(samples), GROUP_MAX)
            ]
        self._offer(groups)

    def rights_moved(self) -> None:
        """Consent, a lease, a token or a role changed: what was judged before counts no more."""
        self.judge_anew()
        if self._relay is not None:
            self._relay.rights_moved()

    def forget_feedback(
        self, persona_id: str, actor: str | None, until: datetime | None = None
    ) -> None:
        """Empty the persona's feedback events, those of one actor or all; numbers stay taken.

        What was given up to ``until`` and has not arrived yet is emptied when it does.
        """
        moment = "" if until is None else rfc3339(until)
        self.empty(persona_id, actor, moment)
        if self._relay is not None:
            self._relay.forget_feedback(persona_id, actor, moment)

    def _offer(self, groups: Sequence[Group]) -> None:
        counters.PUBLISHED.inc(sum(group.count for group in groups))
        if self._relay is not None:
            self._relay.offer(groups)
        else:
            self.deliver((group, None) for group in groups)

    # --- what the relay tells of all nodes ------------------------------------------------------

    def attach(self, relay: Relay | None) -> None:
        """From now on what is published takes the way over ``relay``, and comes back from it."""
        with self._lock:
            self._relay = relay
            if relay is not None:
                self._window.label = ""  # until the relay tells where the common stream stands

    def deliver(self, groups: Iterable[tuple[Group, Mark | None]]) -> None:
        """Put groups into the window of this process, in this order, and wake its readers."""
        with self._lock:
            for group, mark in groups:
                self._window.append(group, mark)
            self._arrived.notify_all()
        self._wake()

    def begin_anew(self, label: str, mark: Mark) -> None:
        """Empty the window: what follows comes after ``mark`` in the stream named ``label``.

        Readers are told of a gap, since events may have passed unseen.
        """
        with self._lock:
            self._window.clear(label, mark)
            self._cut = self._window.last
            self._arrived.notify_all()
        self._wake()

    def judge_anew(self) -> None:
        """Forget the verdicts of this process."""
        with self._lock:
            self.rights += 1
        self._wake()

    def empty(self, persona_id: str, actor: str | None, until: str = "") -> None:
        """Take erased feedback out of the window of this process, and what of it comes late."""
        with self._lock:
            self._window.forget_feedback(persona_id, actor, until)
            self.erasures += 1

    def set_degraded(self, degraded: bool) -> None:
        """Whether the relay is cut off; readers are told when it changes."""
        if degraded != self.degraded:
            self.degraded_moved_at = datetime.now(UTC)
            self.degraded = degraded
            self._wake()

    # --- reading --------------------------------------------------------------------------------

    def event_id(self, number: int) -> str | None:
        """The id of an event in the window, or of the place before its first.

        None while a relay has not told yet what ids are like.
        """
        with self._lock:
            return self._window.event_id(number) if self._window.label else None

    def number_of(self, event_id: str) -> int | None:
        """The number that belongs to an id, or None for one that is not in the window.

        With a relay, an id that another node has seen a moment before this one is waited for:
        call it on a thread.
        """
        label, *parts = event_id.split("-")
        if not parts or not all(_is_number(part) for part in parts):
            return None
        mark = tuple(map(int, parts))
        self._attention.pay()
        deadline = time.monotonic() + PATIENCE_SECS
        with self._arrived:
            while self._may_arrive(label, mark) and (left := deadline - time.monotonic()) > 0:
                self._arrived.wait(left)
            ours = label == self._window.label and len(mark) == len(self._window.end)
            return self._window.number_of(mark) if ours else None

    def _may_arrive(self, label: str, mark: Mark) -> bool:
        if self._relay is None or self.degraded:
            return False
        known = self._window.label
        return not known or (known == label and mark > self._window.end)

    @property
    def last(self) -> int:
        """The number of the newest event; 0 before the first."""
        return self._window.last

    @property
    def cut(self) -> int:
        """Readers before this number have a gap that is not their fault."""
        return self._cut

    @property
    def oldest(self) -> int:
        """The number of the oldest event in the window, or the next number when it is empty."""
        with self._lock:
            return self._window.oldest

    @property
    def oldest_mark(self) -> Mark:
        """The mark of the oldest group in the window."""
        with self._lock:
            return self._window.oldest_mark

    def before_newest(self, count: int, prefixes: Sequence[str]) -> tuple[int, int]:
        """The position before the newest ``count`` events that ``prefixes`` select, and how many."""
        with self._lock:
            return self._window.before_newest(count, prefixes)

    def count_after(self, position: int, prefixes: Sequence[str]) -> int:
        """How many events in the window after ``position`` are selected by ``prefixes``."""
        with self._lock:
            return self._window.count_after(position, prefixes)

    def after(self, position: int, limit: int) -> list[Published] | None:
        """Up to ``limit`` events after ``position``; None when some have left the window."""
        with self._lock:
            if position < self._window.floor[0]:
                return None
            slices = list(self._window.after(position, limit))
        return [one for group, begin, end in slices for one in group.events(begin, end)]

    async def wait(
        self, changes: int, seconds: float, turn: Callable[[], bool] | None = None
    ) -> None:
        """Return when ``changes`` is no longer current, or after ``seconds``; see ``Bell.wait``."""
        self._attention.pay()
        loop = asyncio.get_running_loop()
        bell = self._bells.get(loop) or self._hang_up_bell(loop)
        if self.changes == changes:
            await bell.wait(seconds, lambda: self.changes != changes, turn)

    def wait_for_readers(self, seconds: float) -> None:
        """Return at once where anybody reads, else when somebody begins to or after ``seconds``."""
        if not self.waiting:
            self._attention.wait(seconds)

    @property
    def waiting(self) -> int:
        """How many readers are waiting for something to happen."""
        return sum(len(bell.waiting) for bell in list(self._bells.values()))

    def _hang_up_bell(self, loop: asyncio.AbstractEventLoop) -> Bell:
        with self._lock:
            self._bells = {one: bell for one, bell in self._bells.items() if not one.is_closed()}
            return self._bells.setdefault(loop, Bell(loop))

    def _wake(self) -> None:
        with self._lock:
            self.changes += 1
            bells = self._bells
        for bell in bells.values():
            bell.ring()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


broadcaster = Broadcaster()
