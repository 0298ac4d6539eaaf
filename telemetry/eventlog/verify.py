"""Proves the chain from the first row to the anchor, or names the first row that breaks it."""

import os
from dataclasses import asdict, dataclass
from time import sleep
from typing import Any, Final

from telemetry.eventlog import anchor as anchors
from telemetry.eventlog.chain import GENESIS, Fault, Hashes, check, parsed
from telemetry.eventlog.paths import LIVE, Folder, Home
from telemetry.eventlog.reading import line_groups
from telemetry.eventlog.segments import opened_files

_PATIENCE: Final = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """`checked_events`: rows that hold, up to the end or to the first that does not.

    `broken_index`: that row's line, from 0 in its `file`, blank lines counted; `broken_line` the
    same from 1; `reason` is one of `chain.Fault`; `event_id` and `event_type` where the row tells
    them. `anchored`: whether a row that the anchor names was looked for. `head`: the newest hash.
    """

    ok: bool
    checked_events: int
    broken_index: int | None = None
    reason: str | None = None
    file: str | None = None
    broken_line: int | None = None
    event_id: str | None = None
    event_type: str | None = None
    anchored: bool = False
    anchor: str = "none"
    head: str = GENESIS

    def document(self) -> dict[str, Any]:
        return asdict(self)


def verify(home: Home) -> Verdict:
    """Walks every file of the log without a lock. Never raises on what the rows hold.

    Logs of the reference verify too. A chain that begins after a purge must be declared by a
    `telemetry.purged` row in it. Without an anchor the end cannot be judged: `anchor` is `none`.
    """
    try:
        folder = Folder.open(home.folder)
    except FileNotFoundError:
        return Verdict(ok=True, checked_events=0)
    with folder:
        # First the anchor, then the rows: those that it names are there by then.
        anchor = anchors.read(folder)
        state = "ok" if anchor else ("damaged" if anchors.is_present(folder) else "none")
        with opened_files(folder) as files:
            walk = _Walk(anchor.head if anchor else None)
            for name, descriptor in files:
                if (fault := walk.file(name, descriptor)) is not None:
                    return walk.verdict(fault, state)
        return walk.verdict(walk.fault_of_ends(), state)


@dataclass(frozen=True, slots=True)
class _Break:
    fault: Fault
    file: str | None = None
    index: int | None = None
    line: bytes = b""


class _Walk:
    """The chain so far."""

    def __init__(self, anchored: str | None) -> None:
        self._anchored = anchored
        self._is_anchor_seen = anchored in {None, GENESIS}
        self._previous = ""
        self._start = GENESIS  # what the first row follows
        self._first: _Break | None = None
        self._declared: set[str] = set()
        self.checked = 0

    def file(self, name: str, descriptor: int) -> _Break | None:
        index = 0
        size = os.fstat(descriptor).st_size
        for lines in line_groups(descriptor, 0, size):
            if (fault := self._group(name, index, lines)) is not None:
                return (
                    None if name == LIVE and _is_being_written(fault, descriptor, size) else fault
                )
            index += len(lines)
        return None

    def _group(self, name: str, index: int, lines: list[bytes]) -> _Break | None:
        previous = self._previous
        anchored = self._anchored
        for number, line in enumerate(lines, index):
            if not line or not line.strip():
                continue
            found = check(line, previous) if previous else self._begin(name, number, line)
            if not isinstance(found, Hashes):
                self._previous = previous
                return _Break(found, name, number, line)
            previous = found.event_hash
            self.checked += 1
            if found.event_hash == anchored or found.prev_hash == anchored:
                self._is_anchor_seen = True
            is_telling = b"telemetry.purged" in line or b"tail_cut" in line
            if is_telling and self._is_report_of_cut(line):
                self._previous = previous
                return _Break(Fault.TAIL_CUT, name, number, line)
        self._previous = previous
        return None

    def _begin(self, name: str, number: int, line: bytes) -> Hashes | Fault:
        """The first row of all follows 64 zeros, or what a purge left."""
        found = check(line, GENESIS)
        if found is not Fault.PREV_HASH_MISMATCH:
            return found
        row = parsed(line)
        if isinstance(row, Fault):
            return row
        self._start = str(row.get("prev_hash"))
        self._first = _Break(Fault.PREV_HASH_MISMATCH, name, number, line)
        return check(line, self._start)

    def _is_report_of_cut(self, line: bytes) -> bool:
        row = parsed(line)
        data = {} if isinstance(row, Fault) else row.get("data")
        if isinstance(row, Fault) or not isinstance(data, dict):
            return False
        if row.get("event_type") == "telemetry.purged":
            self._declared.add(str(data.get("chain_start")))
        return row.get("event_type") == "risk.flagged" and data.get("reason") == "tail_cut"

    def fault_of_ends(self) -> _Break | None:
        """What is missing before the first row or after the last one."""
        if self._start != GENESIS and self._start not in self._declared:
            self.checked = 0
            return self._first
        return None if self._is_anchor_seen else _Break(Fault.TAIL_CUT)

    def verdict(self, found: _Break | None, anchor: str) -> Verdict:
        head = self._previous or GENESIS
        is_anchored = self._anchored is not None
        if found is None:
            return Verdict(True, self.checked, anchored=is_anchored, anchor=anchor, head=head)
        row = parsed(found.line)
        fields = {} if isinstance(row, Fault) else row
        return Verdict(
            ok=False,
            checked_events=self.checked,
            broken_index=found.index,
            reason=found.fault.value,
            file=found.file,
            broken_line=None if found.index is None else found.index + 1,
            event_id=_short(fields.get("event_id")),
            event_type=_short(fields.get("event_type")),
            anchored=is_anchored,
            anchor=anchor,
            head=head,
        )


def _short(value: object) -> str | None:
    return value[:80] if isinstance(value, str) else None


def _is_being_written(fault: _Break, descriptor: int, size: int) -> bool:
    """Whether the break is only the end of a row that a writer has not finished yet."""
    length = len(fault.line)
    ends_in_line = os.pread(descriptor, 1, size - 1) != b"\n"
    is_last = os.pread(descriptor, length, size - length) == fault.line
    if fault.fault is not Fault.INVALID_JSON_LINE or not ends_in_line or not is_last:
        return False
    for _ in range(_PATIENCE):
        if os.fstat(descriptor).st_size != size:
            return True
        sleep(0.02)  # a writer under way needs far less; after one that was killed nobody comes
    return False
