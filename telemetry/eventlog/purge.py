"""Removes events for good: all of them, or the older ones after archiving them (contract §9).

No row is ever hashed anew. What stays keeps its hashes, so a row that was tampered with still fails
`verify`, and a `telemetry.purged` row in the chain declares where it begins now. Copying is done
without the lock; writers wait only while the files change names.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from telemetry.eventlog.anchor import Anchor
from telemetry.eventlog.archive import Archive
from telemetry.eventlog.cutting import Cut, Replacement, find_cut, remove_leftovers
from telemetry.eventlog.errors import LogChanged
from telemetry.eventlog.files import LogFiles, unwritable
from telemetry.eventlog.instants import format_instant
from telemetry.eventlog.paths import LIVE, Folder, Home
from telemetry.eventlog.rows import Pending, encode, own_row
from telemetry.eventlog.segments import opened_files, sealed_names
from telemetry.eventlog.state import State, find_state
from telemetry.eventlog.store import Store
from telemetry.eventlog.verify import verify

PURGED: Final = "telemetry.purged"
_LOCK: Final = "purge.lock"


@dataclass(frozen=True, slots=True)
class Purge:
    """`removed_events` rows are gone; `archive` is the file that holds them, with its SHA-256.

    `chain_intact`: whether the log verified before; None where there was nothing to remove.
    """

    removed_events: int = 0
    archive: str | None = None
    archive_sha256: str | None = None
    chain_intact: bool | None = None

    def document(self) -> dict[str, Any]:
        return asdict(self)


def purge_all(home: Home, *, now: datetime, actor: Any = None) -> Purge:
    """Removes every event. One `telemetry.purged` row stays, which continues the chain.

    Archives are left alone. Raises UnsafePath, LogUnwritable, LogChanged.
    """
    with _purging(home) as files:
        if files is None:
            return Purge()
        intact = verify(home).ok
        with files.locked():
            live = files.live()
            state, _ = find_state(files, live, None)
            anchor = files.anchor.load()
            removed = state.rows + (anchor.sealed_rows if anchor else 0)
            if not removed:
                return Purge()
            with Replacement(files.folder) as fresh:
                done = Purge(removed, chain_intact=intact)
                row = _declaration(done, state.head, actor)
                state = fresh.finish([row], State(0, 0, 0, state.head), format_instant(now))
                for name in sealed_names(files.folder):
                    files.folder.remove(name)
                fresh.take_place(LIVE)
            _anchor(files, state, 0, 0)
        return done


def purge_older(home: Home, *, before: datetime, now: datetime, actor: Any = None) -> Purge:
    """Archives and removes the rows ahead of the first one that happened at `before` or later.

    Rows are never taken out of the middle: the chain could not bear it. Raises as `purge_all`.
    """
    with _purging(home) as files:
        if files is None:
            return Purge()
        intact = verify(home).ok
        for _ in range(3):
            with opened_files(files.folder) as opened:
                cut = find_cut(opened, before.astimezone(UTC))
                if not cut.removed:
                    return Purge()
                with suppress(LogChanged):
                    return _remove(files, opened, cut, _Request(now, actor, intact))
        raise LogChanged(
            "the log was rotated three times meanwhile; nothing was removed, try again"
        )


@dataclass(frozen=True, slots=True)
class _Request:
    now: datetime
    actor: Any
    intact: bool


def _remove(files: LogFiles, opened: list[tuple[str, int]], cut: Cut, request: _Request) -> Purge:
    archive = Archive(files.folder.path, request.now)
    try:
        for index, (_, descriptor) in enumerate(opened[: cut.file + 1]):
            whole = os.fstat(descriptor).st_size
            archive.add(descriptor, cut.offset if index == cut.file else whole)
        path, digest = archive.finish()
        done = Purge(cut.removed, str(path), digest, request.intact)
        _swap(files, opened, cut, done, request)
    except BaseException:
        archive.discard()
        raise
    finally:
        archive.close()
    return done


def _swap(
    files: LogFiles, opened: list[tuple[str, int]], cut: Cut, done: Purge, request: _Request
) -> None:
    """Puts what is kept in the place of what was, and declares the new beginning in the chain."""
    name, descriptor = opened[cut.file]
    now = format_instant(request.now)
    with Replacement(files.folder) as kept:
        kept.copy(descriptor, cut.offset)
        kept.sync()
        with files.locked():
            _require_unchanged(files.folder, opened)
            live = files.live()
            state, reports = find_state(files, live, None)
            if os.fstat(descriptor).st_size < cut.offset + kept.copied:
                raise LogChanged("the log's torn end was repaired meanwhile; nothing was removed")
            row = _declaration(done, cut.chain_start or state.head, request.actor)
            if name == LIVE:
                kept.copy(descriptor, cut.offset + kept.copied)
                rows = state.rows - cut.removed_from_file
                state = kept.finish([*reports, row], State(0, 0, rows, state.head), now)
            else:
                state = _append(live, [*reports, row], state, now)
                kept.sync()
            kept.take_place(name)
            for older, _ in opened[: cut.file]:
                files.folder.remove(older)
            files.folder.sync()
            _anchor(files, state, cut.sealed_rows, cut.sealed_bytes)


def _append(live: int, rows: list[Pending], state: State, now: str) -> State:
    head, size = state.head, state.size
    for row in rows:
        line, head = encode(row, head, now)
        os.write(live, line)
        size += len(line)
    os.fdatasync(live)
    return State(state.inode, size, state.rows + len(rows), head)


def _require_unchanged(folder: Folder, opened: list[tuple[str, int]]) -> None:
    names = [name for name, _ in opened]
    current = [*sealed_names(folder), LIVE]
    same = current == names and all(
        (facts := folder.facts(name)) is not None and facts.st_ino == os.fstat(descriptor).st_ino
        for name, descriptor in opened
    )
    if not same:
        raise LogChanged("the log was rotated or purged meanwhile; nothing was removed")


def _declaration(done: Purge, chain_start: str, actor: Any) -> Pending:
    return own_row(
        PURGED,
        {
            "removed_events": done.removed_events,
            "chain_start": chain_start,
            "chain_intact": done.chain_intact,
            "archive_sha256": done.archive_sha256,
        },
        actor,
    )


def _anchor(files: LogFiles, state: State, sealed_rows: int, sealed_bytes: int) -> None:
    with files.anchor.locked():
        files.anchor.save(
            Anchor(
                state.inode,
                state.size,
                state.rows,
                state.head,
                state.size,
                sealed_rows,
                sealed_bytes,
            )
        )


@contextmanager
def _purging(home: Home) -> Iterator[LogFiles | None]:
    """The log's files, for one purge at a time; None where there is no log."""
    try:
        Folder.open(home.folder).close()
    except FileNotFoundError:
        yield None
        return
    store = Store(home)
    store.append_rows([])  # repairs and reports what a crash left at the end
    store.close()
    files = LogFiles(home)
    lock = -1
    try:
        lock = files.folder.open_file(_LOCK, os.O_RDWR | os.O_CREAT)
        fcntl.flock(lock, fcntl.LOCK_EX)
        remove_leftovers(files.folder)
        yield files
    except OSError as problem:
        raise unwritable(problem, files.folder) from problem
    finally:
        if lock >= 0:
            os.close(lock)
        files.close()
