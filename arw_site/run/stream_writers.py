"""Streams to many clients: what is the same for all of them is framed once, and written at once.

Uvicorn frames each piece of a body and each message anew for every client, in a task of its own.
Here a stream is given a writer beside ``send`` (see ``telemetry.events.pump``): as long as the
client reads fast enough, a payload goes to the socket without either.
"""

from __future__ import annotations

import functools
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State

from arw_site.run.joined_answers import JoinedAnswers
from telemetry.events.frames import WRITER, Messages


class BodyWriter:
    """Writes pieces of a chunked body."""

    __slots__ = ("_protocol",)

    def __init__(self, protocol: StreamingAnswers) -> None:
        self._protocol = protocol

    @property
    def ready(self) -> bool:
        cycle = self._protocol.cycle
        return (
            cycle.response_started
            and bool(cycle.chunked_encoding)
            and not (cycle.response_complete or cycle.disconnected or cycle.flow.write_paused)
        )

    def write(self, payload: bytes) -> None:
        self._protocol.transport.write(_chunk(payload))


class StreamingAnswers(JoinedAnswers):
    """Uvicorn's protocol for HTTP, with a writer for streams."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)["extensions"] = {WRITER: BodyWriter(self)}


class MessageWriter:
    """Writes messages to an open WebSocket.

    A server's frames are not masked, so they are the same for every client. Compression would
    make them differ: it is off.
    """

    __slots__ = ("_protocol",)

    def __init__(self, protocol: StreamingSockets) -> None:
        self._protocol = protocol

    @property
    def ready(self) -> bool:
        protocol = self._protocol
        return (
            protocol.handshake_complete
            and not (protocol.close_sent or protocol.disconnected)
            and protocol.writable.is_set()
            and protocol.conn.state is State.OPEN
        )

    def write(self, payload: Messages) -> None:
        self._protocol.transport.write(_frames(payload))


class StreamingSockets(WebSocketsSansIOProtocol):
    """Uvicorn's protocol for WebSockets, with a writer for streams."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            cast("dict[str, Any]", self.scope)["extensions"][WRITER] = MessageWriter(self)


@functools.lru_cache(maxsize=64)
def _chunk(payload: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(payload), payload)


def _frames(messages: Messages) -> bytes:
    if messages.wire is None:
        frames = (Frame(Opcode.TEXT, text.encode()) for text in messages.texts)
        messages.wire = b"".join([one.serialize(mask=False) for one in frames])
    return messages.wire
