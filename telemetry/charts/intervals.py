"""Feedback by intervals of time: how much, how strong, of which signal. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

MINUTE, HOUR, DAY = 60, 3_600, 86_400
STEPS = (
    *(MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY),
)
MOST_INTERVALS = 48
MOST_SIGNALS = 5


class Point(NamedTuple):
    """One sample as a chart sees it; ``strength`` lies in 0..1 or is None."""

    at: datetime
    signal: str
    strength: float | None


@dataclass(frozen=True, slots=True)
class Band:
    """The strengths of an interval, of the samples that carry one."""

    lowest: float
    mean: float
    highest: float
    count: int


@dataclass(frozen=True, slots=True)
class Interval:
    """What came in from ``start`` on, for one step.

    ``strengths`` are means, in the order of the chart's signals; None where there is none.
    """

    start: datetime
    count: int
    band: Band | None
    strengths: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Signal:
    """One line of the chart. ``name`` is None for all the rarer signals together."""

    name: str | None
    count: int
    mean: float | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Feedback in steps of ``step`` seconds; intervals without any are left out, oldest first."""

    step: int
    total: int
    signals: tuple[Signal, ...]
    intervals: tuple[Interval, ...]


def timeline(points: Iterable[Point]) -> Timeline:
    """The points by intervals, the most frequent signals by themselves and the rest as one."""
    ordered = sorted(points, key=lambda point: point.at)
    signals = _signals(ordered)
    named = [signal.name for signal in signals if signal.name is not None]
    step = step_of(ordered[0].at, ordered[-1].at) if ordered else STEPS[0]
    by_start: defaultdict[int, list[Point]] = defaultdict(list)
    for point in ordered:
        by_start[int(point.at.timestamp()) // step * step].append(point)
    return Timeline(
        step,
        len(ordered),
        signals,
        tuple(_interval(start, inside, signals, named) for start, inside in by_start.items()),
    )


def step_of(first: datetime, last: datetime) -> int:
    """The shortest step, in seconds, that needs at most 48 intervals from ``first`` to ``last``."""
    span = (last - first).total_seconds()
    return next((step for step in STEPS if span <= step * (MOST_INTERVALS - 1)), STEPS[-1])


def _signals(points: Sequence[Point]) -> tuple[Signal, ...]:
    counts = Counter(point.signal for point in points)
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    # One more line costs no more room than a line for a single rest.
    kept = ranked if len(ranked) <= MOST_SIGNALS + 1 else ranked[:MOST_SIGNALS]
    lines = [
        Signal(name, counts[name], _mean(p.strength for p in points if p.signal == name))
        for name in kept
    ]
    rest = [point for point in points if point.signal not in kept]
    if rest:
        lines.append(Signal(None, len(rest), _mean(point.strength for point in rest)))
    return tuple(lines)


def _interval(
    start: int, inside: Sequence[Point], signals: Sequence[Signal], named: Sequence[str]
) -> Interval:
    def of(signal: Signal) -> float | None:
        return _mean(
            point.strength
            for point in inside
            if (point.signal == signal.name if signal.name else point.signal not in named)
        )

    return Interval(
        datetime.fromtimestamp(start, UTC), len(inside), _band(inside), tuple(map(of, signals))
    )


def _band(inside: Iterable[Point]) -> Band | None:
    strengths = [point.strength for point in inside if point.strength is not None]
    mean = _mean(strengths)
    if mean is None:
        return None
    return Band(min(strengths), mean, max(strengths), len(strengths))


def _mean(strengths: Iterable[float | None]) -> float | None:
    known = [one for one in strengths if one is not None]
    return round(sum(known) / len(known), 6) if known else None
