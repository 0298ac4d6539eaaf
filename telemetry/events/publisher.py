"""Takes events to Redis in the background (contract §8).

Whoever publishes waits for Redis a moment at most, so that what is answered first stands first in
the stream whichever node it was given to; with a Redis that is slow or away nobody waits.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from redis import Redis
from redis.exceptions import RedisError

from telemetry.events import counters
from telemetry.events.entries import Item, What, item_of, pack
from telemetry.events.groups import Group
from telemetry.events.stream_scripts import ADD, HEAD, ORIGIN, STREAM

logger = logging.getLogger(__name__)

QUEUE_EVENTS = 10_000
QUEUE_WEIGHT = 16 * 1024 * 1024
ENTRY_EVENTS = 1_000
ENTRY_WEIGHT = 1024 * 1024
STREAM_ENTRIES = 10_000
RETRY_SECS = 0.25
ORDER_SECS = 0.05  # the longest that a publisher is held up
CUT_SECS = 2.0  # by then every node that follows has read what is about to be cut off


class Publisher(threading.Thread):
    """One thread with a bounded queue. What does not fit any more is lost, and told as lost."""

    def __init__(self, client: Redis, oldest_id: Callable[[], str]) -> None:
        super().__init__(name="arw-events-publisher", daemon=True)
        self.origin = secrets.token_hex(8)
        self._script = client.register_script(ADD)
        self._client = client
        self._oldest_id = oldest_id
        self._queue: deque[Group | Item] = deque()
        self._events = self._weight = 0
        self._lost = False
        self._number = 1
        self._sending = False
        self._slow = False
        self._closing = False
        self._handed = self._taken_up_to = self._sent_up_to = 0
        self._changed = threading.Condition()
        self._cut: tuple[float, str] | None = None

    # --- by whoever publishes -------------------------------------------------------------------

    def put(self, groups: Sequence[Group]) -> None:
        """Have the groups sent, in this order, before what is published after this returns."""
        with self._changed:
            for group in groups:
                self._queue.append(group)
                self._events += group.count
                self._weight += group.weight
            if self._events > QUEUE_EVENTS or self._weight > QUEUE_WEIGHT:
                self._shed()
            self._handed += 1
            mark = self._handed
            self._changed.notify_all()
            if not self._slow and not self._changed.wait_for(
                lambda: self._slow or self._closing or self._sent_up_to >= mark, ORDER_SECS
            ):
                self._slow = True

    def tell(self, item: Item) -> None:
        """Have news sent, in its place among the events."""
        with self._changed:
            # Rights that moved twice in a row moved.
            if item.what is not What.RIGHTS or not (self._queue and self._queue[-1] == item):
                self._queue.append(item)
            if item.what is What.FORGET:
                self._forget(item)
            self._changed.notify_all()

    def close(self, seconds: float) -> None:
        """Send what waits, but take no longer than that."""
        with self._changed:
            self._changed.wait_for(lambda: not (self._queue or self._sending), seconds)
            self._closing = True
            self._changed.notify_all()
        if self.is_alive():
            self.join(seconds)

    def _shed(self) -> None:
        """Drop the oldest events, and no news."""
        kept: deque[Group | Item] = deque()
        while self._queue and (self._events > QUEUE_EVENTS or self._weight > QUEUE_WEIGHT):
            first = self._queue.popleft()
            if isinstance(first, Item):
                kept.append(first)
                continue
            self._events -= first.count
            self._weight -= first.weight
            self._lost = True
            counters.LOST.inc(first.count)
        self._queue.extendleft(reversed(kept))

    def _forget(self, item: Item) -> None:
        groups = [one for one in self._queue if isinstance(one, Group)]
        for one in groups:
            if one.persona_id == item.persona_id and item.actor in ("", one.actor):
                self._weight -= one.erase()

    # --- on its own thread ----------------------------------------------------------------------

    def run(self) -> None:
        while True:
            items = self._take()
            if items is None:
                return
            if items:
                self._send(pack(items), any(item.what is What.FORGET for item in items))
            with self._changed:
                self._sending = self._slow = False
                self._sent_up_to = self._taken_up_to
                self._changed.notify_all()

    def _take(self) -> list[Item] | None:
        with self._changed:
            while not self._queue and not self._closing:
                left = None if self._cut is None else self._cut[0] - time.monotonic()
                if left is not None and left <= 0:
                    break
                self._changed.wait(left)
            if self._closing and not self._queue:
                return None
            self._sending = True
            taken = self._taken()
        self._cut_off()
        # Packed outside the lock: that is the work.
        return [one if isinstance(one, Item) else item_of(one) for one in taken]

    def _taken(self) -> list[Group | Item]:
        taken: list[Group | Item] = []
        if self._lost:
            self._lost = False
            taken.append(Item(What.LOST))
        events = weight = 0
        while self._queue and events < ENTRY_EVENTS and weight < ENTRY_WEIGHT:
            one = self._queue.popleft()
            if isinstance(one, Group):
                self._events -= one.count
                self._weight -= one.weight
                events += one.count
                weight += one.weight
                if one.erased:
                    continue
            taken.append(one)
        if not self._queue:
            self._taken_up_to = self._handed
        return taken

    def _send(self, entry: bytes, forgets: bool) -> None:
        """Until it is there, or the process ends. Sent twice, it is added once."""
        number, self._number = self._number, self._number + 1
        failing = False
        while True:
            try:
                *_, last = self._add(number, entry)
                break
            except RedisError as error:
                if not failing:
                    failing = True
                    logger.error("events_not_sent", extra={"error": type(error).__name__})
                with self._changed:
                    self._slow = True
                    self._changed.notify_all()
                    if self._changed.wait_for(lambda: self._closing, RETRY_SECS):
                        return
        if failing:
            logger.info("events_sent_again")
        if forgets and last:
            # What was erased shall not stay in Redis until newer events push it out.
            self._cut = (time.monotonic() + CUT_SECS, last.decode())

    def _add(self, number: int, entry: bytes) -> list[bytes]:
        keys = [HEAD, STREAM, ORIGIN + self.origin]
        fresh = secrets.token_hex(8)
        arguments: list[str | int | bytes] = [
            fresh,
            STREAM_ENTRIES,
            self._oldest_id(),
            number,
            entry,
        ]
        added: list[bytes] = self._script(keys, arguments)
        return added

    def _cut_off(self) -> None:
        cut = self._cut
        if cut is None or time.monotonic() < cut[0]:
            return
        try:
            self._client.xtrim(STREAM, minid=cut[1], approximate=False)
            self._cut = None
        except RedisError:
            self._cut = (time.monotonic() + CUT_SECS, cut[1])
