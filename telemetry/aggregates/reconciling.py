"""Conflicting feedback, answered: one vote for each person and axis, and how far people disagree.

Spec 001 leaves open how feedback of several people is reconciled. Here nobody is outvoted by
diligence: of each person only the latest vote on an axis counts, it counts 1 at most, and where
votes pull apart that is said instead of averaged away. Pure.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from telemetry.aggregates.axes import Side
from telemetry.aggregates.hearing import Heard, Sample, hear
from telemetry.aggregates.measures import DECIMALS

AXES_MAX: Final = 20
CONTESTED: Final = 0.5
"""From this disagreement on people are said to disagree: three against one, equally strong."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One direction and who pulls there. ``low`` is None where a signal has no opposite.

    ``pull_for`` and ``pull_against`` are means over everybody who votes here, both in 0..1;
    ``balance`` in -1..1 is their difference, ``disagreement`` in 0..1 what they have in common.
    """

    name: str
    low: str | None
    high: str
    people_for: int
    people_against: int
    pull_for: float
    pull_against: float

    @property
    def people(self) -> int:
        """How many people vote here."""
        return self.people_for + self.people_against

    @property
    def balance(self) -> float:
        """Where everybody together pulls: 1 is all of them, with all their strength, upwards."""
        return round(self.pull_for - self.pull_against, DECIMALS) + 0.0

    @property
    def disagreement(self) -> float:
        """Twice the weaker pull over both: 0 is one mind, 1 two camps of equal strength."""
        weaker, both = min(self.pull_for, self.pull_against), self.pull_for + self.pull_against
        return round(2 * weaker / both, DECIMALS) if weaker else 0.0

    @property
    def contested(self) -> bool:
        """Whether people are said to disagree."""
        return self.disagreement >= CONTESTED

    def as_dict(self) -> dict[str, Any]:
        """The axis as JSON."""
        return {
            "axis": self.name,
            "low": self.low,
            "high": self.high,
            "balance": self.balance,
            "people_for": self.people_for,
            "people_against": self.people_against,
            "disagreement": self.disagreement,
        }


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The axes: those with two ends first, then by how many people vote there.

    At most 20; ``more`` is how many there are beyond.
    """

    axes: tuple[Axis, ...] = ()
    more: int = 0

    @property
    def disagreement(self) -> float | None:
        """The greatest of the axes with two ends; None without a vote on any of them."""
        return max((one.disagreement for one in self.axes if one.low is not None), default=None)


def reconcile(samples: Iterable[Sample]) -> Reconciled:
    """The samples' votes reconciled, in whatever order they come."""
    return reconciled(map(hear, samples))


def reconciled(heard: Iterable[Heard]) -> Reconciled:
    """The same from samples that were read already."""
    axes = sorted(map(_axis, _votes(heard).values()), key=_rank)
    return Reconciled(tuple(axes[:AXES_MAX]), max(len(axes) - AXES_MAX, 0))


_Vote = tuple[Side, float]


def _votes(heard: Iterable[Heard]) -> dict[tuple[str, bool], list[_Vote]]:
    """The latest vote of each person by axis; one of strength 0 takes back what was said."""
    latest: dict[tuple[str, bool, Hashable], tuple[Any, _Vote]] = {}
    for one in heard:
        if one.side is None:
            continue
        place = one.side.axis, one.side.low is None, one.who
        # Samples have ids of their own; the rest is for whoever makes some up.
        order = (*one.order, one.side.sign, one.strength)
        known = latest.get(place)
        if known is None or order > known[0]:
            latest[place] = order, (one.side, one.strength)
    votes: defaultdict[tuple[str, bool], list[_Vote]] = defaultdict(list)
    for (axis, alone, _), (_, vote) in latest.items():
        if vote[1] > 0:
            votes[axis, alone].append(vote)
    return votes


def _axis(votes: list[_Vote]) -> Axis:
    side = votes[0][0]
    above = [strength for one, strength in votes if one.sign > 0]
    below = [strength for one, strength in votes if one.sign < 0]
    people = len(votes)
    pulls = (math.fsum(above) / people, math.fsum(below) / people)
    return Axis(side.axis, side.low, side.high, len(above), len(below), *pulls)


def _rank(axis: Axis) -> tuple[bool, int, str]:
    return axis.low is None, -axis.people, axis.name
