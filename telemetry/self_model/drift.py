"""How far what an agent reports has moved from what it used to report (contract §10). Pure.

``docs/self-model.md`` has the formula and a worked example.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from leases.instants import to_unix_ms

MEASURES: Final = ("confidence", "competence", "cost")
HALF_LIFE: Final = timedelta(days=7)
"""Of the baseline: after so long it has gone half the way to what was reported meanwhile."""
DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Track:
    """One measure over time: ``baseline`` is where it used to be at ``at``, in unix ms."""

    baseline: float
    latest: float
    at: int

    def as_dict(self) -> dict[str, Any]:
        """As it is stored."""
        return {"baseline": self.baseline, "latest": self.latest, "at": self.at}


Tracks = Mapping[str, Track]


def tracks_of(stored: Mapping[str, Any]) -> dict[str, Track]:
    """The tracks that ``Track.as_dict`` stored, by measure."""
    return {name: Track(**stored[name]) for name in MEASURES if name in stored}


def reported(tracks: Tracks, report: Mapping[str, float], now: datetime) -> dict[str, Track]:
    """The tracks after ``report``, which holds at least one measure.

    A baseline is the mean of what was reported, each value weighted by how long it stood and how
    long ago that is. It moves towards the value before this one, for as long as that has stood: a
    report is compared with a baseline that it is no part of, and reporting more often moves
    nothing.
    """
    moment = to_unix_ms(now)
    after = dict(tracks)
    for name, value in report.items():
        known = tracks.get(name)
        if known is None:
            after[name] = Track(value, value, moment)
            continue
        elapsed = timedelta(milliseconds=max(moment - known.at, 0))
        kept = 0.5 ** (elapsed / HALF_LIFE)
        baseline = known.latest + kept * (known.baseline - known.latest)
        after[name] = Track(baseline, value, max(moment, known.at))
    return after


def deviation(name: str, track: Track) -> float:
    """From 0 to 1: how far the latest value is from the baseline.

    Confidence and competence lie between 0 and 1, and the distance is what it is. Cost has no
    upper end: the distance is told as a share of the larger of the two.
    """
    distance = abs(track.latest - track.baseline)
    if name != "cost":
        return distance
    larger = max(track.latest, track.baseline)
    return distance / larger if larger else 0.0


def score_of(tracks: Tracks) -> float:
    """The largest deviation, to four digits: what is calm does not hide what is not."""
    found = max((deviation(name, track) for name, track in tracks.items()), default=0.0)
    return round(found, DIGITS)


def baselines(tracks: Tracks) -> dict[str, float]:
    """Where each measure used to be, to four digits."""
    return {name: round(tracks[name].baseline, DIGITS) for name in MEASURES if name in tracks}


def latest(tracks: Tracks) -> dict[str, float]:
    """The newest value of each measure."""
    return {name: tracks[name].latest for name in MEASURES if name in tracks}
