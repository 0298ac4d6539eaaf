"""Server-sent events: a stream as ``text/event-stream`` (contract §8).

Django judges the request as it judges any other: host, token or session, role, parameters. Where
the door below stands in front of it, that is all it does: the view leaves the reader with the
door, Django's request ends, its thread and database connection are free again, and the door sends
the headers that Django made, and then the frames.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse

from telemetry.events import counters
from telemetry.events.pump import Pump, Writer, writer_of
from telemetry.events.reader import Reader

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
PATH = "/events"
SLOT = "arw.stream"
LOOK_SECS = 10.0

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@dataclass(slots=True)
class Slot:
    """Where the view leaves the reader for the door."""

    reader: Reader[bytes] | None = None


def sse_response(request: HttpRequest, reader: Reader[bytes]) -> StreamingHttpResponse:
    """The stream as a response, or only its head where the door takes the reader over."""
    slot: Slot | None = getattr(request, "scope", {}).get(SLOT)
    if slot is None:
        body = payloads(reader)
    else:
        slot.reader, body = reader, _nothing()
    return StreamingHttpResponse(body, content_type="text/event-stream", headers=HEADERS)


async def payloads(reader: Reader[bytes]) -> AsyncIterator[bytes]:
    """All that the reader has to say."""
    with counters.open_reader("sse"):
        while (payload := await reader.next()) is not None:
            yield payload


async def _nothing() -> AsyncIterator[bytes]:
    """No body; the response has no length all the same, as that of a stream has none."""
    nothing: tuple[bytes, ...] = ()
    for one in nothing:
        yield one


class EventStreamDoor:
    """Carries the streams of ``GET /events``; hands everything else to ``application``."""

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        self.application = application

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["path"] != PATH or scope["method"] != "GET":
            await self.application(scope, receive, send)
            return
        slot = Slot()
        head: Message | None = None

        async def watched(message: Message) -> None:
            nonlocal head
            if slot.reader is None:
                await send(message)
            elif message["type"] != "http.response.start":
                return  # the empty body
            elif message["status"] == 200:
                head = message
            else:
                slot.reader = None
                await send(message)

        await self.application({**scope, SLOT: slot}, receive, watched)
        if slot.reader is not None and head is not None:
            await send(head)
            await _carry(slot.reader, receive, send, writer_of(scope))


async def _carry(
    reader: Reader[bytes], receive: Receive, send: Send, writer: Writer[bytes] | None
) -> None:
    """Send the frames until the stream is over or the client has gone."""

    async def send_body(payload: bytes) -> None:
        await send({"type": "http.response.body", "body": payload, "more_body": True})

    pump = Pump(reader, send_body, writer)
    gone = asyncio.ensure_future(_disconnect(receive))
    sending = asyncio.ensure_future(pump.run())
    with counters.open_reader("sse"):
        try:
            while not (gone.done() or sending.done() or pump.is_stuck):
                await asyncio.wait(
                    {gone, sending}, timeout=LOOK_SECS, return_when=asyncio.FIRST_COMPLETED
                )
            if sending.done():
                sending.result()
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()
            sending.cancel()
            await asyncio.gather(gone, sending, return_exceptions=True)
            if reader.too_slow or pump.is_stuck:
                counters.DROPPED.labels(transport="sse").inc()


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
