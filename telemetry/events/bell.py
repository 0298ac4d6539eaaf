"""Wakes the readers of one event loop, once a round however much was published."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

logger = logging.getLogger(__name__)

# A round costs each reader a write, some 15 µs. A pause that grows with them leaves most of the loop
# to others, and puts what is published meanwhile into the same write.
PAUSE_PER_READER = 40e-6
LONGEST_PAUSE = 0.1
ALARM_GRAIN = 0.02


class _Waiter(NamedTuple):
    deadline: float
    turn: Callable[[], bool] | None


class Bell:
    """Rung from any thread; everything else happens on its loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.waiting: dict[asyncio.Future[None], _Waiter] = {}
        self._rung = False
        self._last_round = float("-inf")
        self._alarm: asyncio.TimerHandle | None = None

    def ring(self) -> None:
        """Wake all who wait, soon."""
        if self._rung or not self.waiting:
            return
        self._rung = True
        # A loop that has ended has no readers left to wake.
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._answer)

    async def wait(
        self,
        seconds: float,
        happened: Callable[[], bool],
        turn: Callable[[], bool] | None = None,
    ) -> None:
        """Return when it is rung, or after ``seconds``, give or take the grain of the alarm.

        At once when it has ``happened`` by the time that a ring would be heard. ``turn`` is called
        at each ring first: while it returns True, what was rung for is done and the wait goes on.
        """
        deadline = self.loop.time() + seconds
        future: asyncio.Future[None] = self.loop.create_future()
        self.waiting[future] = _Waiter(deadline, turn)
        if happened():
            del self.waiting[future]
            return
        if self._alarm is None or deadline < self._alarm.when():
            self._set_alarm(deadline)
        try:
            await future
        finally:
            self.waiting.pop(future, None)

    def _answer(self) -> None:
        pause = min(LONGEST_PAUSE, PAUSE_PER_READER * len(self.waiting))
        begin = self._last_round + pause
        if self.loop.time() < begin:
            self.loop.call_at(begin, self._round)
        else:
            self._round()

    def _round(self) -> None:
        # First the flag: what is published from here on asks for another round.
        self._rung = False
        self._last_round = self.loop.time()
        for future, waiter in list(self.waiting.items()):
            if future.done() or (waiter.turn is not None and self._taken(waiter.turn)):
                continue
            del self.waiting[future]
            future.set_result(None)

    def _taken(self, turn: Callable[[], bool]) -> bool:
        try:
            return turn()
        except Exception:
            # Whoever waits meets it again, and is the one to say what it means.
            logger.exception("turn_failed")
            return False

    def _set_alarm(self, moment: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        earliest = self.loop.time() + ALARM_GRAIN
        self._alarm = self.loop.call_at(max(moment, earliest), self._on_alarm)

    def _on_alarm(self) -> None:
        self._alarm = None
        now = self.loop.time()
        later = []
        for future, waiter in self.waiting.items():
            if waiter.deadline > now:
                later.append(waiter.deadline)
            elif not future.done():
                future.set_result(None)
        if later:
            self._set_alarm(min(later))
