"""Token buckets: a minute's worth at once, then the steady rate, exactly (contract §7)."""

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.rates.buckets import Limits, MemoryBuckets
from telemetry.rates.redis_buckets import REQUESTS_PER_CALL, RedisBuckets
from telemetry.redis_link import RedisLink
from tests.services.redis import RedisServer

NOW = 1_780_000_000.0
ANY = 1_000_000_000
TEN = Limits(10, ANY)
PATIENCE = 60.0  # seconds; a Redis that is slow, as the machine may be, is none that is away


@pytest.fixture
def link(redis_url: str) -> Iterator[RedisLink]:
    opened = RedisLink(redis_url, timeout=PATIENCE)
    yield opened
    assert not opened.down
    opened.close()


@pytest.fixture(params=["memory", "redis"])
def buckets(request, link: RedisLink):
    return MemoryBuckets() if request.param == "memory" else RedisBuckets(link)


def take(buckets, principal="alice", persona="p", *, times=1, limits=TEN, at=NOW):
    return buckets.take([(principal, persona)] * times, limits, at)


def test_it_lets_a_minutes_worth_pass_at_once_and_says_how_long_to_wait(buckets) -> None:
    waits = take(buckets, times=12)
    assert waits[:10] == [None] * 10
    assert waits[10:] == [pytest.approx(6.0)] * 2


def test_it_goes_on_at_the_steady_rate(buckets) -> None:
    assert take(buckets, times=10) == [None] * 10
    for n in range(1, 200):
        assert take(buckets, at=NOW + 6.0 * n - 0.01) == [pytest.approx(0.01, abs=1e-4)]
        assert take(buckets, at=NOW + 6.0 * n) == [None]


def test_it_is_full_again_after_a_minute_and_never_more_than_full(buckets) -> None:
    assert take(buckets, times=10) == [None] * 10
    waits = take(buckets, times=11, at=NOW + 3600)
    assert waits == [None] * 10 + [pytest.approx(6.0)]


def test_it_takes_nothing_from_who_is_refused(buckets) -> None:
    take(buckets, times=10)
    assert take(buckets, times=50) == [pytest.approx(6.0)] * 50
    assert take(buckets, at=NOW + 6.0) == [None]


def test_it_gives_back_what_was_taken_and_no_more(buckets) -> None:
    assert take(buckets, times=10) == [None] * 10
    buckets.give_back([("alice", "p")] * 3, TEN, NOW)
    assert take(buckets, times=4) == [None] * 3 + [pytest.approx(6.0)]
    buckets.give_back([("alice", "p")] * 50 + [("bob", "q")], TEN, NOW)
    assert take(buckets, times=11) == [None] * 10 + [pytest.approx(6.0)]
    assert take(buckets, "bob", "q", times=11) == [None] * 10 + [pytest.approx(6.0)]


def test_it_gives_back_to_principal_and_persona(buckets) -> None:
    limits = Limits(2, 3)
    assert buckets.take([("alice", "p"), ("alice", "q"), ("bob", "p")], limits, NOW) == [None] * 3
    buckets.give_back([("alice", "p")], limits, NOW)
    wanted = [("alice", "p"), ("alice", "q"), ("carol", "p"), ("dan", "p")]
    waits = buckets.take(wanted, limits, NOW)
    assert [one is None for one in waits] == [True, False, True, False]


def test_it_judges_principal_and_persona_each_for_itself(buckets) -> None:
    limits = Limits(2, 3)
    wanted = [("alice", "p"), ("alice", "p"), ("alice", "q"), ("bob", "p"), ("bob", "p")]
    waits = buckets.take(wanted, limits, NOW)
    assert waits[:2] == [None, None]
    assert waits[2] == pytest.approx(30.0)  # alice has no more
    assert waits[3] is None
    assert waits[4] == pytest.approx(20.0)  # p gets no more
    # Neither refusal took anything from the other's bucket.
    assert buckets.take([("bob", "q")], limits, NOW) == [None]
    assert take(buckets, "carol", "q", times=3, limits=limits) == [None, None, pytest.approx(30.0)]


def test_it_waits_for_the_slower_of_the_two(buckets) -> None:
    limits = Limits(2, 1)
    assert take(buckets, times=2, limits=limits) == [None, pytest.approx(60.0)]


def test_it_fills_nothing_for_a_clock_that_goes_back(buckets) -> None:
    take(buckets, times=10)
    assert take(buckets, at=NOW - 3600) == [pytest.approx(6.0)]
    assert take(buckets, at=NOW + 6.0) == [None]


def test_it_keeps_principals_and_personas_apart_by_kind(buckets) -> None:
    limits = Limits(1, 1)
    assert take(buckets, "same", "other", limits=limits) == [None]
    assert take(buckets, "another", "same", limits=limits) == [None]


def test_it_answers_nothing_for_nobody(buckets) -> None:
    assert buckets.take([], Limits(1, 1), NOW) == []


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("pq"), st.integers(0, 90_000))),
    st.integers(1, 5),
    st.integers(1, 8),
)
def test_it_never_lets_more_pass_than_a_minutes_worth_and_the_rate(rows, one, two) -> None:
    buckets, passed = MemoryBuckets(), []
    rows.sort(key=lambda row: row[2])
    for principal, persona, ms in rows:
        (wait,) = buckets.take([(principal, persona)], Limits(one, two), NOW + ms / 1000)
        if wait is None:
            passed.append((principal, persona, ms / 1000))
        else:
            assert 0 < wait <= 60
    for place, rate in ((0, one), (1, two)):
        for name in {row[place] for row in passed}:
            times = [row[2] for row in passed if row[place] == name]
            for n, first in enumerate(times):
                for m, last in enumerate(times[n:], 1):
                    assert m <= rate + (last - first) * rate / 60 + 1e-6


def test_it_is_one_bucket_for_threads() -> None:
    buckets, passed = MemoryBuckets(), []

    def ask() -> None:
        passed.extend(w for w in take(buckets, times=50, limits=Limits(100, ANY)) if w is None)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 100


def test_it_lets_go_of_what_is_full() -> None:
    buckets = MemoryBuckets()
    for n in range(1000):
        take(buckets, f"u{n}", f"p{n}", times=10, at=NOW)
    assert len(buckets) == 2000
    assert take(buckets, "u7", "p7", at=NOW + 59) == [None]  # not full: it is kept
    for at in (NOW + 61, NOW + 122):
        take(buckets, "other", "other", at=at)
    assert len(buckets) == 2
    assert take(buckets, "u7", "p7", times=10, at=NOW + 122) == [None] * 10


def test_it_is_one_bucket_for_nodes(redis_url: str, link: RedisLink) -> None:
    second = RedisLink(redis_url, timeout=PATIENCE)
    one, other = RedisBuckets(link), RedisBuckets(second)
    assert take(one, times=6) == [None] * 6
    assert take(other, times=6) == [None] * 4 + [pytest.approx(6.0)] * 2
    assert take(one) == [pytest.approx(6.0)]
    second.close()


def test_it_asks_for_many_at_once(link: RedisLink) -> None:
    buckets = RedisBuckets(link)
    many = [(f"u{n}", f"p{n}") for n in range(REQUESTS_PER_CALL + 700)]
    assert buckets.take(many, Limits(1, 1), NOW) == [None] * len(many)
    assert buckets.take(many, Limits(1, 1), NOW) == [pytest.approx(60.0)] * len(many)


def test_it_leaves_nothing_behind(link: RedisLink, redis_process: RedisServer) -> None:
    take(RedisBuckets(link), times=10)
    RedisBuckets(link).give_back([("alice", "p"), ("nobody", "none")], TEN, NOW)
    with redis_process.client() as client:
        assert {60 < client.ttl(key) <= 120 for key in client.keys("*")} == {True}


def test_it_falls_back_to_the_nodes_own_buckets() -> None:
    server = RedisServer()
    link = RedisLink(server.url, pause=0.05)
    buckets = RedisBuckets(link)
    try:
        assert take(buckets, times=10) == [None] * 10
        server.halt()
        assert take(buckets, times=11) == [None] * 10 + [pytest.approx(6.0)]
        assert link.down
        buckets.give_back([("alice", "p")], TEN, NOW)
        assert take(buckets, times=2) == [None, pytest.approx(6.0)]
        server.resume()
        assert link.wait_for(down=False, timeout=PATIENCE)
        assert take(buckets, times=11) == [None] * 10 + [pytest.approx(6.0)]
    finally:
        link.close()
        server.stop()
