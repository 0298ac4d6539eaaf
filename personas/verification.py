"""Proving a persona's history, and reading its past (contract §5)."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from personas.documents.canonical import Json
from personas.documents.chain import Anchor, ChainReport, ChainRow, verify_chain
from personas.errors import PersonaNotFound
from personas.models import HistoryEntry, Persona
from personas.models.history import HistoryQuerySet
from personas.selectors import document_at, persona_get
from personas.signals import anchor_asked

ATTEMPTS = 5


def persona_verify(persona: Persona) -> ChainReport:
    """Whether the history is whole and untouched, and gives the record as it is stored.

    The first row that is not sound is named by its version, with the reason: edited, deleted,
    swapped, renumbered, truncated, or document_edited. A tail that was cut off is known from the
    version of the record, and from the newest anchor outside of the database where there is one.
    """
    for _attempt in range(ATTEMPTS):
        report = _verify(persona)
        fresh = persona_get(persona.id)
        if report.ok or fresh.version == persona.version:
            break
        # A change was committed between reading the record and reading its history.
        persona = fresh
    return report


def _verify(persona: Persona) -> ChainReport:
    # Asked first: an anchor newer than the rows that were read would look like a cut tail.
    anchor = _newest_anchor(persona)
    try:
        rows = [entry.as_row() for entry in _entries(persona).iterator(chunk_size=1000)]
    except (ValueError, TypeError, AttributeError):
        return _unreadable(persona)
    report = verify_chain(rows, persona.document, anchor)
    if report.ok and persona.version != len(rows):
        return _version_mismatch(persona, len(rows), anchored=report.anchored)
    if report.reason == "document_edited" and persona.version > len(rows):
        return _version_mismatch(persona, len(rows), anchored=report.anchored)
    return report


def _entries(persona: Persona) -> HistoryQuerySet:
    return HistoryEntry.objects.filter(persona_id=persona.id).order_by("version", "id")


def _unreadable(persona: Persona) -> ChainReport:
    """What is wrong with a history of which a row is not even JSON, or no date, or no id."""
    rows: list[ChainRow] = []
    for key in list(_entries(persona).values_list("id", flat=True)):
        try:
            rows.append(HistoryEntry.objects.get(pk=key).as_row())
        except (ValueError, TypeError, AttributeError):
            break
    before = verify_chain(rows, None)
    if before.reason != "document_edited":
        return before
    return ChainReport(False, len(rows), len(rows) + 1, "edited", "the row cannot be read")


def _newest_anchor(persona: Persona) -> Anchor | None:
    answers = anchor_asked.send(Persona, persona_id=persona.id)
    anchors = [cast("Anchor", anchor) for _, anchor in answers if anchor is not None]
    return max(anchors, key=lambda anchor: anchor.version, default=None)


def _version_mismatch(persona: Persona, rows: int, *, anchored: bool) -> ChainReport:
    if persona.version > rows:
        detail = f"the record is at version {persona.version}, its history ends at {rows}"
        return ChainReport(False, rows, rows + 1, "truncated", detail, anchored)
    detail = f"the record says version {persona.version}, its history goes to {rows}"
    return ChainReport(False, rows, rows, "document_edited", detail, anchored)


def version_at(persona: Persona, moment: datetime) -> int:
    """The version that was in force at ``moment``; raises ``PersonaNotFound`` before the first."""
    entry = (
        HistoryEntry.objects.filter(persona_id=persona.id, applied_at__lte=moment)
        .newest_first()
        .only("version")
        .first()
    )
    if entry is None:
        raise PersonaNotFound(f"{persona.id} did not exist at that time", code="version_not_found")
    return entry.version


def entry_of(persona: Persona, version: int) -> HistoryEntry:
    """The row of history that made ``version``; raises ``PersonaNotFound``."""
    entry = HistoryEntry.objects.filter(persona_id=persona.id, version=version).first()
    if entry is None:
        raise PersonaNotFound(f"{persona.id} has no version {version}", code="version_not_found")
    return entry


def documents_between(persona: Persona, start: int, end: int) -> tuple[Json, Json]:
    """The documents at two versions; 0 is the empty one before the first."""
    return document_at(persona, start), document_at(persona, end)
