"""Many readers of one server in one process, so cheap that they are not what is measured.

`python -m tests.bench.fanout_readers` takes its orders as JSON on stdin, says `ready` once every
stream has begun, and prints what arrived as JSON when the last event has, or nothing comes any more.
While events flow a reader only keeps the pieces that its socket gave, and when; afterwards they are
searched for the events in them, each of which has a number.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import socket
import sys
from collections.abc import Callable
from itertools import accumulate
from time import monotonic
from typing import Any

from tests.bench.stream_request import head_of

SAMPLE = re.compile(rb'"n":(\d+),"at":(\d+\.\d+)\}')
MARK = b'"n":'
AT_ONCE = 40
QUIET_SECS = 10.0
LOOK_SECS = 0.1


class Reader(asyncio.Protocol):
    """One reader of either transport. ``begun`` is called with the first frame."""

    def __init__(self, head: bytes, begun: Callable[[], None]) -> None:
        self.head = head
        self.begun: Callable[[], None] | None = begun
        self.pieces: list[bytes] = []
        self.times: list[float] = []
        self.marks = 0  # one that two pieces share is missed, and found in the end
        self.ended = False
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.head)

    def data_received(self, data: bytes) -> None:
        self.times.append(monotonic())
        self.pieces.append(data)
        self.marks += data.count(MARK)
        if self.begun is not None and b"service.connected" in b"".join(self.pieces):
            self.begun()
            self.begun = None

    def connection_lost(self, error: Exception | None) -> None:
        self.ended = True

    def events(self) -> list[tuple[int, float]]:
        """The number of each event in the order of arrival, and its seconds under way."""
        ends = list(accumulate(map(len, self.pieces)))
        found, at = [], 0
        for match in SAMPLE.finditer(b"".join(self.pieces)):
            while ends[at] < match.end():
                at += 1
            found.append((int(match[1]), self.times[at] - float(match[2])))
        return found


async def read_all(order: dict[str, Any]) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    host, _, port = order["host"].partition(":")
    gate = asyncio.Semaphore(AT_ONCE)
    head = head_of(order)
    readers: list[Reader] = []

    async def open_one() -> None:
        async with gate:
            begun = loop.create_future()
            _, reader = await loop.create_connection(
                lambda: Reader(head, lambda: begun.set_result(None)), host, int(port)
            )
            readers.append(reader)
            await asyncio.wait_for(begun, 60)

    await asyncio.gather(*(open_one() for _ in range(order["readers"])))
    stalled = [await stalled_reader(head, host, int(port)) for _ in range(order["stalled"])]
    gc.collect()
    gc.freeze()
    gc.disable()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await all_events(readers, order["events"])
    result = summary(readers, order["events"])
    for reader in readers:
        reader.transport.abort()
    for one in stalled:
        one.close()
    return result


async def all_events(readers: list[Reader], events: int) -> None:
    """Return once all have every event, or nobody got anything for a while."""
    arrived, quiet_since = 0, monotonic()
    while arrived < events * len(readers):
        await asyncio.sleep(LOOK_SECS)
        total = sum(reader.marks for reader in readers)
        if total > arrived:
            arrived, quiet_since = total, monotonic()
        elif monotonic() - quiet_since > QUIET_SECS:
            return


async def stalled_reader(head: bytes, host: str, port: int) -> socket.socket:
    """A client that asks and then never reads; returns once its stream has begun."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, (host, port))
    await loop.sock_sendall(client, head)
    begun = loop.create_future()
    loop.add_reader(client, lambda: begun.done() or begun.set_result(None))
    try:
        await asyncio.wait_for(begun, 60)
    finally:
        loop.remove_reader(client)
    return client


def summary(readers: list[Reader], events: int) -> dict[str, Any]:
    """What all readers got. Commits set the order, and every reader must see the same one."""
    latencies: list[float] = []
    lost = doubled = disordered = 0
    first: list[int] = []
    for reader in readers:
        found = reader.events()
        latencies += [latency for _, latency in found]
        numbers = [number for number, _ in found]
        first = first or numbers
        different = len(set(numbers))
        lost += events - different
        doubled += len(numbers) - different
        disordered += numbers != first
    latencies.sort()

    def share(part: float) -> float | None:
        return latencies[int(part * (len(latencies) - 1))] * 1e3 if latencies else None

    return {
        "lost": lost,
        "doubled": doubled,
        "disordered": disordered,
        "ended": sum(reader.ended for reader in readers),
        "p50_ms": share(0.5),
        "p99_ms": share(0.99),
        "max_ms": share(1),
    }


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        answer = runner.run(read_all(json.loads(sys.stdin.readline())))
    sys.stdout.write(json.dumps(answer) + "\n")
