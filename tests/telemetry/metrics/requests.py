"""Requests with feedback for the tests of the metrics, and what they must amount to."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import strategies as st

from telemetry.metrics.interface import Metrics
from telemetry.metrics.summary import Snapshot
from telemetry.metrics.tally import Entry
from telemetry.samples import Sample
from tests.telemetry.metrics.conftest import START

DAY = timedelta(days=1)
END = START + 61 * DAY
PERSONAS = ("persona.alpha", "persona.beta")


@dataclass(frozen=True)
class Given:
    """One request: when it was committed, about whom, and its samples."""

    at: datetime
    entry: Entry


def given(at: datetime, *samples: tuple[str, float | None], persona: str = PERSONAS[0]) -> Given:
    return Given(at, Entry(persona, [Sample(signal=s, strength=x) for s, x in samples]))


strengths = st.none() | st.floats(0, 1)
few_signals = st.sampled_from(["warmer", "cooler", "lane+:semantic", "x y\n%", "Ünï", "other"])
many_signals = few_signals | st.integers(0, 90).map(lambda n: f"signal {n}")
# Few instants, so that requests meet at the same one.
instants = st.integers(0, 60 * 86_400_000).map(lambda ms: START + timedelta(milliseconds=ms))
moments = st.sampled_from([START, START + DAY / 2, START + 2 * DAY]) | instants


def requests(signals: st.SearchStrategy[str], *, most: int) -> st.SearchStrategy[list[Given]]:
    sample = st.builds(lambda s, x: Sample(signal=s, strength=x), signals, strengths)
    entry = st.builds(Entry, st.sampled_from(PERSONAS), st.lists(sample, min_size=1, max_size=6))
    return st.lists(st.builds(Given, moments, entry), max_size=most)


def record(metrics: Metrics, requests: Sequence[Given]) -> None:
    """Each request by itself."""
    for one in requests:
        assert metrics.record([one.entry], one.at) == frozenset()


def record_in_flushes(nodes: Sequence[Metrics], requests: Sequence[Given], random) -> None:
    """Each to any node; what a node has of the same instant at once, or in several parts."""
    flushes: dict[object, tuple[Metrics, datetime, list[Entry]]] = {}
    for one in requests:
        node = random.choice(nodes)
        key = (id(node), one.at, random.randrange(2))
        flushes.setdefault(key, (node, one.at, []))[2].append(one.entry)
    rows = list(flushes.values())
    random.shuffle(rows)
    for node, at, entries in rows:
        assert node.record(entries, at) == frozenset()


def assert_same(one: Snapshot, other: Snapshot) -> None:
    """Equal to 1e-9, and exactly where nothing is rounded."""
    assert one.total_feedback == other.total_feedback
    assert one.signal_counts == other.signal_counts
    assert (one.last_signal, one.last_strength) == (other.last_signal, other.last_strength)
    assert one.last_updated == other.last_updated
    assert_close(one.signal_weights, other.signal_weights)
    assert_close(one.signal_strength, other.signal_strength)
    assert_close({"": one.average_strength}, {"": other.average_strength})


def assert_close(one: dict[str, float | None], other: dict[str, float | None]) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        expected = other[name]
        if value is None or expected is None:
            assert value is expected
        else:
            assert math.isclose(value, expected, rel_tol=1e-9, abs_tol=2e-12), name


def expected_weights(requests: Sequence[Given], persona: str, half_life: float) -> dict[str, float]:
    """By the definition, one sample after the other."""
    weights: dict[str, list[float]] = defaultdict(list)
    for one in requests:
        if one.entry.persona_id == persona:
            age = (END - one.at).total_seconds()
            for sample in one.entry.samples:
                weights[sample.signal].append(2.0 ** (-age / half_life))
    return {name: math.fsum(parts) for name, parts in weights.items()}
