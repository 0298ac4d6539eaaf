"""One reader on a window of its own: keep-alive, expiry, falling behind (contract §8)."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone

from leases.instants import rfc3339
from telemetry.events.broadcaster import Broadcaster
from telemetry.events.credentials import Credential
from telemetry.events.frames import SSE
from telemetry.events.groups import group_of_event
from telemetry.events.reader import Judges, Reader
from telemetry.events.selection import Selection, read_selection
from tests.people import NOW
from tests.telemetry.events.conftest import World
from tests.telemetry.events.streams import Block, parsed
from tests.telemetry.events.test_broadcaster import consent

pytestmark = pytest.mark.django_db(transaction=True)


class Blocks:
    """The blocks of one reader, one by one."""

    def __init__(self, reader: Reader[bytes]) -> None:
        self.reader = reader
        self.left: list[str] = []

    async def next(self) -> Block | None:
        if not self.left:
            payload = await self.reader.next()
            if payload is None:
                return None
            self.left = payload.decode().removesuffix("\n\n").split("\n\n")
        return parsed(self.left.pop(0))

    async def many(self, count: int) -> list[Block]:
        return [one for _ in range(count) if (one := await self.next())]

    async def rest(self) -> list[Block]:
        found = []
        while one := await self.next():
            found.append(one)
        return found


def reader_on(source: Broadcaster, world: World, query: str = "", **options: Any) -> Blocks:
    credential = Credential(world.alice.pk)
    selection = read_selection(QueryDict(query), None, source)
    return Blocks(Reader(credential, selection, "r", SSE, shared=Judges(source), **options))


def events(blocks: list[Block]) -> list[str | None]:
    return [block.event for block in blocks]


async def test_it_keeps_the_line_open(world: World) -> None:
    blocks = reader_on(Broadcaster(), world, keep_alive=0.01)
    first = await blocks.next()
    assert first
    assert (first.event, first.retry) == ("service.connected", "2000")
    for _ in range(2):
        assert await blocks.next() == Block(comment="keep-alive")


async def test_it_ends_when_the_token_expires(world: World) -> None:
    source = Broadcaster()
    token = await _token(world, timedelta(seconds=0.2))
    credential = Credential(world.alice.pk, token=token.pk, expires=token.expiry)
    selection = Selection((), "live", source.last)
    blocks = Blocks(Reader(credential, selection, "r", SSE, shared=Judges(source)))
    assert events(await blocks.rest()) == ["service.connected"]
    assert timezone.now() >= token.expiry


async def _token(world: World, life: timedelta) -> Any:
    from leases.models import ApiToken
    from tests.telemetry.events.streams import in_thread

    def make() -> Any:
        token, _ = ApiToken.objects.create(user=world.alice, expiry=life, name="short")
        return token

    return await in_thread(make)()


async def test_it_is_dropped_with_a_notice_when_it_falls_behind(world: World) -> None:
    source = Broadcaster(events=50)
    stalled, lively = reader_on(source, world), reader_on(source, world)
    await stalled.next()
    await lively.next()
    seen = 0
    for _ in range(4):
        source.publish([consent()] * 30, NOW)
        for block in await lively.many(30):
            seen += 1
            assert block.id == source.event_id(seen)
    assert stalled.reader.is_behind
    (gap,) = await stalled.rest()
    assert (gap.event, gap.id) == ("service.gap", None)
    assert gap.payload["reason"] == "slow_reader"
    assert stalled.reader.too_slow
    assert not lively.reader.too_slow


async def test_it_tells_of_a_gap_when_it_resumes_too_late(world: World) -> None:
    source = Broadcaster(events=10)
    source.publish([consent()] * 5, NOW)
    seen = source.event_id(5)
    source.publish([consent()] * 11, NOW)
    found = await reader_on(source, world, f"after={seen}").many(12)
    assert events(found)[:2] == ["service.connected", "service.gap"]
    ids = [block.id for block in found]
    assert ids == [None, source.event_id(6), *(source.event_id(n) for n in range(7, 17))]


async def test_it_resumes_at_the_edge_of_the_window_without_a_gap(world: World) -> None:
    source = Broadcaster(events=10)
    source.publish([consent()] * 5, NOW)
    seen = source.event_id(5)
    source.publish([consent()] * 10, NOW)
    found = await reader_on(source, world, f"after={seen}").many(11)
    assert events(found) == ["service.connected", *["persona.telemetry.updated"] * 10]


async def test_it_begins_at_the_start_for_a_zero(world: World) -> None:
    source = Broadcaster()
    source.publish([consent()] * 2, NOW)
    found = await reader_on(source, world, "after=0").many(3)
    assert events(found) == ["service.connected", *["persona.telemetry.updated"] * 2]


async def test_it_clamps_a_replay_to_the_window(world: World) -> None:
    source = Broadcaster()
    source.publish([consent()] * 3, NOW)
    selection = read_selection(QueryDict("replay=999999999999"), None, source)
    assert (selection.mode, selection.position, selection.count) == ("recent", 0, 3)


async def test_it_says_when_other_nodes_are_out_of_reach_and_when_they_are_back(
    world: World,
) -> None:
    source = Broadcaster()
    blocks = reader_on(source, world)
    await blocks.next()
    source.set_degraded(True)
    since = rfc3339(source.degraded_moved_at)
    source.set_degraded(True)
    (degraded,) = await blocks.many(1)
    assert (degraded.event, degraded.id) == ("service.degraded", None)
    assert degraded.payload == {"reason": "redis", "since": since}
    source.set_degraded(False)
    source.publish([consent()], NOW)
    recovered, event = await blocks.many(2)
    assert recovered.event == "service.recovered"
    assert recovered.payload["since"] == rfc3339(source.degraded_moved_at) >= since
    assert event.id == source.event_id(1)


async def test_it_tells_whoever_comes_during_an_outage_since_when(world: World) -> None:
    source = Broadcaster()
    source.set_degraded(True)
    blocks = reader_on(source, world, "prefix=leases.")
    connected, degraded = await blocks.many(2)
    assert (connected.event, degraded.event) == ("service.connected", "service.degraded")
    assert degraded.payload == {"reason": "redis", "since": rfc3339(source.degraded_moved_at)}
    assert degraded.data["time"] >= degraded.payload["since"]
    source.set_degraded(False)
    (recovered,) = await blocks.many(1)
    assert recovered.event == "service.recovered"


async def test_it_goes_on_after_one_gap_when_the_stream_begins_anew(world: World) -> None:
    source = Broadcaster()
    blocks = reader_on(source, world)
    source.publish([consent()] * 3, NOW)
    assert [one.id for one in (await blocks.many(4))[1:]] == [source.event_id(n) for n in (1, 2, 3)]
    source.begin_anew("0123456789abcdef", (7, 0, 0))
    source.deliver([(group_of_event(consent(), "t"), (8, 0, 1))])
    gap, event = await blocks.many(2)
    assert (gap.event, gap.id) == ("service.gap", "0123456789abcdef-7-0-0")
    assert gap.payload["reason"] == "stream_lost"
    assert event.id == "0123456789abcdef-8-0-1"
    assert not blocks.reader.too_slow
