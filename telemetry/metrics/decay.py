"""Sums whose parts lose half their weight in every half-life (contract §7). Pure.

A part of the instant ``t`` weighs ``2 ** (-(now - t) / half_life)`` when it is read at ``now``.
A sum is kept as of the *step* it lies in: half-lives counted from 1970. Going from one step to
another is a power of two, which costs no digit, so the result depends neither on the order of
arrival nor on how often a sum was touched, and no exponent grows without bound. What rounding
takes from each addition is carried beside the sum: ten million parts add up like ten.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple


class Instant(NamedTuple):
    """The step that a moment lies in, and what a part of that moment weighs there, 1 to 2."""

    step: int
    share: float


def instant(moment: float, half_life: int | None) -> Instant:
    """Where ``moment``, in unix seconds, lies; without a half-life every step is the same."""
    if half_life is None:
        return Instant(0, 1.0)
    step = math.floor(moment / half_life)
    return Instant(step, 2.0 ** ((moment - step * half_life) / half_life))


# ``(step, high, rest)`` is ``(high + rest) * 2 ** step``.
Sum = tuple[int, float, float]
NOTHING: Sum = (0, 0.0, 0.0)


def as_of(one: Sum, step: int) -> float:
    """The sum in units of ``step``."""
    return math.ldexp(one[1] + one[2], one[0] - step)


def plus(one: Sum, step: int, high: float, rest: float = 0.0) -> Sum:
    """``one`` and ``high + rest`` as of ``step``, as of the later of the two steps."""
    at, total, error = one
    if total == 0.0 and error == 0.0:
        return step, high, rest
    if step > at:
        fewer = math.ldexp(1.0, at - step)
        at, total, error = step, total * fewer, error * fewer
    elif step < at:
        fewer = math.ldexp(1.0, step - at)
        high, rest = high * fewer, rest * fewer
    # Knuth's two-sum: ``error`` takes exactly what ``total`` has no digits for.
    after = total + high
    seen = after - total
    return at, after, error + rest + ((total - (after - seen)) + (high - seen))


Parts = tuple[int, int, float]
"""Some samples of one instant: how many, how many carry a strength, and the sum of those."""


@dataclass(slots=True)
class Aggregate:
    """The samples of one signal: their number, their weight, and their strengths by weight."""

    count: int = 0
    weight: Sum = NOTHING
    valued: Sum = NOTHING
    value: Sum = NOTHING

    def add(self, parts: Parts, at: Instant) -> None:
        """Count ``parts``, all of the instant ``at``."""
        step, share = at
        samples, valued, value = parts
        self.count += samples
        self.weight = plus(self.weight, step, samples * share)
        if valued:
            self.valued = plus(self.valued, step, valued * share)
            self.value = plus(self.value, step, value * share)

    def merge(self, other: Aggregate) -> None:
        """Count all that ``other`` counted."""
        self.count += other.count
        self.weight = plus(self.weight, *other.weight)
        self.valued = plus(self.valued, *other.valued)
        self.value = plus(self.value, *other.value)

    def weight_at(self, at: Instant) -> float:
        """What the samples weigh at ``at``."""
        return as_of(self.weight, at.step) / at.share

    @property
    def average(self) -> float | None:
        """The mean strength by weight, the same whenever it is read; None without a strength."""
        if self.valued == NOTHING:
            return None
        step = self.valued[0]
        mean = as_of(self.value, step) / as_of(self.valued, step)
        # Rounding may carry a mean past the ends of its parts by one bit.
        return min(max(mean, 0.0), 1.0)
