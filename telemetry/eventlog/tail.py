"""The end of a file of the log: its newest whole row, and what a crash left behind it."""

import os
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from telemetry.eventlog.chain import Fault, Hashes, hashes_of, holds
from telemetry.eventlog.reading import PIECE, lines_backwards

_QUICK: Final = 8 << 10


@dataclass(frozen=True, slots=True)
class Tail:
    """`head`: the hash of the newest whole row, None where there is none. `whole`: where the last
    complete line ends. `size`: of the file. `corrupt`: complete lines after the newest whole row.
    `unfinished`: the last line is a whole row that lacks only its line end.
    """

    head: str | None
    whole: int
    size: int
    corrupt: int = 0
    unfinished: bool = False

    @property
    def torn(self) -> int:
        return self.size - self.whole


def tail_of(descriptor: int) -> Tail:
    """What stands at the end; reads one small piece where all is well."""
    size = os.fstat(descriptor).st_size
    piece = os.pread(descriptor, _QUICK, max(size - _QUICK, 0))
    if piece.endswith(b"\n"):
        start = piece.rfind(b"\n", 0, -1) + 1
        found = hashes_of(piece[start:-1])
        if isinstance(found, Hashes):
            return Tail(found.event_hash, size, size)
    return _looked_for(descriptor, size)


def _looked_for(descriptor: int, size: int) -> Tail:
    whole = size
    corrupt = 0
    for number, (offset, line) in enumerate(lines_backwards(descriptor, size)):
        if not line.strip():
            continue
        found = hashes_of(line)
        if number == 0:  # no line end after it
            if isinstance(found, Hashes) and holds(line, found):
                return Tail(found.event_hash, offset, size, unfinished=True)
            whole = offset
        elif isinstance(found, Hashes):
            return Tail(found.event_hash, whole, size, corrupt)
        else:
            corrupt += 1
    return Tail(None, whole, size, corrupt)


def row_ending_at(descriptor: int, end: int) -> str | None:
    """The hash of the row whose line ends right before `end`; None where that is no row."""
    for number, (_, line) in enumerate(lines_backwards(descriptor, end)):
        if number == 0:
            if line:
                return None  # `end` is in the middle of a line
        elif line.strip():
            found = hashes_of(line)
            return None if isinstance(found, Fault) else found.event_hash
    return None


def digest_of(descriptor: int, start: int, end: int) -> str:
    """SHA-256 of the bytes [start, end)."""
    digest = sha256()
    while start < end and (piece := os.pread(descriptor, min(PIECE, end - start), start)):
        digest.update(piece)
        start += len(piece)
    return digest.hexdigest()


def mentions(descriptor: int, hash_: str) -> bool:
    """Whether a row of the file has this hash, or follows the row that has it."""
    wanted = hash_.encode()
    position, rest = 0, b""
    while piece := os.pread(descriptor, PIECE, position):
        if wanted in rest + piece:
            return True
        rest = piece[-len(wanted) :]
        position += len(piece)
    return False
