"""Which process of a node writes, and the way of the others to it.

The one that holds a lock on a file writes; the system lets go of it when that process ends,
however it does. The others look for it again and again, and one of them takes its place.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from pathlib import Path

from telemetry.ingestion.ingestor import Ingestor
from telemetry.ingestion.node.handing import Handing
from telemetry.ingestion.node.taking import Taker

logger = logging.getLogger(__name__)

LOOK_SECS = 0.25
LONGEST_PATH = 100
"""Bytes that the address of a Unix socket may have on every system."""


class Sharing:
    """One process' part in the node whose folder this is; for the process' event loop."""

    def __init__(self, folder: Path, ingestor: Ingestor) -> None:
        self._socket = folder / "writer"
        self._lock = folder / "writer.lock"
        self._ingestor = ingestor
        self._taker: Taker | None = None
        self._handing: Handing | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def hands_in(self) -> bool:
        """Whether another process writes what arrives at this one."""
        return self._handing is not None and not self._handing.lost.is_set()

    @property
    def writes(self) -> bool:
        """Whether this process writes for the others."""
        return self._taker is not None and not self._taker.leaving

    def start(self) -> None:
        """Take part from now on."""
        if len(os.fsencode(self._socket)) > LONGEST_PATH:
            logger.warning("node_folder_too_long", extra={"longest": LONGEST_PATH})
            return
        self._task = asyncio.get_running_loop().create_task(self._take_part())

    async def leave(self) -> None:
        """Take part no more; returns when all that was handed in, by either side, is answered."""
        if self._taker is not None:
            await self._taker.leave()
        if self._handing is not None:
            await self._handing.leave()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])  # however it ended: what follows is to be done

    async def _take_part(self) -> None:
        while True:
            try:
                held = _hold(self._lock)
                if held is None:
                    await self._hand_in()
                else:
                    await self._write_for_all(held)
            except OSError as error:
                # It has just ended, or is about to begin.
                logger.debug("node_writer_not_reached", extra={"error": type(error).__name__})
            await asyncio.sleep(LOOK_SECS)

    async def _write_for_all(self, held: int) -> None:
        """Until the process ends; ``held`` is the lock, which ends with this."""
        taker = Taker(self._ingestor)
        try:
            self._socket.unlink(missing_ok=True)
            loop = asyncio.get_running_loop()
            server = await loop.create_unix_server(taker.connection, str(self._socket))
            self._taker = taker
            logger.info("node_writer_began")
            try:
                await loop.create_future()
            finally:
                server.close()
        finally:
            os.close(held)

    async def _hand_in(self) -> None:
        """Until the connection ends."""
        loop = asyncio.get_running_loop()
        own = self._ingestor.submit_here
        _, handing = await loop.create_unix_connection(lambda: Handing(own), str(self._socket))
        self._handing = handing
        self._ingestor.hand_to(handing)
        try:
            await handing.lost.wait()
        finally:
            self._ingestor.hand_to(None)


def _hold(path: Path) -> int | None:
    """A descriptor that holds the lock, or None where another process does."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


_taking_part: Sharing | None = None


def share_writer(folder: Path, ingestor: Ingestor) -> None:
    """Have the processes that meet in ``folder`` write together, from this event loop's view."""
    global _taking_part  # noqa: PLW0603  one for each process
    _taking_part = Sharing(folder, ingestor)
    _taking_part.start()


async def leave_writer() -> None:
    """Go back to writing alone, as at the end of the process."""
    global _taking_part
    leaving, _taking_part = _taking_part, None
    if leaving is not None:
        await leaving.leave()
