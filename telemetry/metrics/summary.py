"""The metrics of one persona: what came in, how strong, and how much of it still counts. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from telemetry.metrics.decay import DecayingSum
from telemetry.samples import Sample

SIGNALS_MAX = 50
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Metrics as read at one instant (contract §7). Times are unix seconds."""

    total_feedback: int
    signal_counts: dict[str, int]
    signal_strength: dict[str, float]
    signal_weights: dict[str, float]
    average_strength: float | None
    last_signal: str | None
    last_strength: float | None
    last_updated: float | None


@dataclass(slots=True)
class PersonaMetrics:
    """Running sums of one persona; at most 50 signals are told apart, the rest is ``other``."""

    half_life: float | None
    total: DecayingSum = field(init=False)
    signals: dict[str, DecayingSum] = field(default_factory=dict)
    last: tuple[Any, ...] | None = None
    last_sample: Sample | None = None

    def __post_init__(self) -> None:
        self.total = DecayingSum(self.half_life)

    def record(self, samples: Iterable[Sample], moment: float) -> list[str]:
        """Count ``samples`` as of ``moment``; returns the name each was counted under."""
        names: list[str] = []
        for position, sample in enumerate(samples):
            name = self._name(sample.signal)
            names.append(name)
            self.signals[name].add(moment, sample.strength)
            self.total.add(moment, sample.strength)
            # A total order, so that the last one is the same whichever arrived first.
            strength = -1.0 if sample.strength is None else sample.strength
            rank = (moment, position, sample.signal, strength)
            if self.last is None or rank > self.last:
                self.last, self.last_sample = rank, sample
        return names

    def _name(self, signal: str) -> str:
        if signal not in self.signals:
            told_apart = len(self.signals) - (OTHER in self.signals)
            if told_apart >= SIGNALS_MAX:
                signal = OTHER
            self.signals.setdefault(signal, DecayingSum(self.half_life))
        return signal

    def snapshot(self, now: float) -> Snapshot:
        """Everything as of ``now``, signals in alphabetical order."""
        ordered = sorted(self.signals.items())
        averages = {name: one.average for name, one in ordered}
        return Snapshot(
            total_feedback=self.total.count,
            signal_counts={name: one.count for name, one in ordered},
            signal_strength={name: mean for name, mean in averages.items() if mean is not None},
            signal_weights={name: one.weight_at(now) for name, one in ordered},
            average_strength=self.total.average,
            last_signal=None if self.last_sample is None else self.last_sample.signal,
            last_strength=None if self.last_sample is None else self.last_sample.strength,
            last_updated=None if self.last is None else self.last[0],
        )
