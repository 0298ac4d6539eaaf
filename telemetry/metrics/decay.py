"""Sums whose parts lose half their weight in every half-life (contract §7). Pure.

A part added at ``t`` weighs ``2 ** (-(now - t) / half_life)`` when it is read at ``now``. The sums
are kept as of the latest part, and a part that comes late is scaled down to that instant, so the
result does not depend on the order of arrival.
"""

from __future__ import annotations

from dataclasses import dataclass


def decay(seconds: float, half_life: float | None) -> float:
    """The weight left after ``seconds``; 1 without a half-life, and never more than 1."""
    if half_life is None or seconds <= 0:
        return 1.0
    return float(2.0 ** (-seconds / half_life))


@dataclass(slots=True)
class DecayingSum:
    """Weight of all parts, and weight and sum of those that carry a value; times in unix seconds."""

    half_life: float | None
    at: float = 0.0
    count: int = 0
    weight: float = 0.0
    valued_weight: float = 0.0
    value_sum: float = 0.0

    def add(self, moment: float, value: float | None) -> None:
        """Count one part at ``moment``; None carries no value."""
        if self.count and moment > self.at:
            kept = decay(moment - self.at, self.half_life)
            self.weight *= kept
            self.valued_weight *= kept
            self.value_sum *= kept
        self.at = max(self.at, moment) if self.count else moment
        share = decay(self.at - moment, self.half_life)
        self.count += 1
        self.weight += share
        if value is not None:
            self.valued_weight += share
            self.value_sum += value * share

    def weight_at(self, now: float) -> float:
        """The weight of all parts at ``now``."""
        return self.weight * decay(now - self.at, self.half_life)

    @property
    def average(self) -> float | None:
        """The weighted mean of the values, the same whenever it is read; None without any."""
        if self.valued_weight <= 0.0:
            return None
        # Rounding may carry a mean past the ends of its parts by one bit.
        return min(max(self.value_sum / self.valued_weight, 0.0), 1.0)
