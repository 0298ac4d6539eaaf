"""The process that writes for its node: takes what others hand in, and tells what came of it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, cast

from telemetry.errors import Overloaded
from telemetry.ingestion.node.frames import (
    LEAVE_SECS,
    Frames,
    Handed,
    Malformed,
    NotTaken,
    Told,
    frame,
    read_handed,
    spelled,
)
from telemetry.ingestion.submission import Outcome
from telemetry.ingestion.tickets import Ticket

if TYPE_CHECKING:
    from telemetry.ingestion.ingestor import Ingestor

logger = logging.getLogger(__name__)


class Taker:
    """All connections of one writing process; for its event loop."""

    def __init__(self, ingestor: Ingestor) -> None:
        self.ingestor = ingestor
        self.leaving = False
        self._open: set[Taking] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    def connection(self) -> Taking:
        """A protocol for one more process."""
        return Taking(self)

    def came(self, one: Taking) -> None:
        self._open.add(one)
        self._empty.clear()
        if self.leaving:
            one.say_goodbye()

    def went(self, one: Taking) -> None:
        self._open.discard(one)
        if not self._open:
            self._empty.set()

    async def leave(self) -> None:
        """Have the others hand in elsewhere; returns when each has heard of all that it handed in."""
        self.leaving = True
        for one in self._open:
            one.say_goodbye()
        try:
            await asyncio.wait_for(self._empty.wait(), LEAVE_SECS)
        except TimeoutError:
            logger.warning("node_writer_left_open", extra={"connections": len(self._open)})


class Taking(asyncio.Protocol):
    """One process that hands in."""

    def __init__(self, taker: Taker) -> None:
        self._taker = taker
        self._frames = Frames()
        self._told: Told = []
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._taker.came(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._taker.went(self)

    def data_received(self, data: bytes) -> None:
        try:
            for content in self._frames.cut(data):
                self._take(read_handed(content), len(content))
        except Malformed:
            logger.error("node_writer_misunderstood")
            if self._transport is not None:
                self._transport.abort()

    def tell(self, number: int, outcome: Outcome) -> None:
        """Say what became of a submission; what one round of the loop brings goes out together."""
        if not self._told:
            self._loop.call_soon(self._send)
        self._told.append((number, *spelled(outcome)))

    def say_goodbye(self) -> None:
        """Have it hand in elsewhere from now on."""
        if self._transport is not None:
            self._transport.write(frame([]))

    def _send(self) -> None:
        told, self._told = self._told, []
        if self._transport is not None:
            self._transport.write(frame(told))

    def _take(self, handed: Handed, size: int) -> None:
        ingestor = self._taker.ingestor
        if self._taker.leaving or not ingestor.reserve(size):
            refused = NotTaken() if self._taker.leaving else Overloaded()
            for number, _ in handed:
                self.tell(number, refused)
            return
        one = _Frame(self, size, len(handed))
        ingestor.take_in(
            [Ticket(what, _Answer(one, number), self._loop) for number, what in handed]
        )

    def release(self, size: int) -> None:
        """Give back the room of a frame that was answered whole."""
        self._taker.ingestor.release(size)


class _Frame:
    """What came in one frame, and how much of it is not answered yet."""

    __slots__ = ("_connection", "_left", "_size")

    def __init__(self, connection: Taking, size: int, count: int) -> None:
        self._connection = connection
        self._size = size
        self._left = count

    def tell(self, number: int, outcome: Outcome) -> None:
        self._connection.tell(number, outcome)
        self._left -= 1
        if not self._left:
            self._connection.release(self._size)


class _Answer:
    """Where a ticket's outcome goes, in place of a future."""

    __slots__ = ("_done", "_frame", "_number")

    def __init__(self, handed: _Frame, number: int) -> None:
        self._frame = handed
        self._number = number
        self._done = False

    def done(self) -> bool:
        return self._done

    def set_result(self, outcome: Outcome) -> None:
        self._done = True
        self._frame.tell(self._number, outcome)
