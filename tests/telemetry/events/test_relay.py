"""Several nodes and one order of events, by Redis Streams (contract §8)."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator

import pytest
from redis import Redis

from telemetry.events.publisher import ORDER_SECS, QUEUE_EVENTS
from telemetry.events.stream_scripts import ADD, HEAD, ORIGIN, STREAM
from tests.people import NOW
from tests.services.redis import RedisServer
from tests.telemetry.events.nodes import Node, joined, until


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A Redis that the test may end."""
    server = RedisServer()
    yield server
    server.stop()


def test_it_delivers_what_one_node_publishes_on_all_in_one_order_under_one_id(
    redis_url: str,
) -> None:
    with joined(redis_url, 3) as nodes:
        for number in range(20):
            nodes[number % 3].tell(f"t{number}")
            nodes[number % 3].give(f"g{number}", "second")
        until(lambda: all(len(node.events()) == 60 for node in nodes))
        first, *others = nodes
        assert len(set(first.ids())) == 60
        for node in others:
            assert node.ids() == first.ids()
            assert node.data() == first.data()
        # What one node publishes keeps its order.
        own = [one for one in first.events() if b'"t0"' in one.data or b'"t3"' in one.data]
        assert b'"t0"' in own[0].data


def test_it_splits_a_large_group_and_keeps_its_order(redis_url: str) -> None:
    with joined(redis_url) as (near, far):
        near.give(*(f"n{number}" for number in range(1000)))
        until(lambda: len(far.events()) == 1000)
        notes = [data.split(b'"note":"')[1].split(b'"')[0] for data in far.data()]
        assert notes == [b"n%d" % number for number in range(1000)]


def test_it_gives_a_node_that_joins_later_the_same_window(redis_url: str) -> None:
    with joined(redis_url, 1) as (old,):
        old.tell("a", "b")
        old.give("c", "d")
        until(lambda: len(old.events()) == 4)
        with joined(redis_url, 1) as (young,):
            assert young.ids() == old.ids()
            second = old.ids()[1]
            assert young.source.number_of(second) == young.source.oldest + 1
            # From before the first event too: nothing has been cut off yet.
            assert young.source.event_id(young.source.oldest - 1) == old.source.event_id(
                old.source.oldest - 1
            )


def test_it_waits_for_an_id_that_another_node_has_seen_first(redis_url: str) -> None:
    with joined(redis_url) as (ahead, behind):
        ahead.tell("a")
        until(lambda: len(ahead.events()) == 1)
        assert behind.source.number_of(ahead.ids()[0]) == behind.source.last
        assert behind.source.number_of("f" * 16 + "-1-0-1") is None


@pytest.mark.parametrize("seed", range(6))
def test_it_misses_and_doubles_nothing_for_a_reader_that_changes_nodes(
    redis_url: str, seed: int
) -> None:
    chance = random.Random(seed)
    with joined(redis_url, 3) as nodes:
        plans = [[chance.randint(1, 7) for _ in range(60)] for _ in nodes]
        total = sum(map(sum, plans))
        threads = [
            threading.Thread(target=publish, args=(node, plan))
            for node, plan in zip(nodes, plans, strict=True)
        ]
        start = nodes[0].source.event_id(nodes[0].source.last)
        for thread in threads:
            thread.start()
        seen: list[str] = [str(start)]
        while len(seen) <= total:
            source = chance.choice(nodes).source
            position = source.number_of(seen[-1])
            assert position is not None
            batch = source.after(position, chance.randint(1, 30))
            assert batch is not None
            seen += [one.id for one in batch]
        for thread in threads:
            thread.join()
        # What was seen at one node is on its way to the others.
        until(lambda: len(nodes[0].ids()) == total)
        assert seen[1:] == nodes[0].ids()
        assert len(set(seen)) == total + 1


def publish(node: Node, plan: list[int]) -> None:
    for count in plan:
        if count % 2:
            node.give(*map(str, range(count)))
        else:
            node.tell(*map(str, range(count)))


def test_it_judges_anew_on_all_nodes_when_rights_move_on_one(redis_url: str) -> None:
    with joined(redis_url) as (near, far):
        before = far.source.rights
        near.source.rights_moved()
        assert near.source.rights == 1
        until(lambda: far.source.rights > before)
        near.tell("after")
        until(lambda: len(near.events()) == 1)
        # It comes back to where it was said, and is no news there.
        assert near.source.rights == 1


def test_it_erases_on_all_nodes_and_in_redis(redis_url: str) -> None:
    with joined(redis_url) as (near, far), Redis.from_url(redis_url) as client:
        near.give("mine", actor="actor:1")
        near.give("theirs", actor="actor:2")
        near.give("elsewhere", persona_id="q")
        until(lambda: all(len(node.events()) == 3 for node in (near, far)))
        near.source.forget_feedback("p", "actor:1")
        assert [one.erased for one in near.events()] == [True, False, False]
        until(lambda: far.events()[0].erased)
        assert [one.erased for one in far.events()] == [True, False, False]
        assert b"mine" not in b"".join(far.data())
        # Whoever erased it has seen to its own series by itself, and may have counted since.
        until(lambda: far.erased_elsewhere == ["p"])
        until(lambda: b"mine" not in str(client.xrange(STREAM)).encode())
        near.give("later")
        until(lambda: len(far.events()) == 4)
        assert not far.events()[-1].erased
        assert (near.erased_elsewhere, far.erased_elsewhere) == ([], ["p"])


def test_it_forgets_what_was_not_sent_yet(own_redis: RedisServer) -> None:
    with joined(own_redis.url) as (near, far):
        own_redis.freeze()
        near.tell("in flight")
        near.give("mine")
        near.source.forget_feedback("p", None)
        own_redis.thaw()
        near.tell("last")
        until(lambda: any(b"last" in data for data in far.data()))
        assert b"mine" not in b"".join(far.data())


def test_it_empties_what_a_node_that_was_cut_off_sends_after_the_erasure(
    own_redis: RedisServer,
) -> None:
    with joined(own_redis.url) as (near, far):
        own_redis.freeze()
        far.give("mine")
        near.source.forget_feedback("p", None, NOW)
        own_redis.thaw()
        far.tell("last")
        # Whichever of the two came first into the stream.
        for node in (near, far):
            until(lambda: b"last" in (told := b"".join(node.data())) and b"mine" not in told)  # noqa: B023  called at once
            assert len(node.events()) == 2


def test_it_never_waits_for_redis(own_redis: RedisServer) -> None:
    with joined(own_redis.url) as (near, far):
        own_redis.freeze()
        began = time.monotonic()
        for number in range(500):
            near.tell(str(number))
            near.source.rights_moved()
        # Once it has waited for a moment, it waits for none of the others.
        assert time.monotonic() - began < 500 * ORDER_SECS / 4
        own_redis.thaw()
        until(lambda: all(len(node.events()) == 500 for node in (near, far)))
        assert far.ids() == near.ids()
        assert far.source.cut == near.source.cut  # no gap: nothing was lost


def test_it_says_that_redis_is_away_and_comes_back_by_itself(own_redis: RedisServer) -> None:
    with joined(own_redis.url) as nodes:
        near, far = nodes
        near.tell("before")
        until(lambda: all(len(node.events()) == 1 for node in nodes))
        own_redis.halt()
        until(lambda: all(node.source.degraded for node in nodes))
        near.tell("meanwhile")
        far.tell("as well")
        own_redis.resume()
        until(lambda: all(len(node.events()) == 2 for node in nodes))
        assert near.ids() == far.ids()
        assert {b"meanwhile" in data for data in far.data()} == {True, False}
        # The old life of the stream is over: what was seen of it is no place any more.
        until(lambda: not any(node.source.degraded for node in nodes))
        assert all(node.source.cut for node in nodes)


def test_it_tells_of_one_gap_when_redis_is_emptied(redis_url: str) -> None:
    with joined(redis_url) as nodes, Redis.from_url(redis_url) as client:
        near, far = nodes
        near.tell("before")
        until(lambda: all(len(node.events()) == 1 for node in nodes))
        seen, position = far.ids()[0], far.source.last
        cuts = [node.source.cut for node in nodes]
        client.flushall()
        near.tell("after")
        until(lambda: all(len(node.events()) == 1 and node.ids()[0] != seen for node in nodes))
        assert near.ids() == far.ids()
        assert far.source.after(position, 10) is None
        assert far.source.cut == position + 1
        assert far.source.number_of(seen) is None
        far.tell("more")
        until(lambda: all(len(node.events()) == 2 for node in nodes))
        assert [node.source.cut for node in nodes] == [cut + 2 for cut in cuts]


def test_it_tells_of_a_gap_when_entries_were_cut_off_unread(redis_url: str) -> None:
    with joined(redis_url, 1) as (node,), Redis.from_url(redis_url) as client:
        node.tell("first")
        until(lambda: len(node.events()) == 1)
        # What another node might do while this one sleeps: two entries, one already cut off.
        with client.pipeline(transaction=True) as steps:
            script = client.register_script(ADD)
            for number in (1, 2):
                script(
                    [HEAD, STREAM, ORIGIN + "other"], ["x", 100, "", number, b"\x90"], client=steps
                )
            steps.xtrim(STREAM, maxlen=1, approximate=False)
            steps.execute()
        until(lambda: node.source.cut > 0)
        assert node.events() == []
        node.tell("last")
        until(lambda: len(node.events()) == 1)


def test_it_adds_nothing_twice_when_an_answer_was_lost(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        script = client.register_script(ADD)
        keys = [HEAD, STREAM, ORIGIN + "one"]
        for number in (1, 1, 2, 1, 2):
            script(keys, ["epoch", 100, "", number, b"\x90"])
        entries = [fields for _, fields in client.xrange(STREAM)]
        assert [fields[b"c"] for fields in entries] == [b"0", b"1", b"2"]


def test_it_drops_the_oldest_and_tells_of_a_gap_when_redis_is_away_too_long(
    own_redis: RedisServer,
) -> None:
    with joined(own_redis.url) as nodes:
        near, far = nodes
        own_redis.freeze()
        near.tell("in flight")
        for _ in range(QUEUE_EVENTS // 1000 + 2):
            near.give(*["x"] * 1000)
        near.tell("last")
        own_redis.thaw()
        until(lambda: all(node.events() and b"last" in node.data()[-1] for node in nodes))
        assert near.ids() == far.ids()
        assert len(far.events()) <= QUEUE_EVENTS
        assert b"in flight" not in b"".join(far.data())
        assert far.source.cut > 1


def test_it_passes_over_what_it_cannot_read(redis_url: str) -> None:
    with joined(redis_url, 1) as (node,), Redis.from_url(redis_url) as client:
        client.register_script(ADD)([HEAD, STREAM, ORIGIN + "other"], ["x", 100, "", 1, b"garbage"])
        until(lambda: node.source.cut > 0)
        node.tell("readable")
        until(lambda: len(node.events()) == 1)


def test_it_keeps_no_more_in_redis_than_in_the_windows(redis_url: str) -> None:
    with joined(redis_url, 2, window=200) as (near, far), Redis.from_url(redis_url) as client:
        for number in range(600):
            near.give(str(number))
            until(lambda: near.source.last > number)  # noqa: B023  called at once
        until(lambda: far.ids() == near.ids())
        assert len(far.events()) == 200
        assert client.xlen(STREAM) < 400
        with joined(redis_url, 1, window=200) as (young,):
            assert young.ids() == far.ids()
