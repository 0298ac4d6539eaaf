"""Many requests' samples put together per persona, before they are counted. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from telemetry.metrics.decay import Parts
from telemetry.metrics.naming import OTHER, SIGNALS_MAX, told_apart

UNVALUED = -1.0


class Counted(Protocol):
    """What the metrics look at in a sample; ``strength`` lies in 0..1."""

    @property
    def signal(self) -> str: ...

    @property
    def strength(self) -> float | None: ...


class Entry(NamedTuple):
    """The samples of one request, in its order. Requests are not to be joined into one."""

    persona_id: str
    samples: Sequence[Counted]


Newest = tuple[int, str, float]
"""The last sample of a request; the greatest of an instant is the newest.

Its place in the request, its signal, and its strength, -1 where it carries none.
"""


@dataclass(slots=True)
class Tally:
    """What one instant brought to a persona, under at most 51 names."""

    signals: dict[str, Parts]
    newest: Newest


def tallies(entries: Iterable[Entry]) -> dict[str, Tally]:
    """The samples by persona; nothing for requests without any."""
    strengths: dict[str, defaultdict[str, list[float | None]]] = {}
    newest: dict[str, Newest] = {}
    for persona_id, samples in entries:
        if not samples:
            continue
        by_signal = strengths.get(persona_id)
        if by_signal is None:
            by_signal = strengths[persona_id] = defaultdict(list)
        for sample in samples:
            by_signal[sample.signal].append(sample.strength)
        final = samples[-1]
        strength = UNVALUED if final.strength is None else final.strength
        last = (len(samples) - 1, final.signal, strength)
        known = newest.get(persona_id)
        if known is None or last > known:
            newest[persona_id] = last
    return {
        persona_id: Tally(_bounded(by_signal), newest[persona_id])
        for persona_id, by_signal in strengths.items()
    }


def _bounded(by_signal: dict[str, list[float | None]]) -> dict[str, Parts]:
    if len(by_signal) <= SIGNALS_MAX:
        return {name: _parts(strengths) for name, strengths in by_signal.items()}
    kept = told_apart(by_signal)
    bounded: dict[str, Parts] = {}
    rest: list[float | None] = []
    for name, strengths in by_signal.items():
        if name in kept:
            bounded[name] = _parts(strengths)
        else:
            rest += strengths
    if rest:
        bounded[OTHER] = _parts(rest)
    return bounded


def _parts(strengths: list[float | None]) -> Parts:
    if None not in strengths:
        return len(strengths), len(strengths), sum(strengths)  # type: ignore[arg-type]
    valued = [one for one in strengths if one is not None]
    return len(strengths), len(valued), sum(valued)
