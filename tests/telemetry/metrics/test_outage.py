"""Ingestion goes on without Redis; metrics begin anew, and say so (contract §7)."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from telemetry.metrics.redis_store import RedisMetrics
from telemetry.redis_link import PAUSE_SECONDS, TIMEOUT_SECONDS, RedisLink
from tests.services.redis import RedisServer
from tests.telemetry.metrics.conftest import Node
from tests.telemetry.metrics.requests import PERSONAS, given, record

ALPHA, BETA = PERSONAS
PATIENCE = 60.0


def now() -> datetime:
    return datetime.now(UTC)


def back(metrics: RedisMetrics) -> None:
    assert metrics.link.wait_for(down=False, timeout=PATIENCE)


def test_it_counts_by_itself_while_redis_is_gone(mortal_node: Node, own_redis: RedisServer) -> None:
    one, other = mortal_node(), mortal_node()
    begun = now()
    record(one, [given(begun, ("before", 0.5))])
    own_redis.halt()
    lost = now()
    record(one, [given(lost, ("during", 0.5))])
    shown, since = one.read(ALPHA, now())
    assert (shown.signal_counts, since) == ({"during": 1}, lost)
    shown, since = other.read(ALPHA, now())
    assert shown.signal_counts == {}
    assert since >= lost
    own_redis.resume()
    back(one)
    back(other)
    after = now()
    record(one, [given(after, ("after", 0.5))])
    for metrics in (one, other):
        shown, since = metrics.read(ALPHA, now())
        assert shown.signal_counts == {"after": 1}
        assert lost < since <= after


def test_it_costs_almost_nothing_while_redis_is_gone(own_redis: RedisServer) -> None:
    link = RedisLink(own_redis.url)
    metrics = RedisMetrics(link, 86_400)
    own_redis.freeze()
    began = time.perf_counter()
    record(metrics, [given(now(), ("a", 0.5))])
    first = time.perf_counter() - began
    assert link.down
    rows = [given(now(), ("a", 0.5)) for _ in range(200)]
    began = time.perf_counter()
    record(metrics, rows)
    rest = time.perf_counter() - began
    link.close()
    # A busy machine takes its time as well; without the breaker it would be 200 times as much.
    assert first < 10 * TIMEOUT_SECONDS
    assert rest < len(rows) * TIMEOUT_SECONDS / 10
    assert PAUSE_SECONDS >= TIMEOUT_SECONDS


def test_it_begins_anew_only_where_redis_was_not_told(
    mortal_node: Node, own_redis: RedisServer
) -> None:
    cut_off, other = mortal_node(), mortal_node()
    begun = now()
    rows = [given(begun, ("a", 0.5)), given(begun, ("b", 0.5), persona=BETA)]
    record(other, rows)
    own_redis.freeze()
    lost = now()
    record(cut_off, [given(lost, ("a", 0.5))])
    assert cut_off.link.down
    assert not other.link.down
    own_redis.thaw()
    back(cut_off)
    for metrics in (cut_off, other):
        shown, since = metrics.read(ALPHA, now())
        assert shown.total_feedback == 0
        assert since > lost
        shown, since = metrics.read(BETA, now())
        assert (shown.signal_counts, since) == ({"b": 1}, begun)
    record(other, [given(now(), ("c", 0.5))])
    assert cut_off.read(ALPHA, now())[0].signal_counts == {"c": 1}


def test_it_begins_everything_anew_where_it_missed_too_much(
    mortal_node: Node, own_redis: RedisServer
) -> None:
    metrics = mortal_node(missed_max=2)
    begun = now()
    record(metrics, [given(begun, ("a", 0.5), persona="untouched")])
    own_redis.freeze()
    lost = now()
    record(metrics, [given(lost, ("a", 0.5), persona=f"p{n}") for n in range(4)])
    own_redis.thaw()
    back(metrics)
    for persona in ("untouched", "p0", "p3", "never seen"):
        shown, since = metrics.read(persona, now())
        assert shown.total_feedback == 0
        assert since > lost


def test_it_makes_up_for_an_erasure(mortal_node: Node, own_redis: RedisServer) -> None:
    one, other = mortal_node(), mortal_node()
    record(other, [given(now(), ("a", 0.5)), given(now(), ("b", 0.5), persona=BETA)])
    own_redis.freeze()
    erased = now()
    one.reset(ALPHA, erased)
    assert one.read(ALPHA, now())[0].total_feedback == 0
    own_redis.thaw()
    back(one)
    shown, since = other.read(ALPHA, now())
    assert shown.total_feedback == 0
    assert since >= erased
    assert other.read(BETA, now())[0].signal_counts == {"b": 1}


def test_it_knocks_until_redis_is_there(mortal_node: Node, own_redis: RedisServer) -> None:
    own_redis.halt()
    metrics = mortal_node()
    for _ in range(3):
        record(metrics, [given(now(), ("a", 0.5))])
    assert metrics.read(ALPHA, now())[0].signal_counts == {"a": 3}
    assert metrics.read_recent(5, now() + timedelta(seconds=1)).keys() == {ALPHA}
    own_redis.resume()
    back(metrics)
    assert metrics.read(ALPHA, now())[0].total_feedback == 0
    own_redis.halt()
    record(metrics, [given(now(), ("b", 0.5))])
    assert metrics.read(ALPHA, now())[0].signal_counts == {"b": 1}
    own_redis.resume()
    back(metrics)
    assert metrics.read(ALPHA, now())[0].total_feedback == 0


def test_it_survives_outages_under_load(mortal_node: Node, own_redis: RedisServer) -> None:
    """What is shown in the end is exactly what came since its `since`."""
    nodes = [mortal_node(), mortal_node()]
    given_at: list[datetime] = []
    done = threading.Event()

    def give(metrics: RedisMetrics) -> None:
        while not done.is_set():
            at = now()
            metrics.record([given(at, ("a", 0.5)).entry], at)
            given_at.append(at)

    with ThreadPoolExecutor(4) as pool:
        givers = [pool.submit(give, node) for node in nodes for _ in range(2)]
        try:
            for stop, go in (
                (own_redis.halt, own_redis.resume),
                (own_redis.freeze, own_redis.thaw),
            ):
                stop()
                assert nodes[0].link.wait_for(down=True, timeout=PATIENCE)
                go()
                for node in nodes:
                    assert node.link.wait_for(down=False, timeout=PATIENCE)
        finally:
            done.set()
        for giver in givers:
            giver.result()
    for node in nodes:
        back(node)
    (shown, since), (other, other_since) = (node.read(ALPHA, now()) for node in nodes)
    assert (shown.signal_counts, since) == (other.signal_counts, other_since)
    came = sum(at >= since for at in given_at)
    # One that was on its way as it began anew may count beside those.
    assert came <= shown.total_feedback <= came + 4
