"""Copies of removed events, each with its SHA-256 beside it; nothing is ever overwritten."""

import os
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from telemetry.eventlog.errors import LogUnwritable
from telemetry.eventlog.files import write_all
from telemetry.eventlog.instants import format_instant
from telemetry.eventlog.paths import Folder
from telemetry.eventlog.reading import PIECE

FOLDER: Final = "archive"


class Archive:
    """`archive/events-20260214T120000Z.jsonl`, with `-2` and so on where that exists already."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self._folder = Folder.open(folder / FOLDER, create=True)
        self._digest = sha256()
        self.name, self._descriptor = self._new_file(now)

    def add(self, source: int, end: int) -> None:
        """Appends the bytes [0, end) of a file."""
        for piece in pieces(source, 0, end):
            write_all(self._descriptor, piece)
            self._digest.update(piece)

    def finish(self) -> tuple[Path, str]:
        """The archive's path and SHA-256, once both are on disk."""
        os.fsync(self._descriptor)
        digest = self._digest.hexdigest()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        beside = self._folder.open_file(f"{self.name}.sha256", flags)
        try:
            write_all(beside, f"{digest}  {self.name}\n".encode())
            os.fsync(beside)
        finally:
            os.close(beside)
        self._folder.sync()
        return self._folder.path / self.name, digest

    def discard(self) -> None:
        """Takes the archive back: what it holds is still in the log."""
        for name in (self.name, f"{self.name}.sha256"):
            if self._folder.facts(name):
                self._folder.remove(name)

    def close(self) -> None:
        os.close(self._descriptor)
        self._folder.close()

    def _new_file(self, now: datetime) -> tuple[str, int]:
        stem = "events-" + format_instant(now).replace("-", "").replace(":", "")
        for number in range(1, 1000):
            name = f"{stem}.jsonl" if number == 1 else f"{stem}-{number}.jsonl"
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
                return name, self._folder.open_file(name, flags)
            except FileExistsError:
                continue
        raise LogUnwritable(f"{self._folder.path} holds too many archives of this second")


def pieces(source: int, start: int, end: int) -> Iterator[bytes]:
    """The bytes [start, end) of a file, a megabyte at a time."""
    while start < end and (piece := os.pread(source, min(PIECE, end - start), start)):
        yield piece
        start += len(piece)
