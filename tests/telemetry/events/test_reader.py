"""One reader on a window of its own: keep-alive, expiry, falling behind (contract §8)."""

import json
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone

from telemetry.events.broadcaster import Broadcaster
from telemetry.events.credentials import Credential
from telemetry.events.reader import Frame, Reader
from telemetry.events.selection import Selection, read_selection
from telemetry.events.verdicts import Verdicts
from telemetry.sse import encoded
from tests.people import NOW
from tests.telemetry.events.conftest import World
from tests.telemetry.events.test_broadcaster import consent

pytestmark = pytest.mark.django_db(transaction=True)


def reader_on(source: Broadcaster, world: World, query: str = "", **options: Any) -> Reader:
    credential = Credential(world.alice.pk, expires=options.pop("expires", None))
    selection = options.pop("selection", None) or read_selection(QueryDict(query), None, source)
    return Reader(credential, selection, "r", source=source, judges=Verdicts(source), **options)


def events(frames: list[Frame | None]) -> list[str]:
    return [frame.event for frame in frames if frame is not None]


async def test_it_keeps_the_line_open(world: World) -> None:
    reader = reader_on(Broadcaster(), world, keep_alive=0.01)
    async with aclosing(encoded(reader)) as blocks:  # type: ignore[type-var]
        first = await anext(blocks)
        assert first.startswith(b"retry: 2000\nid: ")
        assert await anext(blocks) == b":keep-alive\n\n"
        assert await anext(blocks) == b":keep-alive\n\n"


async def test_it_ends_when_the_token_expires(world: World) -> None:
    source = Broadcaster()
    token = await _token(world, timedelta(seconds=0.2))
    credential = Credential(world.alice.pk, token=token.pk, expires=token.expiry)
    selection = Selection((), "live", source.last)
    reader = Reader(credential, selection, "r", source=source, judges=Verdicts(source))
    frames = [frame async for frame in reader.frames()]
    assert events(frames) == ["service.connected"]
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
    slow, quick = reader_on(source, world), reader_on(source, world)
    async with aclosing(slow.frames()) as stalled, aclosing(quick.frames()) as lively:
        await anext(stalled)
        await anext(lively)
        seen = 0
        for _ in range(4):
            source.publish([consent()] * 30, NOW)
            for _ in range(30):
                frame = await anext(lively)
                seen += 1
                assert frame is not None
                assert frame.id == source.event_id(seen)
        rest = [frame async for frame in stalled]
    assert events(rest) == ["service.gap"]
    assert slow.too_slow
    gap = rest[0]
    assert gap is not None
    assert gap.id is None
    assert json.loads(gap.data)["payload"]["reason"] == "slow_reader"


async def test_it_tells_of_a_gap_when_it_resumes_too_late(world: World) -> None:
    source = Broadcaster(events=10)
    source.publish([consent()] * 5, NOW)
    seen = source.event_id(5)
    source.publish([consent()] * 11, NOW)
    reader = reader_on(source, world, f"after={seen}")
    async with aclosing(reader.frames()) as frames:
        found = [await anext(frames) for _ in range(12)]
    assert events(found)[:2] == ["service.connected", "service.gap"]
    ids = [frame.id for frame in found if frame is not None]
    assert ids == [None, source.event_id(6), *(source.event_id(n) for n in range(7, 17))]


async def test_it_resumes_at_the_edge_of_the_window_without_a_gap(world: World) -> None:
    source = Broadcaster(events=10)
    source.publish([consent()] * 15, NOW)
    reader = reader_on(source, world, f"after={source.event_id(5)}")
    async with aclosing(reader.frames()) as frames:
        found = [await anext(frames) for _ in range(11)]
    assert events(found) == ["service.connected", *["persona.telemetry.updated"] * 10]


async def test_it_begins_at_the_start_for_a_zero(world: World) -> None:
    source = Broadcaster()
    source.publish([consent()] * 2, NOW)
    reader = reader_on(source, world, "after=0")
    async with aclosing(reader.frames()) as frames:
        found = [await anext(frames) for _ in range(3)]
    assert events(found) == ["service.connected", *["persona.telemetry.updated"] * 2]


async def test_it_clamps_a_replay_to_the_window(world: World) -> None:
    source = Broadcaster()
    source.publish([consent()] * 3, NOW)
    selection = read_selection(QueryDict("replay=999999999999"), None, source)
    assert (selection.mode, selection.position, selection.count) == ("recent", 0, 3)
