"""How many events a log holds, without reading it where that can be helped."""

import json
import os
from contextlib import suppress
from typing import Final

from telemetry.eventlog import anchor as anchors
from telemetry.eventlog.anchor import Anchor
from telemetry.eventlog.errors import EventLogError
from telemetry.eventlog.paths import LIVE, Folder
from telemetry.eventlog.segments import opened_files

_PIECE: Final = 4 << 20
_CACHE: Final = "events.count"
_WORTH_KEEPING: Final = 4 << 20


def count_rows(descriptor: int, start: int, end: int) -> int:
    """Lines in [start, end) that are not blank; `start` is the start of a line."""
    rows = 0
    shown = False  # whether the line under way holds something already
    while start < end and (piece := os.pread(descriptor, min(_PIECE, end - start), start)):
        start += len(piece)
        ends = piece.count(b"\n")
        is_open = not piece.endswith(b"\n")
        # Rows begin with a brace: counting those is much faster than looking at each line.
        if piece.count(b"\n{") == ends - (not is_open) and (shown or piece.startswith(b"{")):
            rows += ends
            shown = is_open
            continue
        *complete, last = piece.split(b"\n")
        for line in complete:
            rows += shown or bool(line.strip())
            shown = False
        shown = shown or bool(last.strip())
    return rows + shown


def event_count(folder: Folder) -> int:
    """Events of the whole log: lines that are not blank.

    The anchor gives the number up to its row, which must still stand where it says; only what came
    after is read. Without an anchor the result of a long count is kept beside the log, bound to the
    files' identity, size and time.
    """
    with opened_files(folder) as files:
        anchor = anchors.read(folder)
        sealed = [(name, descriptor) for name, descriptor in files if name != LIVE]
        live = [descriptor for name, descriptor in files if name == LIVE]
        if anchor and live and _is_of(anchor, live[0]):
            rows = anchor.rows + count_rows(live[0], anchor.size, os.fstat(live[0]).st_size)
            sealed_bytes = sum(os.fstat(descriptor).st_size for _, descriptor in sealed)
            if sealed_bytes == anchor.sealed_bytes:
                return rows + anchor.sealed_rows
            return rows + _counted(folder, sealed)
        return _counted(folder, files)


def _is_of(anchor: Anchor, descriptor: int) -> bool:
    """Whether the anchor is about this file and its row still stands there."""
    facts = os.fstat(descriptor)
    if anchor.inode != facts.st_ino or not 0 < anchor.size <= facts.st_size:
        return False
    # Cheaper than reading the row, and the hash is what matters.
    last = os.pread(descriptor, min(16 << 10, anchor.size), max(anchor.size - (16 << 10), 0))
    line = last[last.rfind(b"\n", 0, -1) + 1 :]
    return line.endswith(b"\n") and b'"%b"' % anchor.head.encode() in line


def _counted(folder: Folder, files: list[tuple[str, int]]) -> int:
    facts = [os.fstat(descriptor) for _, descriptor in files]
    if sum(each.st_size for each in facts) < _WORTH_KEEPING:
        return _count(files)
    key = [[each.st_ino, each.st_size, each.st_mtime_ns] for each in facts]
    known = _kept(folder, key)
    if known is None:
        known = _count(files)
        _keep(folder, key, known)
    return known


def _count(files: list[tuple[str, int]]) -> int:
    return sum(count_rows(each, 0, os.fstat(each).st_size) for _, each in files)


def _kept(folder: Folder, key: list[list[int]]) -> int | None:
    try:
        with os.fdopen(folder.open_file(_CACHE, os.O_RDONLY), "rb") as stream:
            kept = json.loads(stream.read(1 << 16))
        return kept["rows"] if kept["files"] == key and isinstance(kept["rows"], int) else None
    except (OSError, EventLogError, ValueError, TypeError, KeyError):
        return None


def _keep(folder: Folder, key: list[list[int]], rows: int) -> None:
    """Best effort: a log that may only be read is counted each time."""
    temporary = f"{_CACHE}.{os.urandom(4).hex()}.part"
    with suppress(OSError, EventLogError):
        descriptor = folder.open_file(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(json.dumps({"files": key, "rows": rows}).encode())
        folder.rename(temporary, _CACHE)
