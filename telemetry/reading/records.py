"""Records as readers are shown them, kept while they are proved to be current.

Every change of a record raises its version, and every change of a proposal moves its revision or
one of its times. Those few columns are read in each group's own transaction: what was rendered
before is shown again only where they are the same (contract §3, §4).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from leases.capabilities import Resource
from personas.api.detail import record_shown
from personas.documents.consent import Consent
from personas.models import Persona, Proposal
from telemetry.ingestion.session import Session
from telemetry.reading.kept import Kept
from telemetry.reading.rendering import Head, rendered

MOST = 16 * 1024 * 1024
_UNSTORABLE = "\x00"
# A parsed value takes about so many times the bytes of its text.
_PARSED = 8
_OVERHEAD = 2_048


@dataclass(slots=True)
class Record:
    """A record at one version; ``head`` is its detail, with the proposals that ``pending`` tells.

    ``document`` holds the preferences alone: all that the context bias is computed from.
    """

    version: int
    updated_at: int
    resource: Resource
    consent: Consent
    document: dict[str, Any]
    weight: int
    pending: str | None = None
    head: Head | None = None

    def shows(self, pending: str | None) -> bool:
        """Whether the head is that of the record with these proposals."""
        return self.head is not None and self.pending == pending


class Records:
    """Reads records in the transaction of a group, from memory where it may."""

    def __init__(self, most: int = MOST) -> None:
        self._kept: Kept[str, Record] = Kept(most)

    def read(
        self, session: Session, persona_ids: Collection[str], in_detail: Collection[str]
    ) -> dict[str, Record]:
        """The records by id, those of ``in_detail`` with their heads; absent where there is none."""
        found: dict[str, Record] = {}
        stale: dict[str, str | None] = {}
        states = _states(session, persona_ids, in_detail)
        for persona_id, (version, updated_at, pending) in states.items():
            known = self._kept.get(persona_id)
            if (
                known is not None
                and (known.version, known.updated_at) == (version, updated_at)
                and (persona_id not in in_detail or known.shows(pending))
            ):
                found[persona_id] = known
            else:
                stale[persona_id] = pending
        if stale:
            for persona in Persona.objects.filter(pk__in=stale):
                record = _record(persona)
                if persona.pk in in_detail:
                    record.pending = stale[persona.pk]
                    record.head = Head(_shown(persona, record.pending, session.now))
                    record.weight += len(record.head.text)
                self._kept.put(persona.pk, record, record.weight)
                found[persona.pk] = record
        return found


def _record(persona: Persona) -> Record:
    preferences = persona.preferences
    return Record(
        persona.version,
        persona.updated_at,
        persona.resource,
        persona.consent,
        {"preferences": preferences},
        _OVERHEAD + _PARSED * len(rendered(preferences)),
    )


def _shown(persona: Persona, pending: str | None, now: datetime) -> dict[str, Any]:
    proposals = persona.proposals.pending_at(now).newest_first() if pending else ()
    return record_shown(persona, tuple(proposals), now)


_State = tuple[int, int, str | None]


def _states(
    session: Session, persona_ids: Collection[str], in_detail: Collection[str]
) -> dict[str, _State]:
    states: dict[str, _State] = {}
    for detailed in (False, True):
        wanted = [
            one for one in persona_ids if (one in in_detail) == detailed and _UNSTORABLE not in one
        ]
        if wanted:
            names = wanted if session.is_postgresql else msgspec.json.encode(wanted).decode()
            parameters = [session.moment, names] if detailed else [names]
            for row in session.rows(_STATES[session.vendor, detailed], parameters):
                states[row[0]] = (row[1], row[2], row[3])
    return states


_PERSONAS, _PROPOSALS = Persona._meta.db_table, Proposal._meta.db_table
_AMONG = {"sqlite": "IN (SELECT value FROM json_each(%s))", "postgresql": "= ANY(%s)"}
_JOINED = {"sqlite": "group_concat({}, ';')", "postgresql": "string_agg({}, ';' ORDER BY {})"}
_MARK = " || ' ' || ".join(
    f"coalesce(CAST(q.{column} AS text), '')"
    for column in (
        "proposal_id",
        "revision",
        "base_version",
        "digest",
        "updated_at",
        "expires_at",
        "changes_requested_at",
    )
)


def _states_statement(vendor: str, detailed: bool) -> str:
    pending = "NULL"
    if detailed:
        marks = _JOINED[vendor].format(_MARK, "q.proposal_id")
        pending = (
            f"(SELECT {marks} FROM {_PROPOSALS} q WHERE q.persona_id = p.id"
            " AND q.status = 'pending' AND q.expires_at > %s)"
        )
    return (
        f"SELECT p.id, p.version, p.updated_at, {pending} FROM {_PERSONAS} p"
        f" WHERE p.id {_AMONG[vendor]}"
    )


_STATES = {
    (vendor, detailed): _states_statement(vendor, detailed)
    for vendor in _AMONG
    for detailed in (False, True)
}
