"""Reads lines of the log in pieces, forwards and backwards, and finds an instant by bisection.

No lock is taken: rows are only ever appended, and a purge swaps the file, which an open descriptor
does not notice. Memory stays at a few megabytes whatever the file holds.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Final

PIECE: Final = 1 << 20
MAX_LINE: Final = 4 << 20
"""A longer line is no event; it is read past and stands as `OVERLONG` in its place."""
OVERLONG: Final = b"(line too long)"
_NEAR: Final = 256 << 10


def line_groups(descriptor: int, start: int, end: int) -> Iterator[list[bytes]]:
    """Lines of [start, end) in groups, without their ends; the last may lack its line end."""
    rest = b""
    overlong = False
    position = start
    while position < end:
        piece = os.pread(descriptor, min(PIECE, end - position), position)
        if not piece:
            break
        position += len(piece)
        lines = piece.split(b"\n")
        if len(lines) == 1:
            if len(rest) + len(piece) > MAX_LINE:
                overlong, rest = True, b""
            elif not overlong:
                rest += piece
            continue
        lines[0] = OVERLONG if overlong else rest + lines[0]
        overlong = False
        rest = lines.pop()
        yield lines
    if rest or overlong:
        yield [OVERLONG if overlong else rest]


def lines_backwards(descriptor: int, end: int) -> Iterator[tuple[int, bytes]]:
    """(offset, line) of [0, end), the last line first."""
    rest = b""
    position = offset = end
    while position > 0:
        size = min(PIECE if position < end else 16 << 10, position)
        position -= size
        lines = (os.pread(descriptor, size, position) + rest).split(b"\n")
        for line in reversed(lines[1:]):
            offset -= len(line)
            yield offset, line
            offset -= 1
        rest = lines[0]
        if len(rest) > MAX_LINE:
            rest = OVERLONG
    if end > 0:
        yield 0, rest


def offset_before(descriptor: int, end: int, instant: datetime) -> int:
    """Where to begin reading so that no row of `instant` or later is missed, given ordered rows.

    The offset is the start of a line. Reads a few dozen pieces of 64 KiB.
    """
    low, high = 0, end
    while high - low > _NEAR:
        middle = (low + high) // 2
        found = _first_dated(descriptor, middle, high)
        if found is not None and found[1] < instant:
            low = found[0]
        else:
            high = middle
    return low


def _first_dated(descriptor: int, position: int, end: int) -> tuple[int, datetime] | None:
    """(offset, instant) of the first line after `position` that tells its instant."""
    from telemetry.eventlog.views import instant_of

    size = 64 << 10
    while position < end:
        piece = os.pread(descriptor, min(size, end - position), position)
        if not piece:
            return None
        offset = position
        for line in piece.split(b"\n")[:-1]:
            if offset != position and (at := instant_of(line)) is not None:
                return offset, at
            offset += len(line) + 1
        # On from the line end before the line that was cut, or past what is one endless line.
        position = offset - 1 if offset - 1 > position else position + len(piece)
        if size < PIECE:
            size *= 2
    return None
