"""Readers that stay for long: `python -m tests.bench.soak_readers`, orders as JSON on stdin.

Says `ready` once every stream has begun; then takes the number of the last event, waits until all
have it or nothing comes any more, and prints what was seen as JSON. Numbered events must come to
each reader exactly once and in order, also to those that break off now and then and resume.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import sys
from collections.abc import Iterator
from time import monotonic
from typing import Any

from tests.bench.stream_request import head_of

BLOCK = re.compile(rb"id: ([^\n]+)\nevent: [^\n]+\ndata: ([^\n]*)\n\n")
SAMPLE = re.compile(rb'"n":(\d+),"at":(\d+\.\d+)\}')
AT_ONCE = 40
QUIET_SECS = 10.0
TIMED = 20  # readers whose latency is kept
BREAK_EVERY = 2.0  # seconds from one wanderer's break to the next one's


class Tally:
    """What all readers saw."""

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.wrong = 0
        self.dropped = 0
        self.resumed = 0


class Reader(asyncio.Protocol):
    """One reader, over any number of connections. ``seen`` is the newest event's number."""

    def __init__(self, order: dict[str, Any], transport: str, tally: Tally, *, timed: bool) -> None:
        self.order = {**order, "transport": transport}
        self.read = self.blocks if transport == "sse" else self.messages
        self.tally = tally
        self.timed = timed
        self.seen = 0
        self.newest_id = ""
        self.leaving = False
        self.transport: Any = None

    async def connect(self) -> None:
        loop = asyncio.get_running_loop()
        self.buffer, self.upgraded = b"", False
        self.begun = loop.create_future()
        host, _, port = self.order["host"].partition(":")
        await loop.create_connection(lambda: self, host, int(port))
        await asyncio.wait_for(self.begun, 60)

    async def resume(self) -> None:
        """Break off, and go on with another connection after the newest event."""
        self.leaving = True
        self.gone = asyncio.get_running_loop().create_future()
        self.transport.abort()
        await self.gone
        self.leaving = False
        await self.connect()
        self.tally.resumed += 1

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(head_of(self.order, after=self.newest_id))

    def connection_lost(self, error: Exception | None) -> None:
        if self.leaving:
            self.gone.set_result(None)
        else:
            self.tally.dropped += 1

    def data_received(self, data: bytes) -> None:
        now = monotonic()
        self.buffer += data
        if not self.begun.done():
            if b"service.connected" not in self.buffer:
                return
            self.begun.set_result(None)
        for text in self.read():
            if found := SAMPLE.search(text):
                self.count(int(found[1]), now - float(found[2]))

    def blocks(self) -> Iterator[bytes]:
        """The data of each event that has come whole."""
        end = 0
        for block in BLOCK.finditer(self.buffer):
            self.newest_id = block[1].decode()
            end = block.end()
            yield block[2]
        self.buffer = self.buffer[end:]

    def messages(self) -> Iterator[bytes]:
        """Each message that has come whole; pings are answered."""
        text, at = self.buffer, 0
        if not self.upgraded:
            at, self.upgraded = text.index(b"\r\n\r\n") + 4, True
        while len(text) - at >= 2:
            length, begin = text[at + 1], at + 2
            if length == 126:
                length, begin = int.from_bytes(text[at + 2 : at + 4], "big"), at + 4
            elif length == 127:
                length, begin = int.from_bytes(text[at + 2 : at + 10], "big"), at + 10
            if len(text) < begin + length:
                break
            payload = text[begin : begin + length]
            if text[at] & 15 == 9:
                self.transport.write(b"\x8a" + bytes([128 + length]) + bytes(4) + payload)
            else:
                yield payload
            at = begin + length
        self.buffer = text[at:]

    def count(self, number: int, latency: float) -> None:
        self.tally.wrong += number != self.seen + 1
        self.seen = number
        if self.timed:
            self.tally.latencies.append(latency)


async def read_all(order: dict[str, Any]) -> dict[str, Any]:
    tally = Tally()
    readers = [
        Reader(order, ("sse", "websocket")[at % 2], tally, timed=at < TIMED)
        for at in range(order["readers"])
    ]
    gate = asyncio.Semaphore(AT_ONCE)

    async def open_one(reader: Reader) -> None:
        async with gate:
            await reader.connect()

    await asyncio.gather(*map(open_one, readers))
    gc.collect()
    gc.freeze()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    wandering = asyncio.ensure_future(wander(readers[TIMED::2][: order["wanderers"]]))
    last = int(await asyncio.to_thread(sys.stdin.readline))
    wandering.cancel()
    await asyncio.wait([wandering])
    await until_all_have(readers, last)
    return summary(tally, readers, last)


async def wander(readers: list[Reader]) -> None:
    """One after the other breaks off and resumes, for good."""
    while readers:
        for reader in readers:
            await asyncio.sleep(BREAK_EVERY)
            await asyncio.shield(reader.resume())


async def until_all_have(readers: list[Reader], last: int) -> None:
    arrived, quiet_since = -1, monotonic()
    while any(reader.seen < last for reader in readers) and monotonic() - quiet_since < QUIET_SECS:
        await asyncio.sleep(0.1)
        total = sum(reader.seen for reader in readers)
        if total > arrived:
            arrived, quiet_since = total, monotonic()


def summary(tally: Tally, readers: list[Reader], last: int) -> dict[str, Any]:
    ordered = sorted(tally.latencies)
    at = int(0.99 * (len(ordered) - 1))
    return {
        "lost": sum(last - reader.seen for reader in readers),
        "wrong": tally.wrong,
        "dropped": tally.dropped,
        "resumed": tally.resumed,
        "p99_ms": ordered[at] * 1e3 if ordered else None,
    }


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        answer = runner.run(read_all(json.loads(sys.stdin.readline())))
    sys.stdout.write(json.dumps(answer) + "\n")
