"""Where the chain stands, as a writer finds it when it holds the lock; repairs what a crash left."""

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from telemetry.eventlog.anchor import Anchor
from telemetry.eventlog.chain import GENESIS
from telemetry.eventlog.counting import count_rows
from telemetry.eventlog.errors import EventLogError
from telemetry.eventlog.files import LogFiles, write_all
from telemetry.eventlog.rows import Pending, flagged
from telemetry.eventlog.segments import sealed_names
from telemetry.eventlog.tail import Tail, digest_of, mentions, row_ending_at, tail_of

_KEPT_FRAGMENT: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class State:
    """The live file: `inode`, `size`, `rows` so far, and `head`, the hash that the next row follows."""

    inode: int
    size: int
    rows: int
    head: str


def find_state(files: LogFiles, live: int, known: State | None) -> tuple[State, list[Pending]]:
    """The state, and the rows that report what had to be repaired. Needs the lock.

    `known` is what this process left behind; it holds if nobody has written since.
    """
    facts = os.fstat(live)
    if known and (known.inode, known.size) == (facts.st_ino, facts.st_size):
        return known, []
    tail = tail_of(live)
    reports = _repair(files, live, tail)
    anchor = files.anchor.load()
    head = tail.head or _sealed_head(files) or GENESIS
    size = os.fstat(live).st_size
    stands = _stands(anchor, live, tail)
    begin, rows = (anchor.size, anchor.rows) if anchor and stands else (0, 0)
    rows += count_rows(live, begin, size)
    if anchor and not stands and (cut := _cut(files, live, anchor, head)):
        reports.append(flagged(cut))
    state = State(facts.st_ino, size, rows, head)
    if anchor is None or anchor.inode != state.inode or anchor.size > state.size:
        anchor_anew(files, live, state)
    return state, reports


def _repair(files: LogFiles, live: int, tail: Tail) -> list[Pending]:
    reports = []
    if tail.unfinished:
        write_all(live, b"\n")
        reports.append(flagged({"reason": "torn_tail_repaired", "bytes_dropped": 0}))
    elif tail.torn:
        digest = digest_of(live, tail.whole, tail.size)
        _keep_fragment(files, live, tail, digest)
        truncate(files, live, tail.whole)
        reports.append(
            flagged({"reason": "torn_tail_repaired", "bytes_dropped": tail.torn, "sha256": digest})
        )
    if tail.corrupt:
        reports.append(flagged({"reason": "corrupt_tail", "rows": tail.corrupt}))
    return reports


def _keep_fragment(files: LogFiles, live: int, tail: Tail, digest: str) -> None:
    """Nobody was told that the fragment is stored; it is kept for whoever looks into the crash."""
    with suppress(OSError, EventLogError):
        name = f"torn-{digest[:16]}.fragment"
        descriptor = files.folder.open_file(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        try:
            write_all(descriptor, os.pread(live, min(tail.torn, _KEPT_FRAGMENT), tail.whole))
        finally:
            os.close(descriptor)


def truncate(files: LogFiles, live: int, size: int) -> None:
    """Takes the file back to `size`; whoever syncs must not count what is cut as durable."""
    with files.anchor.locked():
        anchor = files.anchor.load()
        if anchor and anchor.inode == os.fstat(live).st_ino and anchor.synced > size:
            fields: dict[str, Any] = {name: getattr(anchor, name) for name in Anchor.__slots__}
            files.anchor.save(Anchor(**{**fields, "synced": size}))
        os.ftruncate(live, size)


def _sealed_head(files: LogFiles) -> str | None:
    """The hash at the end of the newest sealed segment: the live file continues from there."""
    for name in reversed(sealed_names(files.folder)):
        descriptor = files.folder.open_file(name, os.O_RDONLY)
        try:
            head = tail_of(descriptor).head
        finally:
            os.close(descriptor)
        if head:
            return head
    return None


def _stands(anchor: Anchor | None, live: int, tail: Tail) -> bool:
    """Whether the anchor is about the live file and its row is still where it says."""
    if anchor is None or anchor.inode != os.fstat(live).st_ino or not anchor.size:
        return False
    if anchor.size == tail.size:
        return anchor.head == tail.head
    return anchor.size < tail.size and row_ending_at(live, anchor.size) == anchor.head


def _cut(files: LogFiles, live: int, anchor: Anchor, head: str) -> dict[str, Any] | None:
    """What to report if the row that the anchor names is gone (contract §9).

    A rotation or purge that a crash interrupted leaves the anchor behind, but not the row: it is
    searched for, or for the row that follows it, before anybody is accused.
    """
    if anchor.head in {head, GENESIS}:
        return None
    if mentions(live, anchor.head) or _sealed_mention(files, anchor.head):
        return None
    return {"reason": "tail_cut", "missing_hash": anchor.head, "rows_before": anchor.rows}


def _sealed_mention(files: LogFiles, head: str) -> bool:
    for name in reversed(sealed_names(files.folder)):
        descriptor = files.folder.open_file(name, os.O_RDONLY)
        try:
            if mentions(descriptor, head):
                return True
        finally:
            os.close(descriptor)
    return False


def anchor_anew(files: LogFiles, live: int, state: State) -> None:
    """Binds the anchor to this live file, durable up to here."""
    rows = size = 0
    for name in sealed_names(files.folder):
        descriptor = files.folder.open_file(name, os.O_RDONLY)
        try:
            length = os.fstat(descriptor).st_size
            rows += count_rows(descriptor, 0, length)
            size += length
        finally:
            os.close(descriptor)
    os.fdatasync(live)
    with files.anchor.locked():
        files.anchor.save(
            Anchor(state.inode, state.size, state.rows, state.head, state.size, rows, size)
        )
