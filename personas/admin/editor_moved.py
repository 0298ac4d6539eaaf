"""The record moved on while somebody edited it: who did, and what was edited on the new version."""

from __future__ import annotations

from dataclasses import dataclass

from personas.documents.canonical import Json, json_equal
from personas.documents.rebase import Conflict
from personas.editing import carry_over
from personas.models import HistoryEntry, Persona


@dataclass(frozen=True, slots=True)
class Moved:
    """``document`` is what was edited on ``base``, carried over to ``version``.

    At ``conflicts`` both sides moved; there it has what was edited. ``entry`` is the row of history
    that made the newest version. ``nothing_left`` says that the record already is as was wanted.
    """

    base: int
    version: int
    document: Json
    conflicts: tuple[Conflict, ...]
    entry: HistoryEntry | None
    nothing_left: bool


def moved_since(persona: Persona, base: int, before: Json, edited: Json) -> Moved:
    """What was edited on ``before``, the record at version ``base``, on the record as it is."""
    carried = carry_over(before, edited, persona.document)
    return Moved(
        base=base,
        version=persona.version,
        document=carried.document,
        conflicts=carried.conflicts,
        entry=persona.history.select_related("applied_by").filter(version=persona.version).first(),
        nothing_left=json_equal(carried.document, persona.document),
    )
