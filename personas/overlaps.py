"""Which pending proposals touch the same paths (contract §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from personas.changes import asked_on
from personas.documents.canonical import Json
from personas.documents.compare import compare
from personas.documents.pointer import overlaps, split
from personas.errors import ImmutableField, InvalidDiff
from personas.models import Persona, Proposal
from personas.selectors import documents_at

MOST_COMPARED = 100


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another pending proposal for the same persona, and the paths that both change."""

    proposal: Proposal
    paths: tuple[str, ...]


def overlapping_proposals(proposal: Proposal, persona: Persona, *, now: datetime) -> list[Overlap]:
    """The pending proposals that touch what ``proposal`` touches, the oldest first."""
    pending = persona.proposals.pending_at(now).exclude(pk=proposal.pk).oldest_first()
    others = list(pending.select_related("submitted_by")[:MOST_COMPARED])
    if not others:
        return []
    touched = touched_paths([proposal, *others], persona)
    ours = [(path, split(path)) for path in touched[proposal.pk]]
    found = []
    for other in others:
        theirs = [split(path) for path in touched[other.pk]]
        shared = tuple(
            path for path, place in ours if any(overlaps(place, their) for their in theirs)
        )
        if shared:
            found.append(Overlap(other, shared))
    return found


def touched_paths(proposals: Sequence[Proposal], persona: Persona) -> dict[UUID, list[str]]:
    """Every path that each proposal changes on the record it was written on, by proposal id."""
    bases = documents_at(persona, {one.base_version for one in proposals})
    return {one.pk: _paths(one, bases[one.base_version]) for one in proposals}


def _paths(proposal: Proposal, base: Json) -> list[str]:
    try:
        asked = asked_on(base, proposal)
    except (InvalidDiff, ImmutableField):
        return []
    changes = compare(base, asked.result)
    return [path for change in changes for path in (change.path, change.from_path) if path]
