"""The metrics' arithmetic: exact at reading, whatever the order (contract §7)."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.metrics.decay import DecayingSum, decay
from telemetry.metrics.summary import OTHER, SIGNALS_MAX, PersonaMetrics, Snapshot
from telemetry.samples import Sample

DAY = 86_400.0
START = 1_780_000_000.0

strengths = st.none() | st.floats(0, 1, allow_subnormal=False)
moments = st.integers(0, 60 * 86_400_000).map(lambda ms: START + ms / 1000)
parts = st.tuples(moments, st.sampled_from(["warmer", "cooler", "x"]), strengths)


def metrics_of(rows: list[tuple[float, str, float | None]], half_life: float | None) -> Snapshot:
    metrics = PersonaMetrics(half_life)
    for moment, signal, strength in rows:
        metrics.record([Sample(signal=signal, strength=strength)], moment)
    return metrics.snapshot(START + 61 * DAY)


def test_it_weighs_a_quarter_after_two_half_lives_whatever_came_between() -> None:
    rows = [(START, "x", None), (START + DAY, "y", None), (START + 2 * DAY, "y", None)]
    metrics = PersonaMetrics(DAY)
    for moment, signal, _ in rows:
        metrics.record([Sample(signal=signal)], moment)
    weights = metrics.snapshot(START + 2 * DAY).signal_weights
    assert weights == {"x": pytest.approx(0.25), "y": pytest.approx(1.5)}


def test_it_averages_over_the_samples_that_carry_a_strength() -> None:
    shown = metrics_of([(START, "a", 0.8), (START, "a", None), (START, "b", None)], None)
    assert shown.signal_strength == {"a": 0.8}
    assert shown.average_strength == 0.8
    assert shown.signal_weights == {"a": 2.0, "b": 1.0}


def test_it_does_not_decay_without_a_half_life() -> None:
    assert metrics_of([(START, "a", 1.0)], None).signal_weights == {"a": 1.0}


@given(st.lists(parts, max_size=40), st.randoms(use_true_random=False), st.none() | st.just(DAY))
def test_it_is_the_same_in_any_order(rows, random, half_life) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = metrics_of(rows, half_life), metrics_of(shuffled, half_life)
    assert one.signal_counts == other.signal_counts
    assert one.total_feedback == other.total_feedback == len(rows)
    assert (one.last_signal, one.last_updated) == (other.last_signal, other.last_updated)
    assert one.last_strength == other.last_strength
    for name in one.signal_counts:
        assert math.isclose(one.signal_weights[name], other.signal_weights[name], rel_tol=1e-9)
    assert one.signal_strength.keys() == other.signal_strength.keys()
    for name, mean in one.signal_strength.items():
        assert math.isclose(mean, other.signal_strength[name], rel_tol=1e-9, abs_tol=1e-9)


@given(st.lists(parts, min_size=1, max_size=40))
def test_it_is_the_sum_of_what_each_part_still_weighs(rows) -> None:
    now = START + 61 * DAY
    shown = metrics_of(rows, DAY)
    weights = [2.0 ** (-(now - moment) / DAY) for moment, _, _ in rows]
    assert math.isclose(sum(shown.signal_weights.values()), math.fsum(weights), rel_tol=1e-9)
    valued = [(w, s) for w, (_, _, s) in zip(weights, rows, strict=True) if s is not None]
    if not valued:
        assert shown.average_strength is None
        return
    mean = math.fsum(w * s for w, s in valued) / math.fsum(w for w, _ in valued)
    assert shown.average_strength is not None
    assert math.isclose(shown.average_strength, mean, rel_tol=1e-9, abs_tol=1e-9)
    assert 0 <= shown.average_strength <= 1


def test_it_weighs_no_more_than_one_when_a_clock_goes_back() -> None:
    one = DecayingSum(DAY)
    one.add(START, 1.0)
    assert one.weight_at(START - DAY) == 1.0
    assert decay(-1.0, DAY) == 1.0


def test_it_survives_the_very_old() -> None:
    one = DecayingSum(1.0)
    one.add(0.0, 0.5)
    one.add(START, None)
    assert one.weight_at(START) == 1.0
    assert one.weight_at(START * 2) == 0.0
    assert one.average is None


def test_it_tells_fifty_signals_apart_and_calls_the_rest_other() -> None:
    metrics = PersonaMetrics(None)
    names = metrics.record([Sample(signal=f"s{n}") for n in range(60)], START)
    assert names == [f"s{n}" for n in range(SIGNALS_MAX)] + [OTHER] * 10
    later = [Sample(signal="s3"), Sample(signal="new")]
    assert metrics.record(later, START + 1) == ["s3", OTHER]
    shown = metrics.snapshot(START + 1)
    assert len(shown.signal_counts) == SIGNALS_MAX + 1
    assert shown.signal_counts[OTHER] == 11
    assert shown.last_signal == "new"


def test_it_counts_a_signal_named_other_with_the_others() -> None:
    metrics = PersonaMetrics(None)
    metrics.record([Sample(signal=OTHER)], START)
    names = metrics.record([Sample(signal=f"s{n}") for n in range(51)], START)
    assert names[49:] == ["s49", OTHER]
