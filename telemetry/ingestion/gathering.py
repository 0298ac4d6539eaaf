"""What waits for the writer, and how much of it becomes one commit (contract §7). Knows no Django."""

from __future__ import annotations

import queue
import time

from telemetry.ingestion.tickets import Ticket

GROUP_REQUESTS = 512
GROUP_SAMPLES = 4_000
# So long after an answer the next group waits for those who got it, who often come again at once;
# and so long after the last of them came.
RETURN_SECS = 0.008
PAUSE_SECS = 0.003


class Waiting:
    """Requests in the order in which they came, for one writer, which takes them in groups.

    It takes what is there, at once. Where a commit costs much and a request in it little, as on
    nodes that wait for each other's locks, ``gathers`` has it wait a moment for the clients that
    it has just answered: whoever keeps ten requests under way then has ten in the next group, and
    not one there and nine in the one after it. A client that comes alone finds nobody to wait for.
    """

    def __init__(self, *, gathers: bool) -> None:
        self._gathers = gathers
        self._queue: queue.SimpleQueue[list[Ticket] | None] = queue.SimpleQueue()
        self._left: list[Ticket] = []
        self._answered, self._answered_at = 0, 0.0

    def put(self, tickets: list[Ticket]) -> None:
        """Add requests; from any thread."""
        self._queue.put(tickets)

    def end(self) -> None:
        """Nothing more will come."""
        self._queue.put(None)

    def answered(self, count: int) -> None:
        """So many were answered just now."""
        self._answered, self._answered_at = count, time.monotonic()

    def take(self) -> list[Ticket]:
        """What is to be committed next; empty when there is nothing and never will be."""
        waiting = self._left
        self._draw(waiting, 0.0)
        wanted = len(waiting) + self._answered if self._gathers else 0
        if not waiting:
            self._draw(waiting, None)
        while waiting and len(waiting) < min(wanted, GROUP_REQUESTS):
            left = self._answered_at + RETURN_SECS - time.monotonic()
            if left <= 0 or not self._draw(waiting, min(left, PAUSE_SECS)):
                break
        group: list[Ticket] = []
        samples = 0
        for ticket in waiting:
            if len(group) == GROUP_REQUESTS or samples >= GROUP_SAMPLES:
                break
            group.append(ticket)
            samples += len(ticket.submission.samples)
        self._left = waiting[len(group) :]
        return group

    def _draw(self, waiting: list[Ticket], seconds: float | None) -> bool:
        """Add what comes in so many seconds, and what else is there then; whether anything was.

        None is until it comes, or the end does.
        """
        before = len(waiting)
        try:
            came = self._queue.get(timeout=seconds)
            while came is not None:
                waiting += came
                came = self._queue.get(block=False)
            self._queue.put(None)  # for the next turn, which ends here
        except queue.Empty:
            pass
        return len(waiting) > before
