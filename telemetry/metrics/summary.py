"""The metrics of one persona: what came in, how strong, and how much of it still counts. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from personas.documents.context_bias import VibeSummary
from telemetry.metrics.decay import Aggregate, Instant, instant
from telemetry.metrics.naming import OTHER, SIGNALS_MAX, order
from telemetry.metrics.tally import UNVALUED, Newest, Tally


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

    @property
    def vibe(self) -> VibeSummary:
        """The part that the context bias is computed from."""
        return VibeSummary(
            signal_counts=self.signal_counts,
            signal_strength=self.signal_strength,
            signal_weights=self.signal_weights,
            average_strength=self.average_strength,
            last_signal=self.last_signal,
            last_strength=self.last_strength,
        )


@dataclass(slots=True)
class PersonaMetrics:
    """Running sums of one persona; at most 50 signals are told apart, the rest is ``other``."""

    signals: dict[str, Aggregate] = field(default_factory=dict)
    newest: tuple[float, Newest] | None = None
    # The last of the signals told apart, once there are 50.
    _outermost: str | None = None

    def add(self, tally: Tally, moment: float, at: Instant) -> None:
        """Count ``tally`` as of ``moment``, which lies at ``at``."""
        for name, parts in tally.signals.items():
            known = self.signals.get(name)
            if known is None:
                known = self._place_of(name)
            known.add(parts, at)
        # A total order, so that the last one is the same whichever arrived first.
        newest = (moment, tally.newest)
        if self.newest is None or newest > self.newest:
            self.newest = newest

    def _place_of(self, name: str) -> Aggregate:
        told_apart = len(self.signals) - (OTHER in self.signals)
        if name != OTHER and told_apart >= SIGNALS_MAX:
            last = self._outermost or max((n for n in self.signals if n != OTHER), key=order)
            if order(name) > order(last):
                self._outermost, name = last, OTHER
            else:
                displaced = self.signals.pop(last)
                self.signals.setdefault(OTHER, Aggregate()).merge(displaced)
                self._outermost = None
        return self.signals.setdefault(name, Aggregate())

    def snapshot(self, now: float, half_life: int | None) -> Snapshot:
        """Everything as of ``now``, or of the newest sample where a clock is behind it.

        Signals are in alphabetical order; numbers have 12 digits.
        """
        moment, (_, signal, strength) = self.newest or (None, (0, None, UNVALUED))
        at = instant(now if moment is None else max(now, moment), half_life)
        everything = Aggregate()
        ordered = sorted(self.signals.items())
        for _, one in ordered:
            everything.merge(one)
        averages = {name: _rounded(one.average) for name, one in ordered}
        return Snapshot(
            total_feedback=everything.count,
            signal_counts={name: one.count for name, one in ordered},
            signal_strength={name: mean for name, mean in averages.items() if mean is not None},
            signal_weights={name: float(f"{one.weight_at(at):.12g}") for name, one in ordered},
            average_strength=_rounded(everything.average),
            last_signal=signal,
            last_strength=None if strength == UNVALUED else strength,
            last_updated=moment,
        )


def _rounded(mean: float | None) -> float | None:
    # One sample of 0.8 is shown as 0.8, whatever it was multiplied and divided by.
    return None if mean is None else round(mean, 12)
