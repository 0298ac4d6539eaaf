"""Anchors of persona history in the event log (contract §5).

After each commit a node writes `profile.updated {persona_ref, version, entry_hash}`; a history that
ends before its newest anchor was cut.
"""

import os
from typing import Any

from telemetry.eventlog.chain import Fault, parsed
from telemetry.eventlog.paths import Folder, Home
from telemetry.eventlog.reading import lines_backwards
from telemetry.eventlog.rows import Event
from telemetry.eventlog.segments import opened_files

EVENT_TYPE = "profile.updated"
_MEMBERS = ("persona_ref", "version", "entry_hash")


def anchor_event(persona_ref: str, version: int, entry_hash: str, *, actor: Any = None) -> Event:
    """The event that anchors one history row. `persona_ref` is an id or a pseudonym."""
    data = {"persona_ref": persona_ref, "version": version, "entry_hash": entry_hash}
    return Event(EVENT_TYPE, data, actor=actor, source="api")


def newest_anchor(home: Home, persona_ref: str) -> tuple[int, str] | None:
    """(version, entry_hash) of the newest anchor of this persona, None where it has none.

    Reads the log from its end, without a lock, and stops at the first that it finds.
    """
    from telemetry.redaction import sanitize_text

    wanted = str(sanitize_text(persona_ref).value)
    try:
        folder = Folder.open(home.folder)
    except FileNotFoundError:
        return None
    with folder, opened_files(folder) as files:
        for _, descriptor in reversed(files):
            for _, line in lines_backwards(descriptor, os.fstat(descriptor).st_size):
                found = anchor_in(line) if b"entry_hash" in line else None
                if found and found[0] == wanted:
                    return found[1:]
    return None


def anchor_in(line: bytes) -> tuple[str, int, str] | None:
    """(persona_ref, version, entry_hash) of a line that is an anchor, None for any other."""
    row = parsed(line)
    if isinstance(row, Fault) or row.get("event_type") != EVENT_TYPE:
        return None
    data = row.get("data")
    if not isinstance(data, dict):
        return None
    reference, version, entry_hash = (data.get(name) for name in _MEMBERS)
    if not isinstance(version, int) or isinstance(version, bool):
        return None
    if isinstance(reference, str) and isinstance(entry_hash, str):
        return reference, version, entry_hash
    return None
