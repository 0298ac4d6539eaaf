"""What a change of the record does to the beliefs that cite memory. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from personas.documents.canonical import Json, json_equal
from telemetry.memory.held import Held, belief_list, held_beliefs

Change = Literal["added", "changed", "removed"]


@dataclass(frozen=True, slots=True)
class CitingChange:
    """A belief that the change adds, changes or removes.

    ``cites`` is what it rests on afterwards, or rested on where it is removed; ``cited_before``
    what it cited until then.
    """

    change: Change
    belief_id: str
    statement: str
    before: float | None
    after: float | None
    cites: tuple[str, ...]
    cited_before: tuple[str, ...]


def citing_changes(before: Json, after: Json) -> list[CitingChange]:
    """Every belief that differs between two documents, in the order of the record."""
    old, new = _beliefs(before), _beliefs(after)
    changes: list[CitingChange] = []
    for belief_id, (held, entry) in new.items():
        known = old.get(belief_id)
        if known is None:
            cites = held.citations
            changes.append(_change("added", held, None, held.confidence, cites, ()))
        elif not json_equal(known[1], entry):
            was = known[0]
            changes.append(
                _change(
                    "changed", held, was.confidence, held.confidence, held.citations, was.citations
                )
            )
    for belief_id, (held, _entry) in old.items():
        if belief_id not in new:
            cited = held.citations
            changes.append(_change("removed", held, held.confidence, None, cited, cited))
    return changes


def _change(
    change: Change,
    held: Held,
    before: float | None,
    after: float | None,
    cites: tuple[str, ...],
    cited_before: tuple[str, ...],
) -> CitingChange:
    return CitingChange(change, held.id, held.statement, before, after, cites, cited_before)


def _beliefs(document: Json) -> Mapping[str, tuple[Held, Json]]:
    worldview = document.get("worldview") if isinstance(document, dict) else None
    entries = belief_list(worldview) or []
    return {held.id: (held, entries[held.index]) for held in held_beliefs(worldview)}
