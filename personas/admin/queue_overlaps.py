"""How many other pending proposals touch what a proposal touches, for a whole list at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import combinations
from uuid import UUID

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
    counts = dict.fromkeys((one.pk for one in pending), 0)
    for (one, ours), (other, theirs) in combinations(touched_paths(pending, persona).items(), 2):
        if ours.meets(theirs):
            counts[one] += 1
            counts[other] += 1
    return counts
