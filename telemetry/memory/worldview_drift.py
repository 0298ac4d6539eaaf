"""How far what a persona believes and what people lately said have parted (contract §10). Pure.

The formula is explained with an example in ``docs/worldview.md``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from telemetry.memory.evidence import votes_of
from telemetry.memory.worldview import View, confidence_of, with_cited

RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Drifted:
    """``score`` in 0..1, the mean over ``beliefs`` beliefs that recent memory speaks of."""

    score: float
    beliefs: int


def worldview_drift(view: View) -> Drifted:
    """The mean distance between what the record is sure of and what the evidence gives.

    ``view`` holds the items of the last 30 days. Only beliefs of the record count that somebody
    spoke of, or that cite something that no longer holds. A belief that rests on memory alone,
    none of which holds, is as far off as it is sure.
    """
    votes = votes_of(view.items)
    seen: set[str] = set()
    distances: list[float] = []
    for held in view.beliefs:
        own = () if held.key in seen else votes.get(held.key, ())
        seen.add(held.key)
        lost = held.lost(view.standings)
        if own:
            target = confidence_of(held.prior, with_cited(held, own, view.items))
            distances.append(abs(target - held.confidence))
        elif lost and len(lost) == len(held.citations):
            target = held.prior if held.written else 0.0
            distances.append(abs(target - held.confidence))
    if not distances:
        return Drifted(0.0, 0)
    return Drifted(round(math.fsum(distances) / len(distances), 4), len(distances))
