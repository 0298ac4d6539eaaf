"""From an event to the row that is stored (spec 002 "Event schema v0.1", contract §9).

A row is compact JSON with sorted keys, ASCII-escaped, on one line: `schema_version, event_id, ts,
event_type, actor{kind, id}, source, build{…}, data, trace_id, prev_hash, event_hash`.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from telemetry.eventlog.actors import Actor, normalise_safely
from telemetry.eventlog.build import build
from telemetry.eventlog.chain import canonical, link
from telemetry.eventlog.errors import EventRefused
from telemetry.eventlog.instants import format_instant
from telemetry.eventlog.proofs import is_proof, metadata_only
from telemetry.redaction import sanitize, sanitize_text

SCHEMA_VERSION: Final = "0.1"
SOURCES: Final = frozenset({"cli", "api", "mcp"})
EVENT_TYPES: Final = frozenset(
    "runner.started plan.generated proof.submitted proof.rejected quest.completed quest.failed "
    "scorecard.updated profile.updated capability.granted capability.revoked risk.flagged "
    "feedback.submitted telemetry.purged trust_signal.updated".split()
)
FLAGGED: Final = "risk.flagged"
MAX_DATA: Final = 65_536
"""Bytes of one event's payload after the sanitizer; a larger one is replaced by its size and hash."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a caller hands in; everything but the type may be left out.

    `data`: the payload; what is no object becomes `{"value": …}`. `actor`: any form that
    `actors.normalise` knows. `source`: cli, api or mcp, anything else becomes cli. `at`: when it
    happened, if that is not now.
    """

    event_type: str
    data: Any = field(default_factory=dict)
    actor: Any = None
    source: Any = "cli"
    trace_id: Any = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """A row without its instant and its place in the chain."""

    event_id: str
    event_type: str
    head: str  # actor, build, data
    middle: str  # event_id, event_type
    tail: str  # schema_version, source, trace_id
    at: str | None


@dataclass(frozen=True, slots=True)
class Stored:
    """A row that is on disk: its identity, its hash, and the line without its end."""

    event_id: str
    event_type: str
    event_hash: str
    line: bytes


def prepare(event: Event) -> list[Pending]:
    """The row of an event, and a `risk.flagged` row where the sanitizer had to act.

    Raises EventRefused for NaN, infinities and numbers beyond what is written out.
    """
    kind, data = _typed(event)
    data = data if isinstance(data, dict) else {"value": data}
    redacted = truncated = 0
    if is_proof(kind):
        data, redacted = metadata_only(data)
    safe = sanitize(data)
    actor, *of_actor = normalise_safely(event.actor)
    trace, *of_trace = _trace(event.trace_id)
    payload, oversized = _bounded(_encoded(safe.value))
    redacted += safe.redacted + of_actor[0] + of_trace[0]
    truncated += safe.truncated + of_actor[1] + of_trace[1] + oversized
    source = event.source if isinstance(event.source, str) and event.source in SOURCES else "cli"
    at = format_instant(event.at) if event.at else None
    rows = [_pending(kind, payload, actor, source, trace, at)]
    if redacted or truncated:
        found = _sanitized(kind, redacted, truncated)
        rows.append(_pending(FLAGGED, found, Actor("system", actor.id), source, trace, at))
    return rows


def prepare_all(events: Iterable[Event]) -> list[list[Pending]]:
    """`prepare` of each; raises before anything is stored."""
    return [prepare(event) for event in events]


def flagged(data: dict[str, Any]) -> Pending:
    """A `risk.flagged` row of the log itself; `data` holds nothing that needs sanitizing."""
    return _pending(FLAGGED, canonical(data), Actor("system", "eventlog"), "cli", None, None)


def own_row(event_type: str, data: dict[str, Any], actor: Any) -> Pending:
    """A row that the log writes about itself, by the person who asked for it."""
    safe, _, _ = normalise_safely(actor)
    return _pending(event_type, canonical(data), safe, "cli", None, None)


def encode(row: Pending, previous: str, now: str) -> tuple[bytes, str]:
    """The line with its end, and its hash, for a row that follows `previous`."""
    tail = f'{row.tail}"ts":"{row.at or now}"}}'
    own = link(previous, f"{row.head}{row.middle}{tail}".encode())
    line = f'{row.head}"event_hash":"{own}",{row.middle}"prev_hash":"{previous}",{tail}\n'
    return line.encode(), own


def _typed(event: Event) -> tuple[str, Any]:
    kind: Any = event.event_type
    if isinstance(kind, str) and kind in EVENT_TYPES:
        return kind, event.data
    digest = sha256(str(kind).encode("utf-8", "surrogatepass")).hexdigest()
    return FLAGGED, {"reason": "invalid_event_type", "invalid_event_type_hash": digest}


def _trace(value: Any) -> tuple[str | None, int, int]:
    if value is None:
        return None, 0, 0
    safe = sanitize_text(str(value))
    return str(safe.value) or None, safe.redacted, safe.truncated


def _encoded(data: Any) -> str:
    try:
        return canonical(data)
    except (ValueError, RecursionError):
        raise EventRefused("the event's data holds a number that JSON cannot hold") from None


def _bounded(payload: str) -> tuple[str, int]:
    """The payload, or its size and hash where it is too large, and 1 if so."""
    if len(payload) <= MAX_DATA:
        return payload, 0
    digest = sha256(payload.encode()).hexdigest()
    return canonical({"reason": "oversized", "bytes": len(payload), "sha256": digest}), 1


def _sanitized(trigger: str, redacted: int, truncated: int) -> str:
    return canonical(
        {
            "reason": "telemetry_sanitized",
            "trigger_event_type": trigger,
            "fields_redacted_count": redacted,
            "fields_truncated_count": truncated,
        }
    )


def _pending(
    kind: str, payload: str, actor: Actor, source: str, trace: str | None, at: str | None
) -> Pending:
    identity = str(UUID(bytes=os.urandom(16), version=4))
    who = canonical({"id": actor.id, "kind": actor.kind})
    return Pending(
        event_id=identity,
        event_type=kind,
        head=f'{{"actor":{who},"build":{_build()},"data":{payload},',
        middle=f'"event_id":"{identity}","event_type":"{kind}",',
        tail=f'"schema_version":"{SCHEMA_VERSION}","source":"{source}","trace_id":{canonical(trace)},',
        at=at,
    )


_build_text: list[str] = []


def _build() -> str:
    if not _build_text:
        _build_text.append(canonical(build()))
    return _build_text[0]
