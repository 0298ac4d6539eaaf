"""The same numbers in any order, and however it is split over nodes and flushes (contract §7)."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as examples
from hypothesis import strategies as st

from telemetry.metrics.memory import MemoryMetrics
from tests.telemetry.metrics.conftest import START, Node
from tests.telemetry.metrics.requests import (
    END,
    PERSONAS,
    assert_close,
    assert_same,
    expected_weights,
    few_signals,
    given,
    many_signals,
    record,
    record_in_flushes,
    requests,
)

randoms = st.randoms(use_true_random=False)
half_lives = st.sampled_from([86_400, 60, None])
# A Redis is emptied within the test and not for each example.
with_redis = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@examples(requests(many_signals, most=60), half_lives, randoms)
def test_it_is_the_same_in_any_order_and_in_any_flushes(rows, half_life, random) -> None:
    one, other = MemoryMetrics(half_life, START), MemoryMetrics(half_life, START)
    record(one, rows)
    record_in_flushes([other], random.sample(rows, len(rows)), random)
    for persona in PERSONAS:
        assert_same(one.read(persona, END)[0], other.read(persona, END)[0])


@examples(requests(few_signals, most=40))
def test_it_is_the_sum_of_what_each_sample_still_weighs(rows) -> None:
    metrics = MemoryMetrics(86_400, START)
    record(metrics, rows)
    for persona in PERSONAS:
        shown = metrics.read(persona, END)[0].signal_weights
        assert_close(shown, expected_weights(rows, persona, 86_400))


@with_redis
@examples(requests(many_signals, most=60), half_lives, randoms)
def test_it_is_the_same_on_every_node(node: Node, rows, half_life, random) -> None:
    nodes = [node(half_life) for _ in range(3)]
    nodes[0].clear(START)
    alone = MemoryMetrics(half_life, START)
    record(alone, rows)
    record_in_flushes(nodes, random.sample(rows, len(rows)), random)
    for persona in PERSONAS:
        for one in nodes:
            shown, since = one.read(persona, END)
            assert_same(shown, alone.read(persona, END)[0])
            assert since == START


@with_redis
@examples(st.permutations([f"signal {n}" for n in range(70)]), randoms)
def test_it_tells_the_same_signals_apart_on_every_node(node: Node, names, random) -> None:
    rows = [given(START, *((name, 0.5) for name in names[n : n + 7])) for n in range(0, 70, 7)]
    nodes = [node(), node()]
    nodes[0].clear(START)
    alone = MemoryMetrics(86_400, START)
    record(alone, rows)
    record_in_flushes(nodes, rows, random)
    shown = [one.read(PERSONAS[0], END)[0] for one in (alone, *nodes)]
    assert len(shown[0].signal_counts) == 51
    assert shown[0].signal_counts["other"] == 20
    assert_same(shown[0], shown[1])
    assert_same(shown[1], shown[2])


@pytest.mark.parametrize("shared", [False, True])
def test_it_orders_the_last_ones_wholly(node: Node, shared) -> None:
    rows = [
        given(START, ("b", 0.1), ("a", 0.5)),  # the second in its request
        given(START, ("z", 1.0)),
        given(START, ("c", None), ("a", 0.4)),
        given(START, ("c", 1.0), ("Ab", 0.9)),
    ]
    for order in (rows, rows[::-1]):
        metrics = node() if shared else MemoryMetrics(86_400, START)
        metrics.clear(START)
        record(metrics, order)
        shown = metrics.read(PERSONAS[0], END)[0]
        assert (shown.last_signal, shown.last_strength) == ("a", 0.5)
        assert shown.last_updated == START.timestamp()
        record(metrics, [given(START, ("0", None), ("é", None))])
        assert metrics.read(PERSONAS[0], END)[0].last_signal == "é"
        assert metrics.read(PERSONAS[0], END)[0].last_strength is None


@pytest.mark.parametrize("shared", [False, True])
def test_it_weighs_no_more_than_when_it_came_for_a_clock_that_is_behind(node, shared) -> None:
    metrics = node() if shared else MemoryMetrics(86_400, START)
    metrics.clear(START)
    record(metrics, [given(END, ("a", 1.0))])
    assert metrics.read(PERSONAS[0], START)[0].signal_weights == {"a": pytest.approx(1.0)}
