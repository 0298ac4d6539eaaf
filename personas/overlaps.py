"""Which pending proposals touch the same paths (contract §4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from personas.changes import asked_on
from personas.documents.canonical import Json
from personas.documents.compare import compare
from personas.documents.pointer import Tokens, split
from personas.errors import ImmutableField, InvalidDiff
from personas.models import Persona, Proposal
from personas.selectors import documents_at

# Far more than wait for one persona; what keeps a page from growing without any end. Where more
# wait, the pages say so.
MOST_COMPARED = 1000


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another pending proposal for the same persona, and the paths that both change."""

    proposal: Proposal
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overlaps:
    """What was found, the oldest first; ``cut`` says that not all that wait were looked at."""

    found: tuple[Overlap, ...] = ()
    cut: bool = False


class Touched:
    """The paths that one proposal changes. Two meet where one path is, or contains, another.

    Asked of sets, so that two large proposals cost their paths and not every pair of them.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = tuple(paths)
        self._places = {split(path) for path in self.paths}
        self._above = {place[:end] for place in self._places for end in range(len(place))}

    def meets(self, other: Touched) -> bool:
        """Whether the two touch any path in common."""
        return not (
            self._places.isdisjoint(other._places)
            and self._places.isdisjoint(other._above)
            and self._above.isdisjoint(other._places)
        )

    def shared_with(self, other: Touched) -> tuple[str, ...]:
        """Those of its own paths that ``other`` touches too, in their order."""
        if not self.meets(other):
            return ()
        return tuple(path for path in self.paths if other._covers(split(path)))

    def _covers(self, place: Tokens) -> bool:
        if place in self._places or place in self._above:
            return True
        return any(place[:end] in self._places for end in range(len(place)))


def overlapping_proposals(proposal: Proposal, persona: Persona, *, now: datetime) -> Overlaps:
    """The pending proposals that touch what ``proposal`` touches."""
    pending = persona.proposals.pending_at(now).exclude(pk=proposal.pk).oldest_first()
    others = list(pending.select_related("submitted_by")[: MOST_COMPARED + 1])
    if not others:
        return Overlaps()
    cut = len(others) > MOST_COMPARED
    others = others[:MOST_COMPARED]
    touched = touched_paths([proposal, *others], persona)
    ours = touched[proposal.pk]
    shared = ((other, ours.shared_with(touched[other.pk])) for other in others)
    return Overlaps(tuple(Overlap(other, paths) for other, paths in shared if paths), cut)


def touched_paths(proposals: Sequence[Proposal], persona: Persona) -> dict[UUID, Touched]:
    """Every path that each proposal changes on the record it was written on, by proposal id."""
    bases = documents_at(persona, {one.base_version for one in proposals})
    return {one.pk: Touched(_paths(one, bases[one.base_version])) for one in proposals}


def _paths(proposal: Proposal, base: Json) -> list[str]:
    try:
        asked = asked_on(base, proposal)
    except (InvalidDiff, ImmutableField):
        return []
    changes = compare(base, asked.result)
    return [path for change in changes for path in (change.path, change.from_path) if path]
