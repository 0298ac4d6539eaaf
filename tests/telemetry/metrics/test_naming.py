"""At most 50 signals of a persona are told apart, by their names alone (contract §7)."""

import pytest

from telemetry.metrics.memory import MemoryMetrics
from telemetry.metrics.naming import OTHER, SIGNALS_MAX, rank, told_apart
from telemetry.metrics.summary import Snapshot
from tests.telemetry.metrics.conftest import START
from tests.telemetry.metrics.requests import PERSONAS, given, record

NAMES = [f"s{n}" for n in range(120)]


def metrics_of(*requests) -> Snapshot:
    metrics = MemoryMetrics(None, START)
    record(metrics, requests)
    return metrics.read(PERSONAS[0], START)[0]


def test_it_tells_fifty_apart_and_calls_the_rest_other() -> None:
    shown = metrics_of(*(given(START, (name, 0.5)) for name in NAMES))
    assert set(shown.signal_counts) == told_apart(NAMES) | {OTHER}
    assert len(shown.signal_counts) == SIGNALS_MAX + 1
    assert shown.signal_counts[OTHER] == len(NAMES) - SIGNALS_MAX
    assert shown.total_feedback == len(NAMES)
    assert shown.signal_strength[OTHER] == 0.5
    assert shown.last_signal == max(NAMES)  # in full, whatever it counts under


def test_it_keeps_all_of_fifty() -> None:
    shown = metrics_of(given(START, *((name, None) for name in NAMES[:SIGNALS_MAX])))
    assert set(shown.signal_counts) == set(NAMES[:SIGNALS_MAX])


def test_it_looks_at_names_and_not_at_who_came_first() -> None:
    rows = [given(START, (name, 0.25)) for name in NAMES]
    at_once = given(START, *((name, 0.25) for name in NAMES))
    one = metrics_of(*rows)
    assert one.signal_counts == metrics_of(*reversed(rows)).signal_counts
    assert one.signal_counts == metrics_of(at_once).signal_counts


@pytest.mark.parametrize("word", ["warmer", " Cooler ", "broader", "narrower", "minscore+"])
def test_it_keeps_the_words_that_the_context_bias_acts_on(word) -> None:
    shown = metrics_of(*(given(START, (name, None)) for name in [*NAMES, word]))
    assert word in shown.signal_counts


def test_it_puts_words_first_then_their_families_then_the_rest() -> None:
    assert rank("warmer") < rank("lane+:semantic") < rank("lane semantic")
    assert rank("slot+:a") < rank("slot+:")
    assert rank("lane+:a") != rank("lane+:b")


def test_it_counts_a_signal_named_other_with_the_others() -> None:
    rows = [given(START, (OTHER, None)), *(given(START, (name, None)) for name in NAMES)]
    shown = metrics_of(*rows)
    assert shown.signal_counts[OTHER] == len(NAMES) - SIGNALS_MAX + 1
    assert len(shown.signal_counts) == SIGNALS_MAX + 1
