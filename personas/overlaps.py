"""Which pending proposals touch the same paths (contract §4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from personas.changes import change_on_base
from personas.documents.compare import compare
from personas.documents.pointer import overlaps, split
from personas.errors import ImmutableField, InvalidDiff
from personas.models import Persona, Proposal

MOST_COMPARED = 100


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another pending proposal for the same persona, and the paths that both change."""

    proposal: Proposal
    paths: tuple[str, ...]


def overlapping_proposals(proposal: Proposal, persona: Persona, *, now: datetime) -> list[Overlap]:
    """The pending proposals that touch what ``proposal`` touches, the oldest first."""
    ours = touched_paths(proposal, persona)
    others = persona.proposals.pending_at(now).exclude(pk=proposal.pk).oldest_first()
    found = []
    for other in others.select_related("submitted_by")[:MOST_COMPARED]:
        theirs = [split(path) for path in touched_paths(other, persona)]
        shared = tuple(
            path for path in ours if any(overlaps(split(path), their) for their in theirs)
        )
        if shared:
            found.append(Overlap(other, shared))
    return found


def touched_paths(proposal: Proposal, persona: Persona) -> list[str]:
    """Every path that the proposal changes on the record it was written on."""
    try:
        base, asked = change_on_base(proposal, persona)
    except (InvalidDiff, ImmutableField):
        return []
    changes = compare(base, asked.result)
    return [path for change in changes for path in (change.path, change.from_path) if path]
