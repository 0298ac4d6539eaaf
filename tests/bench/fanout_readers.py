"""Many readers of one server in one process, as cheap as Python makes them: raw sockets.

`python -m tests.bench.fanout_readers` takes its orders as JSON on stdin, says `ready` once every
stream has begun, and prints what arrived as JSON when the last event has, or nothing comes any more.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import os
import re
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

SAMPLE = re.compile(rb'"n":(\d+),"at":(\d+\.\d+)\}')
AT_ONCE = 40
QUIET_SECS = 10.0


@dataclass
class Tally:
    """What all readers of a kind saw."""

    events: int
    latencies: list[float] = field(default_factory=list)
    wrong_order: int = 0
    ended: int = 0


class Stream(asyncio.Protocol):
    """One reader. ``begun`` is called with the first frame."""

    def __init__(self, head: bytes, tally: Tally, begun: Callable[[], None]) -> None:
        self.head = head
        self.tally = tally
        self.begun: Callable[[], None] | None = begun
        self.buffer = b""
        self.seen = 0
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.head)

    def data_received(self, data: bytes) -> None:
        now = monotonic()
        text = self.buffer + data if self.buffer else data
        if self.begun is not None:
            if b"service.connected" not in text:
                self.buffer = text
                return
            self.begun()
            self.begun = None
        self.buffer = self.read(text, now)

    def read(self, text: bytes, now: float) -> bytes:
        """Count what is in it; returns what is not complete yet."""
        end = 0
        for found in SAMPLE.finditer(text):
            self.count(found, now)
            end = found.end()
        return text[max(end, len(text) - 64) :]

    def count(self, found: re.Match[bytes], now: float) -> None:
        number = int(found[1])
        if number != self.seen + 1:
            self.tally.wrong_order += 1
        self.seen = number
        self.tally.latencies.append(now - float(found[2]))

    def connection_lost(self, error: Exception | None) -> None:
        self.tally.ended += 1


class Messages(Stream):
    """A WebSocket: frames of the server are not masked; pings are answered."""

    upgraded = False

    def read(self, text: bytes, now: float) -> bytes:
        at = 0
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
            at = begin + length
            if text[begin - 2 if length < 126 else begin - 4] & 15 == 9:
                self.transport.write(b"\x8a" + bytes([128 + length]) + bytes(4) + text[begin:at])
            elif found := SAMPLE.search(text, begin, at):
                self.count(found, now)
        return text[at:]


def head_of(order: dict[str, Any]) -> bytes:
    lines = [f"Host: {order['host']}", f"Authorization: Bearer {order['token']}"]
    if order["transport"] == "sse":
        path = "/events"
    else:
        path = "/ws/events"
        key = base64.b64encode(os.urandom(16)).decode()
        lines += [f"Origin: http://{order['host']}", "Connection: Upgrade", "Upgrade: websocket"]
        lines += ["Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}"]
    return "\r\n".join([f"GET {path}?prefix=persona.feedback HTTP/1.1", *lines, "", ""]).encode()


async def read_all(order: dict[str, Any]) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    tally = Tally(order["events"])
    host, _, port = order["host"].partition(":")
    kind = Stream if order["transport"] == "sse" else Messages
    gate = asyncio.Semaphore(AT_ONCE)
    streams: list[Stream] = []

    async def open_one() -> None:
        async with gate:
            begun = loop.create_future()
            _, stream = await loop.create_connection(
                lambda: kind(head_of(order), tally, lambda: begun.set_result(None)), host, int(port)
            )
            streams.append(stream)
            await asyncio.wait_for(begun, 60)

    await asyncio.gather(*(open_one() for _ in range(order["readers"])))
    stalled = [await stalled_reader(order, host, int(port)) for _ in range(order["stalled"])]
    gc.collect()
    gc.freeze()
    gc.disable()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    wanted = order["readers"] * order["events"]
    arrived, quiet_since = 0, monotonic()
    while arrived < wanted and monotonic() - quiet_since < QUIET_SECS:
        await asyncio.sleep(0.1)
        if len(tally.latencies) > arrived:
            arrived, quiet_since = len(tally.latencies), monotonic()
    result = summary(tally, order)
    for stream in streams:
        stream.transport.abort()
    for one in stalled:
        one.close()
    return result


async def stalled_reader(order: dict[str, Any], host: str, port: int) -> socket.socket:
    """A client that asks and then never reads."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, (host, port))
    await loop.sock_sendall(client, head_of(order))
    return client


def summary(tally: Tally, order: dict[str, Any]) -> dict[str, Any]:
    ordered = sorted(tally.latencies)
    last = len(ordered) - 1

    def share(part: float) -> float:
        return round(ordered[int(part * last)] * 1e3, 2) if ordered else float("nan")

    return {
        "delivered": len(ordered),
        "wanted": order["readers"] * order["events"],
        "wrong_order": tally.wrong_order,
        "ended": tally.ended,
        "p50_ms": share(0.5),
        "p99_ms": share(0.99),
        "max_ms": share(1),
    }


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        answer = runner.run(read_all(json.loads(sys.stdin.readline())))
    sys.stdout.write(json.dumps(answer) + "\n")
