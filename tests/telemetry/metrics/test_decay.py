"""The metrics' arithmetic: exact at reading, whatever the order (contract §7)."""

import math
from fractions import Fraction

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from telemetry.metrics.decay import NOTHING, Aggregate, as_of, instant, plus

DAY = 86_400
NOW = 1_780_000_000.0


@pytest.mark.parametrize("half_life", [1, 60, DAY, 3650 * DAY])
def test_it_weighs_a_half_after_a_half_life_and_a_quarter_after_two(half_life) -> None:
    one = Aggregate()
    one.add((1, 0, 0.0), instant(NOW, half_life))
    weights = [one.weight_at(instant(NOW + n * half_life, half_life)) for n in range(4)]
    assert weights == pytest.approx([1, 0.5, 0.25, 0.125], rel=1e-12)


def test_it_does_not_decay_without_a_half_life() -> None:
    one = Aggregate()
    one.add((3, 0, 0.0), instant(NOW, None))
    assert one.weight_at(instant(NOW * 2, None)) == 3.0


def test_it_averages_by_weight_over_what_carries_a_strength() -> None:
    one = Aggregate()
    one.add((5, 1, 0.9), instant(NOW, DAY))
    one.add((1, 1, 0.0), instant(NOW + DAY, DAY))
    assert one.average == pytest.approx(0.3, rel=1e-12)
    assert Aggregate(count=2).average is None


def test_it_keeps_an_average_for_ever() -> None:
    one = Aggregate()
    one.add((1, 1, 0.4), instant(0.0, 1))
    one.add((1, 0, 0.0), instant(NOW, 1))
    assert one.average == 0.4
    assert one.weight_at(instant(NOW, 1)) == pytest.approx(1.0)
    assert one.weight_at(instant(NOW * 2, 1)) == 0.0


def test_it_adds_ten_million_parts_without_losing_a_digit() -> None:
    high, rest = 0.0, 0.0
    naive = 0.0
    for _ in range(1_000_000):
        _, high, rest = plus((0, high, rest), 0, 0.7)
        naive += 0.7
    # The rest of the ten million at once: only the sum's size matters.
    one = plus((0, high * 10, rest * 10), 0, 0.0)
    exact = Fraction(0.7) * 10_000_000
    assert abs(Fraction(as_of(one, 0)) / exact - 1) < Fraction(1, 10**15)
    assert abs(Fraction(naive) * 10 / exact - 1) > Fraction(1, 10**13)


@examples(
    st.lists(st.tuples(st.integers(-60, 60), st.floats(0, 1000, allow_subnormal=False))),
    st.randoms(use_true_random=False),
)
def test_it_is_the_same_sum_in_any_order(parts, random) -> None:
    shuffled = random.sample(parts, len(parts))
    sums = []
    for order in (parts, shuffled):
        one = NOTHING
        for step, value in order:
            one = plus(one, step, value)
        sums.append(as_of(one, 60))
    exact = sum((Fraction(value) * Fraction(2) ** (step - 60) for step, value in parts), Fraction())
    for one in sums:
        assert math.isclose(one, float(exact), rel_tol=1e-14, abs_tol=1e-300)


def test_it_says_where_an_instant_lies() -> None:
    assert instant(0.0, DAY) == (0, 1.0)
    assert instant(1.5 * DAY, DAY) == (1, pytest.approx(math.sqrt(2)))
    assert instant(NOW, None) == (0, 1.0)
