"""Frames of a stream in the form of each transport (contract §8). Pure.

An event's frame is made once per transport, however many readers there are.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from telemetry.events.groups import Published

RETRY_MS = 2000
WRITER = "arw.writer"
"""The ASGI extension of a server that takes payloads of streams at once: a ``Writer``."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Frame:
    """What the stream says of itself: ``data`` is JSON text on one line; a resume goes on at ``id``."""

    id: str | None
    event: str
    data: str


class Form(ABC, Generic[T]):
    """How frames travel. A payload is what is handed to the transport at a time."""

    transport: ClassVar[str]

    @abstractmethod
    def event(self, one: Published) -> bytes | str:
        """The frame of an event, made on first use."""

    @abstractmethod
    def frame(self, frame: Frame, *, first: bool = False) -> bytes | str:
        """What the stream says of itself."""

    @abstractmethod
    def together(self, parts: Sequence[Any]) -> T:
        """One payload of several frames."""

    def keep_alive(self) -> T | None:
        """What keeps the line open, where the protocol does not do that by itself."""
        return None


class SseForm(Form[bytes]):
    """``text/event-stream``: any number of blocks in one piece of the body."""

    transport = "sse"

    def event(self, one: Published) -> bytes:
        known = one.sse
        if known is None:
            head = f"id: {one.id}\nevent: {one.topic}\ndata: ".encode()
            known = one.sse = b"".join((head, one.data, b"\n\n"))
        return known

    def frame(self, frame: Frame, *, first: bool = False) -> bytes:
        retry = f"retry: {RETRY_MS}\n" if first else ""
        identity = "" if frame.id is None else f"id: {frame.id}\n"
        return f"{retry}{identity}event: {frame.event}\ndata: {frame.data}\n\n".encode()

    def together(self, parts: Sequence[Any]) -> bytes:
        return b"".join(parts)

    def keep_alive(self) -> bytes:
        return b":keep-alive\n\n"


@dataclass(slots=True)
class Messages:
    """Texts, one for each message; ``wire`` is what a server may keep of them, encoded once."""

    texts: tuple[str, ...]
    wire: bytes | None = None


class MessageForm(Form[Messages]):
    """JSON texts ``{id, event, data}``, one for each message; keep-alive is the protocol's own."""

    transport = "websocket"

    def event(self, one: Published) -> str:
        known = one.message
        if known is None:
            known = one.message = _message(one.id, one.topic, one.data.decode())
        return known

    def frame(self, frame: Frame, *, first: bool = False) -> str:
        return _message(frame.id, frame.event, frame.data)

    def together(self, parts: Sequence[Any]) -> Messages:
        return Messages(tuple(parts))


SSE = SseForm()
MESSAGES = MessageForm()


def _message(identity: str | None, event: str, data: str) -> str:
    return f'{{"id": {json.dumps(identity)}, "event": {json.dumps(event)}, "data": {data}}}'
