"""A writer on a thread of its own, for callers that must not wait for the disk (contract §9)."""

import threading
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Final

from telemetry.eventlog.errors import EventLogError, EventRefused
from telemetry.eventlog.rows import Event
from telemetry.eventlog.store import Store

_BATCH: Final = 256
_ATTEMPTS: Final = 3
_PAUSE: Final = 0.2
"""Seconds between attempts on a disk that refuses; `close` does not wait for them."""

OnLoss = Callable[[int, str], None]


class BackgroundWriter:
    """Takes events without waiting and stores them in order, in batches.

    `capacity`: events that may wait; one more is lost, at once. `on_loss(count, reason)` is told of
    every loss, on the thread where it happens; reasons are `queue_full`, `unwritable`, `refused`,
    `closed`. The thread starts with the first event and ends with `close`.
    """

    def __init__(
        self, store: Store, *, capacity: int = 10_000, on_loss: OnLoss | None = None
    ) -> None:
        self._store = store
        self._capacity = capacity
        self._on_loss = on_loss
        self._queue: deque[Event] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self._under_way = 0
        self.written = 0
        self.lost = 0

    def submit(self, event: Event) -> bool:
        """Queues an event; False if it is lost. Takes microseconds whatever the disk does."""
        with self._changed:
            reason = "closed" if self._is_closed else "queue_full"
            if not self._is_closed and len(self._queue) < self._capacity:
                self._queue.append(event)
                self._start()
                self._changed.notify_all()
                return True
        self._lose(1, reason)
        return False

    @property
    def waiting(self) -> int:
        """Events that are not stored yet."""
        with self._changed:
            return len(self._queue) + self._under_way

    def flush(self, timeout: float | None = None) -> bool:
        """Waits, `timeout` seconds at most, until everything submitted is stored or lost."""
        end = None if timeout is None else monotonic() + timeout
        with self._changed:
            while self._queue or self._under_way:
                left = None if end is None else end - monotonic()
                if left is not None and left <= 0:
                    return False
                self._changed.wait(left)
        return True

    def close(self, timeout: float | None = 10.0) -> bool:
        """Takes no more events, stores what waits, and ends the thread. True if nothing was left."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            thread = self._thread
        is_empty = self.flush(timeout)
        if thread is not None and is_empty:
            thread.join(timeout)
        with self._changed:
            left = len(self._queue)
            self._queue.clear()
        if left:
            self._lose(left, "closed")
        return is_empty

    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():  # a fork leaves threads behind
            self._under_way = 0
            self._thread = threading.Thread(target=self._run, name="eventlog-writer", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while batch := self._next():
            self._store_all(batch)
            with self._changed:
                self._under_way = 0
                self._changed.notify_all()

    def _next(self) -> list[Event]:
        """The next batch; empty when the writer is closed and nothing waits."""
        with self._changed:
            while not self._queue and not self._is_closed:
                self._changed.wait()
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), _BATCH))]
            self._under_way = len(batch)
            return batch

    def _store_all(self, batch: list[Event]) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._store.append_many(batch)
            except EventRefused:
                self._store_each(batch)
                return
            except EventLogError:
                if attempt < _ATTEMPTS:
                    self._pause()
            except Exception:  # noqa: BLE001  a thread that dies would lose all that follows
                break
            else:
                self.written += len(batch)
                return
        self._lose(len(batch), "unwritable")

    def _store_each(self, batch: list[Event]) -> None:
        """One event among them cannot be stored; the others can."""
        for event in batch:
            try:
                self._store.append(event)
            except EventRefused:
                self._lose(1, "refused")
            except Exception:  # noqa: BLE001  the same
                self._lose(1, "unwritable")
            else:
                self.written += 1

    def _pause(self) -> None:
        with self._changed:
            if not self._is_closed:
                self._changed.wait_for(lambda: self._is_closed, _PAUSE)

    def _lose(self, count: int, reason: str) -> None:
        with self._changed:
            self.lost += count
        if self._on_loss is not None:
            self._on_loss(count, reason)
