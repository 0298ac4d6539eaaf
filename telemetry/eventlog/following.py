"""The newest rows, and those that come after them (for `tail`)."""

import os
from collections.abc import Iterator
from typing import Any

from telemetry.eventlog.chain import Fault, parsed
from telemetry.eventlog.instants import parse_instant
from telemetry.eventlog.paths import LIVE, Folder, Home
from telemetry.eventlog.reading import line_groups, lines_backwards
from telemetry.eventlog.segments import opened_files
from telemetry.eventlog.views import ActorReader, source_of, view_of

_actor_of = ActorReader()


class Follower:
    """Remembers how far the live file was read; a rotation or purge begins at the new file's start."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._inode = 0
        self._position = 0

    def newest(self, number: int) -> list[bytes]:
        """The newest `number` lines of the log that are not blank, oldest first."""
        found: list[bytes] = []
        try:
            folder = Folder.open(self._home.folder)
        except FileNotFoundError:
            return found
        with folder, opened_files(folder) as files:
            for name, descriptor in reversed(files):
                facts = os.fstat(descriptor)
                if name == LIVE:
                    self._inode, self._position = facts.st_ino, facts.st_size
                for _, line in lines_backwards(descriptor, facts.st_size):
                    if len(found) >= number:
                        return found[::-1]
                    if line.strip():
                        found.append(line)
        return found[::-1]

    def since(self) -> Iterator[bytes]:
        """The lines that were completed since the last call."""
        try:
            with Folder.open(self._home.folder) as folder:
                descriptor = folder.open_file(LIVE, os.O_RDONLY)
        except FileNotFoundError:
            return
        try:
            facts = os.fstat(descriptor)
            if facts.st_ino != self._inode or facts.st_size < self._position:
                self._inode, self._position = facts.st_ino, 0
            for lines in line_groups(descriptor, self._position, facts.st_size):
                for line in lines:
                    end = self._position + len(line) + 1
                    if end > facts.st_size:
                        return  # not complete yet
                    self._position = end
                    if line.strip():
                        yield line
        finally:
            os.close(descriptor)


def shown(line: bytes) -> dict[str, Any]:
    """A row fit to be looked at: actor normalised, everything sanitized; `{unreadable_bytes}` else."""
    from telemetry.redaction import sanitize

    row = parsed(line)
    view = view_of(line)
    if isinstance(row, Fault) or view is None:
        return {"unreadable_bytes": len(line)}
    actor = _actor_of(view.actor)
    hashes = {name: row[name] for name in ("prev_hash", "event_hash", "event_id") if name in row}
    return {
        **sanitize(hashes).value,
        "ts": view.ts if parse_instant(view.ts) else "unknown",
        "event_type": sanitize(view.event_type).value,
        "actor": {"kind": actor.kind, "id": actor.id},
        "source": source_of(view),
        "trace_id": sanitize(row.get("trace_id")).value,
        "data": sanitize(row.get("data")).value,
    }
