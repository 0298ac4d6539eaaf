"""Newest anchors of all personas, kept up to date by reading only what the log gained.

`persona_anchors.newest_anchor` reads a log backwards until it finds one; for a persona without any
that is the whole log. Who asks again and again keeps an index instead.
"""

import os
import threading
from typing import Final

from telemetry.eventlog.paths import Folder, Home
from telemetry.eventlog.persona_anchors import anchor_in
from telemetry.eventlog.reading import line_groups
from telemetry.eventlog.segments import opened_files

_GUARD: Final = 64
"""Bytes before the place where reading stopped; if they changed, the file is another one."""

_Mark = tuple[int, int, bytes]  # inode, how far it was read, and the bytes before that


class AnchorIndex:
    """Answers like `newest_anchor`. May be shared by threads; memory grows with the personas."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._home: Home | None = None
        self._marks: list[_Mark] = []
        self._known: dict[str, tuple[int, str]] = {}

    def newest(self, home: Home, persona_ref: str) -> tuple[int, str] | None:
        """(version, entry_hash) of the newest anchor of this persona, None where it has none.

        `persona_ref` as it stands in the log. Raises UnsafePath and LogUnwritable.
        """
        with self._lock:
            self._catch_up(home)
            return self._known.get(persona_ref)

    def _catch_up(self, home: Home) -> None:
        if home != self._home:
            self._forget()
            self._home = home
        try:
            folder = Folder.open(home.folder)
        except FileNotFoundError:
            self._forget()
            return
        with folder, opened_files(folder) as files:
            descriptors = [descriptor for _, descriptor in files]
            if not self._still_stand(descriptors):
                self._forget()
            for number, descriptor in enumerate(descriptors):
                self._read(number, descriptor)

    def _forget(self) -> None:
        self._marks, self._known = [], {}

    def _still_stand(self, descriptors: list[int]) -> bool:
        """Whether each file that was read is still in its place, with what was read of it."""
        if len(self._marks) > len(descriptors):
            return False
        return all(
            os.fstat(descriptor).st_ino == inode and _before(descriptor, end) == guard
            for descriptor, (inode, end, guard) in zip(descriptors, self._marks, strict=False)
        )

    def _read(self, number: int, descriptor: int) -> None:
        facts = os.fstat(descriptor)
        begin = self._marks[number][1] if number < len(self._marks) else 0
        end = _end_of_lines(descriptor, begin, facts.st_size)
        for lines in line_groups(descriptor, begin, end):
            for line in lines:
                if b'"entry_hash"' in line and (found := anchor_in(line)):
                    reference, version, entry_hash = found
                    self._known[reference] = version, entry_hash
        mark = facts.st_ino, end, _before(descriptor, end)
        self._marks[number : number + 1] = [mark]


def _before(descriptor: int, end: int) -> bytes:
    length = min(_GUARD, end)
    return os.pread(descriptor, length, end - length)


def _end_of_lines(descriptor: int, begin: int, size: int) -> int:
    """The end of the last whole line in [begin, size): a row may be under way after it."""
    end = size
    while end > begin:
        length = min(64 << 10, end - begin)
        found = os.pread(descriptor, length, end - length).rfind(b"\n")
        if found >= 0:
            return end - length + found + 1
        end -= length
    return begin
