"""How many other pending proposals touch what a proposal touches, for a whole list at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from personas.documents.pointer import Tokens, overlaps, split
from personas.models import Persona, Proposal
from personas.overlaps import MOST_COMPARED, touched_paths


def overlap_counts(proposals: Iterable[Proposal], *, now: datetime) -> dict[UUID, int]:
    """By proposal id. Each pending proposal of a persona is looked at once, whatever the list."""
    counts: dict[UUID, int] = {}
    for persona in {proposal.persona_id: proposal.persona for proposal in proposals}.values():
        counts |= _of_persona(persona, now)
    return counts


def _of_persona(persona: Persona, now: datetime) -> dict[UUID, int]:
    pending = list(persona.proposals.pending_at(now).oldest_first()[:MOST_COMPARED])
    if len(pending) < 2:
        return {}
    found = touched_paths(pending, persona)
    touched = {one: [split(path) for path in paths] for one, paths in found.items()}
    return {
        one: sum(_meet(paths, others) for other, others in touched.items() if other != one)
        for one, paths in touched.items()
    }


def _meet(ours: list[Tokens], theirs: list[Tokens]) -> bool:
    return any(overlaps(one, other) for one in ours for other in theirs)
