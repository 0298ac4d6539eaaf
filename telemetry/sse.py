"""Server-sent events: the frames of a stream as ``text/event-stream`` (contract §8)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import StreamingHttpResponse

from telemetry.events.reader import Frame, Reader

RETRY_MS = 2000
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def sse_response(reader: Reader) -> StreamingHttpResponse:
    """The stream as a response; it ends with the reader, or when the client goes."""
    return StreamingHttpResponse(encoded(reader), content_type="text/event-stream", headers=HEADERS)


async def encoded(reader: Reader) -> AsyncIterator[bytes]:
    """The reader's frames as bytes; keep-alives are comments."""
    # The request was judged on a connection of its own thread, which would be held for hours.
    await sync_to_async(close_old_connections)()
    first = f"retry: {RETRY_MS}\n"
    async with aclosing(reader.frames()) as frames:
        async for frame in frames:
            yield (first + _block(frame)).encode()
            first = ""


def _block(frame: Frame | None) -> str:
    if frame is None:
        return ":keep-alive\n\n"
    identity = "" if frame.id is None else f"id: {frame.id}\n"
    return f"{identity}event: {frame.event}\ndata: {frame.data}\n\n"
