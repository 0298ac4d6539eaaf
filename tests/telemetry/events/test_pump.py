"""From a reader to its transport: at once while the client reads, by a task when it does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from telemetry.events.broadcaster import Broadcaster
from telemetry.events.pump import Pump
from tests.people import NOW
from tests.telemetry.events.conftest import World
from tests.telemetry.events.streams import parsed
from tests.telemetry.events.test_broadcaster import consent
from tests.telemetry.events.test_reader import reader_on

pytestmark = pytest.mark.django_db(transaction=True)


class Wire:
    """A client's line. It notes which way each payload came, and `ready` says whether it reads."""

    def __init__(self) -> None:
        self.ready = True
        self.ways: list[str] = []
        self.text = ""
        self.gate = asyncio.Event()
        self.gate.set()

    def write(self, payload: bytes) -> None:
        assert self.ready
        self._take("writer", payload)

    async def send(self, payload: bytes) -> None:
        await self.gate.wait()
        self._take("task", payload)

    def _take(self, way: str, payload: bytes) -> None:
        self.ways.append(way)
        self.text += payload.decode()

    def numbers(self) -> list[int]:
        """Of the events that arrived, in their order."""
        blocks = [parsed(one) for one in self.text.removesuffix("\n\n").split("\n\n")]
        ids = [one.id for one in blocks if one.event == "persona.telemetry.updated"]
        return [int(one.rsplit("-", 1)[1]) for one in ids if one]

    async def until(self, count: int) -> None:
        async with asyncio.timeout(30):
            while len(self.numbers()) < count:  # noqa: ASYNC110  other callbacks bring it about
                await asyncio.sleep(0.001)


@asynccontextmanager
async def pumping(source: Broadcaster, world: World) -> AsyncIterator[Wire]:
    wire = Wire()
    pump = Pump(reader_on(source, world).reader, wire.send, wire)
    running = asyncio.create_task(pump.run())
    try:
        async with asyncio.timeout(30):
            while not source.waiting:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        yield wire
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_it_writes_at_once_while_the_client_reads(world: World) -> None:
    source = Broadcaster()
    async with pumping(source, world) as wire:
        for count in range(1, 6):
            source.publish([consent()], NOW)
            await wire.until(count)
        assert wire.numbers() == [1, 2, 3, 4, 5]
        assert wire.ways == ["task", *["writer"] * 5]  # the first frame opens the stream
        assert source.waiting == 1


async def test_it_loses_and_doubles_nothing_when_the_client_stops_reading(world: World) -> None:
    source = Broadcaster()
    async with pumping(source, world) as wire:
        source.publish([consent()] * 3, NOW)
        await wire.until(3)
        wire.ready = False
        wire.gate.clear()
        for _ in range(3):
            source.publish([consent()] * 3, NOW)
            await asyncio.sleep(0)
        wire.gate.set()
        await wire.until(12)
        wire.ready = True
        source.publish([consent()], NOW)
        await wire.until(13)
        assert wire.numbers() == list(range(1, 14))
        assert wire.ways[-1] == "writer"
        assert wire.ways.count("task") > 1


async def test_a_fast_client_waits_for_no_slow_one(world: World) -> None:
    source = Broadcaster()
    async with pumping(source, world) as slow, pumping(source, world) as fast:
        slow.ready = False
        slow.gate.clear()
        for count in range(1, 21):
            source.publish([consent()], NOW)
            await fast.until(count)
        assert fast.numbers() == list(range(1, 21))
        assert slow.numbers() == []
        slow.gate.set()
        await slow.until(20)
        assert slow.numbers() == list(range(1, 21))


async def test_a_line_that_breaks_ends_its_own_stream_only(world: World) -> None:
    source = Broadcaster()

    class Broken(Wire):
        def write(self, payload: bytes) -> None:
            raise ConnectionResetError

        async def send(self, payload: bytes) -> None:
            if self.ways:
                raise ConnectionResetError
            await super().send(payload)

    broken = Broken()
    pump = Pump(reader_on(source, world).reader, broken.send, broken)
    running = asyncio.create_task(pump.run())
    async with pumping(source, world) as fine:
        source.publish([consent()], NOW)
        await fine.until(1)
        source.publish([consent()], NOW)
        await fine.until(2)
        with pytest.raises(ConnectionResetError):
            await running
        assert fine.numbers() == [1, 2]
