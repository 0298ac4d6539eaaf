"""Writes the log: append-only, in one chain, durable when a call returns (contract §9).

One writer at a time across processes, by a lock that readers never need. Rows go to the file under
the lock; the sync comes after it, so that one sync serves every process that wrote meanwhile.
"""

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final

from telemetry.eventlog.anchor import Anchor
from telemetry.eventlog.errors import EventLogError
from telemetry.eventlog.files import LogFiles, unwritable, write_all
from telemetry.eventlog.grouping import GroupCommit
from telemetry.eventlog.instants import format_instant
from telemetry.eventlog.paths import LIVE, Home, home_from_environment
from telemetry.eventlog.rows import Event, Pending, Stored, encode, prepare_all
from telemetry.eventlog.segments import next_sealed_name
from telemetry.eventlog.state import State, find_state, truncate

ROTATE_BYTES: Final = 1 << 30
"""A live file that would grow beyond this is sealed; the chain goes on in a new one."""

Rows = list[Pending]


def _now() -> datetime:
    return datetime.now(UTC)


class Store:
    """Appends to the log of one home; safe to share between threads, and to use after a fork.

    Every method raises UnsafePath for a log that is not ours alone, LogUnwritable when the disk
    refuses (the log is then as it was before), EventRefused for data that JSON cannot hold.
    """

    def __init__(
        self,
        home: Home | None = None,
        *,
        rotate_bytes: int = ROTATE_BYTES,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.home = home or home_from_environment()
        self._rotate_bytes = rotate_bytes
        self._clock = clock
        self._process = os.getpid()
        self._files: LogFiles | None = None
        self._known: State | None = None  # what this process left behind
        self._group: GroupCommit[Rows, list[Stored]] = GroupCommit(self._commit)

    def append(self, event: Event) -> Stored:
        """Stores one event and returns its row, which is on disk by then."""
        return self.append_many([event])[0]

    def append_many(self, events: Iterable[Event]) -> list[Stored]:
        """Stores all events in one write, in order, and returns their rows; all or none."""
        prepared = prepare_all(events)
        if not prepared:
            return []
        stored = self._submit([row for rows in prepared for row in rows])
        result = []
        position = 0
        for rows in prepared:
            result.append(stored[position])
            position += len(rows)
        return result

    def append_rows(self, rows: Rows) -> list[Stored]:
        """Stores rows that are prepared already, in one write."""
        return self._submit(rows)

    def close(self) -> None:
        """Closes the files; the next append opens them again."""
        if self._files is not None:
            self._files.close()
            self._files = None
        self._known = None

    def _submit(self, rows: Rows) -> list[Stored]:
        if self._process != os.getpid():
            self.close()  # a lock is shared with the parent; the child needs its own
            self._process = os.getpid()
            self._group = GroupCommit(self._commit)
        return self._group.submit(rows)

    def _commit(self, groups: list[Rows]) -> list[list[Stored]]:
        if self._files is None:
            self._files = LogFiles(self.home)
        files = self._files
        try:
            with files.locked():
                live, state, stored = self._write(files, groups)
            self._make_durable(files, live, state)
        except OSError as problem:
            self._known = None
            raise unwritable(problem, files.folder) from problem
        except EventLogError:
            self._known = None
            raise
        return stored

    def _write(self, files: LogFiles, groups: list[Rows]) -> tuple[int, State, list[list[Stored]]]:
        live = files.live()
        state, reports = find_state(files, live, self._known)
        now = format_instant(self._clock())
        head = state.head
        lines: list[bytes] = []
        stored: list[list[Stored]] = []
        for rows in [reports, *groups]:
            written = []
            for row in rows:
                line, head = encode(row, head, now)
                lines.append(line)
                written.append(Stored(row.event_id, row.event_type, head, line[:-1]))
            stored.append(written)
        block = b"".join(lines)
        if state.size and state.size + len(block) > self._rotate_bytes:
            live, state = self._rotate(files, live, state)
        try:
            write_all(live, block)
        except OSError:
            truncate(files, live, state.size)
            raise
        state = State(state.inode, state.size + len(block), state.rows + len(lines), head)
        self._known = state
        return live, state, stored[1:]

    def _rotate(self, files: LogFiles, live: int, state: State) -> tuple[int, State]:
        """Seals the live file and begins a new one, whose first row follows the old one's last."""
        os.fsync(live)
        files.folder.rename(LIVE, next_sealed_name(files.folder))
        fresh = files.live()
        inode = os.fstat(fresh).st_ino
        with files.anchor.locked():
            before = files.anchor.load()
            rows = state.rows + (before.sealed_rows if before else 0)
            size = state.size + (before.sealed_bytes if before else 0)
            files.anchor.save(Anchor(inode, 0, 0, state.head, 0, rows, size))
        return fresh, State(inode, 0, 0, state.head)

    def _make_durable(self, files: LogFiles, live: int, state: State) -> None:
        """Syncs unless somebody's sync came after this write; then moves the anchor on."""
        with files.anchor.locked():
            anchor = files.anchor.load()
            if anchor is None or anchor.inode != state.inode:
                os.fdatasync(live)  # rotated or purged meanwhile, by somebody who anchored it
                return
            synced = anchor.synced
            if synced < state.size:
                synced = os.fstat(live).st_size
                os.fdatasync(live)
            if anchor.size < state.size or synced > anchor.synced:
                newer = anchor.size < state.size
                files.anchor.save(
                    Anchor(
                        anchor.inode,
                        state.size if newer else anchor.size,
                        state.rows if newer else anchor.rows,
                        state.head if newer else anchor.head,
                        synced,
                        anchor.sealed_rows,
                        anchor.sealed_bytes,
                    )
                )
