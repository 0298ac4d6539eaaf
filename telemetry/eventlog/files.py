"""The writers' open files: the lock that orders them, the live file, and writing whole or not at all."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from telemetry.eventlog.anchor import AnchorFile
from telemetry.eventlog.errors import LogUnwritable
from telemetry.eventlog.paths import LIVE, Folder, Home

LOCK: Final = "events.lock"


class LogFiles:
    """One process's descriptors. A file that was renamed away is opened anew under the lock."""

    def __init__(self, home: Home) -> None:
        self.folder = Folder.open(home.folder, create=True)
        try:
            self._lock = self.folder.open_file(LOCK, os.O_RDWR | os.O_CREAT)
            self.anchor = AnchorFile(self.folder)
        except BaseException:
            self.folder.close()
            raise
        self._live = -1

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Only one writer at a time, across processes; readers never ask."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def live(self) -> int:
        """The descriptor of `events.jsonl` as it is now; made where there is none. Needs the lock."""
        facts = self.folder.facts(LIVE)
        if self._live >= 0:
            own = os.fstat(self._live)
            if facts and (facts.st_ino, facts.st_dev) == (own.st_ino, own.st_dev):
                return self._live
            os.close(self._live)
            self._live = -1
        self._live = self.folder.open_file(LIVE, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        if facts is None:
            self.folder.sync()
        return self._live

    def close(self) -> None:
        for descriptor in (self._live, self._lock):
            if descriptor >= 0:
                os.close(descriptor)
        self._live = self._lock = -1
        self.anchor.close()
        self.folder.close()


def write_all(descriptor: int, data: bytes) -> None:
    """Appends all of `data`. Raises OSError with part of it written."""
    view = memoryview(data)
    while view:
        written = os.write(descriptor, view)
        if not written:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        view = view[written:]


def unwritable(problem: OSError, folder: Folder) -> LogUnwritable:
    """The error that tells an operator what the disk said."""
    reason = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
        errno.EFBIG: "the file may not grow further",
        errno.EROFS: "the disk is read-only",
    }.get(problem.errno or 0, problem.strerror or "the disk failed")
    return LogUnwritable(f"nothing was recorded in {folder.path}: {reason}")
