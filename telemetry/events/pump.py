"""From a reader to its transport, whichever that is (contract §8)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, Protocol, TypeVar

from telemetry.events.frames import WRITER
from telemetry.events.reader import Idle, Open, Reader

STALLED_SECS = 30.0

T = TypeVar("T")
P_contra = TypeVar("P_contra", contravariant=True)


class Writer(Protocol[P_contra]):
    """A transport that says whether it takes a payload at once."""

    @property
    def ready(self) -> bool:
        """Whether the stream has begun, has not ended, and its client reads fast enough."""

    def write(self, payload: P_contra) -> None:
        """Hand it over; only while ``ready``."""


class Pump(Generic[T]):
    """Sends what the reader has to say until it has no more.

    While the client reads as fast as events come, they are written by the very call that tells of
    them: to wake a task for each of many readers takes longer than to write to it. ``send`` holds
    up the task, and nobody else, while the client does not read.
    """

    def __init__(
        self,
        reader: Reader[T],
        send: Callable[[T], Awaitable[None]],
        writer: Writer[T] | None = None,
    ) -> None:
        self._reader = reader
        self._send = send
        self._writer = writer
        self._clock = asyncio.get_running_loop().time
        self._handed: float | None = None
        if writer is not None:
            reader.turn = self._turn

    async def run(self) -> None:
        """Return when the stream is over."""
        while (payload := await self._reader.next()) is not None:
            self._handed = self._clock()
            await self._send(payload)
            self._handed = None

    def _turn(self) -> bool:
        """Write what there is to write; whether nothing is left to do for the task."""
        writer, reader = self._writer, self._reader
        while writer is not None and writer.ready:
            told = reader.step()
            if isinstance(told, Idle):
                return True
            if told is None or isinstance(told, Open):
                break
            writer.write(told)
        return False

    @property
    def is_stuck(self) -> bool:
        """Whether the client takes nothing any more, and events have left the window unsent."""
        if self._handed is None or self._clock() - self._handed < STALLED_SECS:
            return False
        return self._reader.is_behind


def writer_of(scope: Any) -> Any:
    """The server's ``Writer`` for this stream, or None where the server has none."""
    return (scope.get("extensions") or {}).get(WRITER)
