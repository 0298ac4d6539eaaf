"""Where a purge cuts the log, and the file that takes the place of the one it cuts."""

import os
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from telemetry.eventlog.archive import pieces
from telemetry.eventlog.chain import Hashes, hashes_of
from telemetry.eventlog.counting import count_rows
from telemetry.eventlog.files import write_all
from telemetry.eventlog.paths import LIVE, Folder
from telemetry.eventlog.reading import MAX_LINE
from telemetry.eventlog.rows import Pending, encode
from telemetry.eventlog.state import State
from telemetry.eventlog.views import instant_of

_PREFIX: Final = ".purge."


@dataclass(frozen=True, slots=True)
class Cut:
    """Everything before `offset` of the file with index `file` goes.

    `removed`: rows in all; `removed_from_file`: rows of the file that is cut. `chain_start`: what
    the first row that stays follows; None where none stays. `sealed_rows`, `sealed_bytes`: of the
    sealed segments afterwards.
    """

    file: int
    offset: int
    removed: int
    removed_from_file: int
    chain_start: str | None
    sealed_rows: int
    sealed_bytes: int


def find_cut(opened: list[tuple[str, int]], before: datetime) -> Cut:
    """The cut ahead of the first row of `before` or later, or after everything."""
    sizes = [os.fstat(descriptor).st_size for _, descriptor in opened]
    for index, (_, descriptor) in enumerate(opened):
        found = _first_since(descriptor, before)
        if found is not None:
            offset, line = found
            hashes = hashes_of(line)
            start = hashes.prev_hash if isinstance(hashes, Hashes) else "unknown"
            return _cut(opened, sizes, index, offset, start)
    last = len(opened) - 1
    return _cut(opened, sizes, last, _whole_lines(opened[last][1]) if opened else 0, None)


def _cut(
    opened: list[tuple[str, int]], sizes: list[int], file: int, offset: int, start: str | None
) -> Cut:
    if not opened:
        return Cut(0, 0, 0, 0, None, 0, 0)
    rows = [
        count_rows(descriptor, 0, offset if index == file else sizes[index])
        for index, (_, descriptor) in enumerate(opened[: file + 1])
    ]
    sealed_rows = sealed_bytes = 0
    for index, (name, descriptor) in enumerate(opened):
        if index >= file and name != LIVE:
            begin = offset if index == file else 0
            sealed_rows += count_rows(descriptor, begin, sizes[index])
            sealed_bytes += sizes[index] - begin
    return Cut(file, offset, sum(rows), rows[-1], start, sealed_rows, sealed_bytes)


def _first_since(descriptor: int, before: datetime) -> tuple[int, bytes] | None:
    """(offset, line) of the first row that happened at `before` or later."""
    with os.fdopen(os.dup(descriptor), "rb") as stream:
        offset = stream.seek(0)
        while line := stream.readline(MAX_LINE):
            at = instant_of(line)
            if at is not None and at >= before:
                return offset, line.rstrip(b"\n")
            offset += len(line)
    return None


def _whole_lines(descriptor: int) -> int:
    """Where the last complete line ends: a row that is being written is not cut in two."""
    end = os.fstat(descriptor).st_size
    while end > 0:
        begin = max(end - MAX_LINE, 0)
        found = os.pread(descriptor, end - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0


def remove_leftovers(folder: Folder) -> None:
    """Removes what a purge that was killed left behind; needs the purge's lock."""
    for name in folder.names():
        if name.startswith(_PREFIX):
            folder.remove(name)


class Replacement:
    """A new file beside the log, removed again unless it takes a place."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._name = f"{_PREFIX}{os.urandom(6).hex()}.part"
        self._descriptor = folder.open_file(
            self._name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND
        )
        self.copied = 0

    def copy(self, source: int, start: int) -> None:
        """Appends the bytes of `source` from `start` to where it ends now."""
        for piece in pieces(source, start, os.fstat(source).st_size):
            write_all(self._descriptor, piece)
            self.copied += len(piece)

    def finish(self, rows: list[Pending], state: State, now: str) -> State:
        """Appends rows in the chain, syncs, and tells where the chain stands in this file."""
        head = state.head
        for row in rows:
            line, head = encode(row, head, now)
            write_all(self._descriptor, line)
        self.sync()
        facts = os.fstat(self._descriptor)
        return State(facts.st_ino, facts.st_size, state.rows + len(rows), head)

    def sync(self) -> None:
        os.fsync(self._descriptor)

    def take_place(self, name: str) -> None:
        self._folder.rename(self._name, name)
        self._name = ""
        self._folder.sync()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._name:
            self._folder.remove(self._name)
        os.close(self._descriptor)
