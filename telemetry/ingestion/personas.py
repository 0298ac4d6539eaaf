"""The records that a group is about, read and held in the group's transaction."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from leases.capabilities import Resource
from personas.documents.consent import Consent, consent_of
from personas.models import Persona
from telemetry.ingestion.session import Question, Session

_REMEMBERED = 1024
_LONGEST_REMEMBERED = 2048
_UNSTORABLE = "\x00"


@dataclass(frozen=True, slots=True)
class Subject:
    """What ingestion needs to know of a persona."""

    resource: Resource
    consent: Consent


def subjects(session: Session, persona_ids: Iterable[str]) -> dict[str, Subject]:
    """The personas by id, held until the transaction ends; those that do not exist are absent.

    What the session recalls is not read again.

    Whoever writes the record, or what hangs on it, comes before or after. They are taken in the
    order of their ids, so that two groups never wait for each other. SQLite needs no lock on rows:
    its write transactions exclude each other.
    """
    known = session.recall.subjects
    asked = {one for one in persona_ids if _UNSTORABLE not in one}
    wanted = [one for one in asked if one not in known]
    if wanted:
        rows = session.rows(*records(session, wanted))
        known.update((row[0], _subject(*row)) for row in rows)
    return {one: known[one] for one in asked if one in known}


def records(session: Session, persona_ids: Iterable[str]) -> Question:
    """What is asked of the database for these personas."""
    wanted = sorted(one for one in persona_ids if _UNSTORABLE not in one)
    condition, parameters = session.among("id", wanted)
    return _statement(session.is_postgresql, condition), parameters


def _subject(persona_id: str, owner_kind: str, owner_ref: str, preferences: str) -> Subject:
    consent = (
        _consent(owner_kind, preferences)
        if len(preferences) <= _LONGEST_REMEMBERED
        else _consent.__wrapped__(owner_kind, preferences)
    )
    return Subject(Resource(persona_id, owner_kind, owner_ref), consent)


@functools.lru_cache(maxsize=_REMEMBERED)
def _consent(owner_kind: str, preferences: str) -> Consent:
    return consent_of({"owner_kind": owner_kind, "preferences": msgspec.json.decode(preferences)})


@functools.lru_cache(maxsize=256)
def _statement(holds_rows: bool, condition: str) -> str:
    held = " FOR NO KEY UPDATE" if holds_rows else ""
    return (
        f"SELECT id, owner_kind, owner_ref, preferences FROM {Persona._meta.db_table}"
        f" WHERE {condition} ORDER BY id{held}"
    )
