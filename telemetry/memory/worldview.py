"""From votes to changes of a worldview: the formula, in one place (contract §10). Pure.

No model and no clock: the same memory and the same record always give the same suggestion. The
formula is explained with an example in ``docs/worldview.md``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from telemetry.memory.evidence import (
    Remembered,
    Vote,
    oldest_first,
    position_of,
    statement_id,
    votes_of,
)
from telemetry.memory.held import NEUTRAL, Held, Standings

ADD_AT = 0.6
RETIRE_BELOW = 0.3
STEP = 0.05
MAX_BELIEFS = 16
MAX_CHANGES = 16
MAX_CITATIONS = 12


class Kind(StrEnum):
    """What happens to a belief. Written in this order: what falls comes before what rises."""

    RETIRE = "retire"
    WEAKEN = "weaken"
    STRENGTHEN = "strengthen"
    ADD = "add"


_ORDER = tuple(Kind)


@dataclass(frozen=True, slots=True)
class View:
    """What a summariser may go by: the persona's beliefs, and the items shared with it.

    ``standings`` tell of every item that a belief cites whether it still holds; ``others`` is the
    number of entries in the list of beliefs that say nothing readable.
    """

    persona_id: str
    beliefs: tuple[Held, ...]
    items: tuple[Remembered, ...]
    standings: Standings
    others: int = 0


@dataclass(frozen=True, slots=True)
class BeliefChange:
    """One suggested change. ``citations`` are shared items; ``lost`` counts those that are gone.

    ``confidence`` is the one afterwards (``before``: until now; None for an addition). ``reason``
    says in words and numbers why.
    """

    kind: Kind
    belief_id: str
    statement: str
    confidence: float
    citations: tuple[str, ...]
    reason: str
    before: float | None = None
    lost: int = 0


def belief_changes(view: View) -> list[BeliefChange]:
    """What the shared memory says should change, at most 16 changes; empty when nothing should."""
    votes = votes_of(view.items)
    first = {held.key: held.index for held in reversed(view.beliefs)}
    changes: list[BeliefChange] = []
    for held in view.beliefs:
        own = votes.get(held.key, ()) if first[held.key] == held.index else ()
        change = _change_of(held, with_cited(held, own, view.items), own, view.standings)
        if change is not None:
            changes.append(change)
    retired = sum(change.kind is Kind.RETIRE for change in changes)
    room = MAX_BELIEFS - len(view.beliefs) - view.others + retired
    changes += _additions(view, votes)[: max(room, 0)]
    changes.sort(key=lambda change: _ORDER.index(change.kind))
    return changes[:MAX_CHANGES]


def confidence_of(prior: float, votes: Iterable[Vote]) -> float:
    """``(prior + for) / (1 + for + against)`` to two places, halves away from zero.

    ``for`` and ``against`` are the sums of the votes' weights; what was thought before weighs 1.
    """
    pro, contra = sums_of(votes)
    return round_share((prior + pro) / (1.0 + pro + contra))


def sums_of(votes: Iterable[Vote]) -> tuple[float, float]:
    """The weights for and against; the same sums in whatever order the votes come."""
    votes = tuple(votes)
    pro = math.fsum(vote.weight for vote in votes if vote.is_for)
    return pro, math.fsum(vote.weight for vote in votes if not vote.is_for)


def round_share(value: float) -> float:
    return math.floor(value * 100 + 0.5) / 100


def with_cited(held: Held, votes: Sequence[Vote], items: Iterable[Remembered]) -> tuple[Vote, ...]:
    """The votes on a belief, and what it cites besides, as it was accepted.

    A cited item that takes no position by itself counts for the belief that people accepted with
    it, once for each person who has no vote; one that speaks of something else does not.
    """
    cited = set(held.citations)
    if not cited:
        return tuple(votes)
    voters = {vote.item.person for vote in votes}
    silent: dict[str, Vote] = {}
    for item in items:
        if item.id not in cited or item.person in voters or position_of(item):
            continue
        vote = Vote(item, held.statement, "for")
        known = silent.get(item.person)
        if known is None or vote.order > known.order:
            silent[item.person] = vote
    return oldest_first([*votes, *silent.values()])


def cited_ids(votes: Iterable[Vote]) -> tuple[str, ...]:
    """The heaviest votes' items, at most 12: those for the belief first, then by age."""
    heaviest = sorted(votes, key=lambda vote: (-vote.weight, vote.order))[:MAX_CITATIONS]
    return tuple(
        vote.item.id for vote in sorted(heaviest, key=lambda vote: (not vote.is_for, vote.order))
    )


def _change_of(
    held: Held, basis: tuple[Vote, ...], votes: Sequence[Vote], standings: Standings
) -> BeliefChange | None:
    """What becomes of a belief that memory speaks of, or that lost what it rests on."""
    lost = len(held.lost(standings))
    if not votes and not lost:
        return None
    if not basis and not held.written:
        reason = "Nothing that it rests on is shared any more."
        return _made(Kind.RETIRE, held, 0.0, (), reason, lost)
    target = confidence_of(held.prior, basis)
    reason = explained(held.prior, basis, target)
    if basis and target < RETIRE_BELOW:
        return _made(Kind.RETIRE, held, target, cited_ids(basis), reason, lost)
    if not lost and abs(target - held.confidence) < STEP - 1e-9:
        return None
    kind = Kind.STRENGTHEN if target > held.confidence else Kind.WEAKEN
    return _made(kind, held, target, cited_ids(basis), reason, lost)


def _made(
    kind: Kind, held: Held, target: float, citations: tuple[str, ...], reason: str, lost: int
) -> BeliefChange:
    return BeliefChange(
        kind, held.id, held.statement, target, citations, reason, held.confidence, lost
    )


def _additions(view: View, votes: Mapping[str, tuple[Vote, ...]]) -> list[BeliefChange]:
    """Statements that the record does not hold yet, the surest first."""
    held = {one.key for one in view.beliefs}
    taken = {one.id: one.key for one in view.beliefs}
    found: list[tuple[float, int, str]] = []
    for key, said in votes.items():
        sure = confidence_of(NEUTRAL, said)
        if key not in held and sure >= ADD_AT:
            found.append((-sure, -sum(vote.is_for for vote in said), key))
    made: list[BeliefChange] = []
    for minus, _people, key in sorted(found):
        said = votes[key]
        statement = next(vote.statement for vote in said if vote.is_for)
        belief_id = statement_id(statement, taken)
        taken[belief_id] = key
        reason = explained(NEUTRAL, said, -minus)
        made.append(BeliefChange(Kind.ADD, belief_id, statement, -minus, cited_ids(said), reason))
    return made


def explained(prior: float, votes: Iterable[Vote], target: float) -> str:
    """The formula with its numbers, and how many people stand behind them."""
    votes = tuple(votes)
    pro, contra = sums_of(votes)
    people = sum(vote.is_for for vote in votes)
    return (
        f"{people} for, {len(votes) - people} against: "
        f"({prior:.2f} + {pro:.2f}) / (1 + {pro:.2f} + {contra:.2f}) = {target:.2f}."
    )


def shared_ids(view: View) -> frozenset[str]:
    """The ids that a belief may rest on."""
    return frozenset(item.id for item in view.items)
