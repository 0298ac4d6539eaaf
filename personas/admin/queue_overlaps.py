"""How many other pending proposals touch what a proposal touches, for a whole list at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from uuid import UUID

from personas.models import Persona, Proposal
from personas.overlaps import MOST_COMPARED, touched_paths


@dataclass(frozen=True, slots=True)
class OverlapCounts:
    """``by_proposal`` ids; ``cut`` names the personas of which not all that wait were looked at."""

    by_proposal: dict[UUID, int]
    cut: frozenset[str]


def overlap_counts(proposals: Iterable[Proposal], *, now: datetime) -> OverlapCounts:
    """Each pending proposal of a persona is looked at once, whatever the list."""
    counts: dict[UUID, int] = {}
    cut = set()
    for persona in {proposal.persona_id: proposal.persona for proposal in proposals}.values():
        pending = list(persona.proposals.pending_at(now).oldest_first()[: MOST_COMPARED + 1])
        counts |= _among(pending[:MOST_COMPARED], persona)
        if len(pending) > MOST_COMPARED:
            cut.add(persona.pk)
    return OverlapCounts(counts, frozenset(cut))


def _among(pending: list[Proposal], persona: Persona) -> dict[UUID, int]:
    if len(pending) < 2:
        return {}
    counts = dict.fromkeys((one.pk for one in pending), 0)
    for (one, ours), (other, theirs) in combinations(touched_paths(pending, persona).items(), 2):
        if ours.meets(theirs):
            counts[one] += 1
            counts[other] += 1
    return counts
