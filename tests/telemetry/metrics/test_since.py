"""Counters begin at zero, say since when, and never forget in silence (contract §7)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from telemetry.metrics.memory import MemoryMetrics
from telemetry.metrics.redis_store import TTL_SECONDS
from tests.services.redis import RedisServer
from tests.telemetry.metrics.conftest import START, Node
from tests.telemetry.metrics.requests import DAY, PERSONAS, given, record

ALPHA, BETA = PERSONAS
SECOND = timedelta(seconds=1)


@pytest.fixture(params=["memory", "redis"])
def metrics(request, node: Node):
    if request.param == "memory":
        return MemoryMetrics(86_400, START)
    found = node()
    found.clear(START)
    return found


def test_it_begins_at_zero_and_says_since_when(metrics) -> None:
    shown, since = metrics.read(ALPHA, START + DAY)
    assert shown.total_feedback == 0
    assert shown.signal_counts == shown.signal_strength == shown.signal_weights == {}
    assert (shown.average_strength, shown.last_signal, shown.last_updated) == (None, None, None)
    assert since == START
    record(metrics, [given(START + DAY, ("a", 0.5))])
    assert metrics.read(ALPHA, START + DAY)[1] == START


def test_it_begins_anew_for_one_persona_when_its_samples_are_erased(metrics) -> None:
    rows = [given(START, ("a", 0.5)), given(START, ("b", 0.5), persona=BETA)]
    record(metrics, rows)
    metrics.reset(ALPHA, START + SECOND)
    shown, since = metrics.read(ALPHA, START + 2 * SECOND)
    assert (shown.total_feedback, shown.last_signal) == (0, None)
    assert since == START + SECOND
    # What was on its way while it was erased is erased with it.
    late = given(START, ("a", 0.5))
    assert metrics.record([late.entry, rows[1].entry], START) == {ALPHA}
    assert metrics.read(ALPHA, START + 2 * SECOND)[0].total_feedback == 0
    record(metrics, [given(START + SECOND, ("c", 0.5))])
    assert metrics.read(ALPHA, START + 2 * SECOND)[0].signal_counts == {"c": 1}
    shown, since = metrics.read(BETA, START + 2 * SECOND)
    assert (shown.signal_counts, since) == ({"b": 2}, START)


def test_it_names_those_that_were_counted_last(metrics) -> None:
    record(metrics, [given(START, ("a", 0.5))])
    record(metrics, [given(START + SECOND, ("b", 0.5), persona=BETA)])
    found = metrics.read_recent(5, START + SECOND)
    assert list(found) == [BETA, ALPHA]
    assert found[BETA] == metrics.read(BETA, START + SECOND)
    assert list(metrics.read_recent(1, START + SECOND)) == [BETA]
    metrics.clear(START + SECOND)
    assert metrics.read_recent(5, START + SECOND) == {}


def test_it_holds_so_much_in_memory_and_says_what_it_dropped() -> None:
    metrics = MemoryMetrics(86_400, START, sums_max=7)
    for n in range(4):
        record(metrics, [given(START + n * SECOND, ("a", 0.5), persona=f"p{n}")])
    end = START + 9 * SECOND
    assert [metrics.read(f"p{n}", end)[0].total_feedback for n in range(4)] == [0, 1, 1, 1]
    assert [metrics.read(f"p{n}", end)[1] for n in (1, 2, 3)] == [START] * 3
    assert metrics.read("p0", end)[1] == START + 3 * SECOND
    assert metrics.read("unknown", end)[1] == START + 3 * SECOND
    # Three signals take the place of what two personas held; an erased one leaves some.
    record(metrics, [given(end, ("a", 0.5), ("b", 0.5), ("c", 0.5), persona="p3")])
    assert [metrics.read(f"p{n}", end)[0].total_feedback for n in (1, 2, 3)] == [0, 1, 4]
    metrics.reset("p3", end)
    record(metrics, [given(end, ("a", 0.5), ("b", 0.5), persona="p4")])
    assert [metrics.read(f"p{n}", end)[0].total_feedback for n in (2, 3, 4)] == [1, 0, 2]
    assert metrics.read("p3", end)[1] == end


def test_it_erases_on_every_node(node: Node) -> None:
    one, other = node(), node()
    one.clear(START)
    record(one, [given(START, ("a", 0.5))])
    other.reset(ALPHA, START + SECOND)
    assert one.read(ALPHA, START + SECOND)[0].total_feedback == 0
    assert one.read(ALPHA, START + SECOND)[1] == START + SECOND
    assert one.record([given(START, ("a", 0.5)).entry], START) == {ALPHA}


def test_it_begins_anew_when_redis_is_emptied(node: Node, redis_process: RedisServer) -> None:
    one, other = node(), node()
    one.clear(START)
    record(one, [given(START, ("a", 0.5))])
    redis_process.flush()
    record(other, [given(START + SECOND, ("b", 0.5))])
    for metrics in (one, other):
        shown, since = metrics.read(ALPHA, START + DAY)
        assert shown.signal_counts == {"b": 1}
        assert since == START + SECOND


def test_it_begins_anew_with_another_half_life(node: Node) -> None:
    day, off = node(86_400), node(None)
    day.clear(START)
    off.clear(START + SECOND)
    record(day, [given(START, ("a", 0.5))])
    assert off.read(ALPHA, START + SECOND)[0].total_feedback == 0
    assert off.read(ALPHA, START + SECOND)[1] == START + SECOND
    assert day.read(ALPHA, START + SECOND)[0].total_feedback == 1


def test_it_lets_go_of_what_nobody_spoke_of_and_counts_since_then(
    node: Node, redis_process: RedisServer
) -> None:
    metrics = node()
    metrics.clear(START)
    record(metrics, [given(START, ("a", 0.5))])
    with redis_process.client() as client:
        (key,) = client.keys("arw:metrics:86400:persona:*")
        assert 0 < client.ttl(key) <= TTL_SECONDS
        assert client.ttl("arw:metrics:86400:epoch") == -1
        client.delete(key)  # as if its time had come
    end = START + timedelta(seconds=TTL_SECONDS) + DAY
    shown, since = metrics.read(ALPHA, end)
    assert (shown.total_feedback, since) == (0, START + DAY)
    record(metrics, [given(end, ("a", 0.5))])
    assert metrics.read(ALPHA, end)[1] == START + DAY


def test_it_loses_nothing_between_threads(metrics) -> None:
    def give(n: int) -> None:
        record(metrics, [given(START + n * SECOND, (f"s{n % 60}", 0.5), ("b", None))])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(give, range(240)))
    shown = metrics.read(ALPHA, START + DAY)[0]
    assert shown.total_feedback == sum(shown.signal_counts.values()) == 480
    assert len(shown.signal_counts) == 51
    assert shown.last_updated == (START + 239 * SECOND).timestamp()
