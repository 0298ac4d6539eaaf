"""A process that has its feedback written by another one of its node."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TypeAlias, cast

from telemetry.errors import Overloaded, StoreUnavailable
from telemetry.ingestion.node.frames import (
    LEAVE_SECS,
    Frames,
    Handed,
    Malformed,
    NotTaken,
    frame,
    outcome_of,
    read_told,
)
from telemetry.ingestion.submission import Outcome, Submission

logger = logging.getLogger(__name__)

# More samples in a request are a group of their own, and to spell them out twice would cost more.
MOST_SAMPLES = 16

Awaited: TypeAlias = "asyncio.Future[Outcome]"
Own: TypeAlias = Callable[[Submission], Awaited]
"""Hands a submission to the process' own writer; raises ``Overloaded``."""


class Handing(asyncio.Protocol):
    """The connection to the process that writes; for one event loop.

    When it is lost, nobody can tell what of that which was handed in was stored: the outcome is
    ``StoreUnavailable``, as where a database is lost at the commit.
    """

    def __init__(self, own: Own) -> None:
        self._own = own
        self._frames = Frames()
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._handed: Handed = []
        self._awaited: dict[int, tuple[Submission, Awaited]] = {}
        self._numbers = 0
        self._leaving = self._paused = False
        self.lost = asyncio.Event()

    def takes(self, one: Submission) -> bool:
        """Whether this one is to be handed in here."""
        usable = self._transport is not None and not (self._leaving or self._paused)
        return usable and len(one.samples) <= MOST_SAMPLES

    @property
    def waiting(self) -> int:
        """How many samples were handed in and are not answered yet."""
        return sum(len(one.samples) for one, _ in self._awaited.values())

    def hand_in(self, one: Submission) -> Awaited:
        """The future of its outcome. What one round of the loop brings goes out together."""
        answer: Awaited = self._loop.create_future()
        if not self._handed:
            self._loop.call_soon(self._send)
        self._numbers += 1
        self._awaited[self._numbers] = one, answer
        self._handed.append((self._numbers, one))
        return answer

    async def leave(self) -> None:
        """Hand in nothing more; returns when the connection has ended, once all is answered."""
        self._leave()
        try:
            await asyncio.wait_for(self.lost.wait(), LEAVE_SECS)
        except TimeoutError:
            self._give_up()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def pause_writing(self) -> None:
        self._paused = True  # it is too busy to read

    def resume_writing(self) -> None:
        self._paused = False

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._handed = []
        awaited, self._awaited = self._awaited, {}
        for _, answer in awaited.values():
            _resolve(answer, StoreUnavailable())
        if awaited:
            logger.error("node_writer_lost", extra={"requests": len(awaited)})
        self.lost.set()

    def data_received(self, data: bytes) -> None:
        try:
            for content in self._frames.cut(data):
                told = read_told(content)
                for number, count, wait in told:
                    self._tell(number, outcome_of(count, wait))
                if not told:
                    self._leave()
        except Malformed:
            logger.error("node_writer_misunderstood")
            self._give_up()

    def _leave(self) -> None:
        self._leaving = True
        if not self._awaited and self._transport is not None:
            self._transport.close()

    def _give_up(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _send(self) -> None:
        handed, self._handed = self._handed, []
        if handed and self._transport is not None:
            self._transport.write(frame(handed))

    def _tell(self, number: int, outcome: Outcome) -> None:
        known = self._awaited.pop(number, None)
        if known is None:
            raise Malformed
        one, answer = known
        if isinstance(outcome, NotTaken):
            self._write_here(one, answer)
        else:
            _resolve(answer, outcome)
        if self._leaving:
            self._leave()

    def _write_here(self, one: Submission, answer: Awaited) -> None:
        try:
            here = self._own(one)
        except Overloaded as overloaded:
            _resolve(answer, overloaded)
        else:
            here.add_done_callback(lambda done: _resolve(answer, done.result()))


def _resolve(answer: Awaited, outcome: Outcome) -> None:
    if not answer.done():
        answer.set_result(outcome)
