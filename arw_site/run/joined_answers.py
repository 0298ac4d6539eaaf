"""Answers in one piece: uvicorn sends the head of an answer and its body by a write for each.

That is one more system call and one more packet than a short answer takes, and the client is woken
for half of it. Here the head waits for the body, or for the end of the loop's round, whichever
comes first; so a stream's head is not held up.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD = b"HTTP/1.1 "


class JoinedTransport:
    """A transport that writes an answer's head together with what follows it."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._call_soon = loop.call_soon
        self._head = b""
        self.write_now = transport.write

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write ``data``, or keep it for a moment when it is a head."""
        head = self._head
        if head:
            self._head = b""
            self.write_now(head + data)
        elif data.startswith(_HEAD):
            self._head = data
            self._call_soon(self._flush)
        else:
            self.write_now(data)

    def close(self) -> None:
        """Close, once everything is written."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        head, self._head = self._head, b""
        if head and not self._transport.is_closing():
            self.write_now(head)


class JoinedAnswers(HttpToolsProtocol):
    """Uvicorn's protocol on such a transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(JoinedTransport(transport, self.loop))  # type: ignore[arg-type]

    def handle_websocket_upgrade(self) -> None:
        """What takes over writes no heads of answers."""
        self.transport = self.transport._transport  # type: ignore[attr-defined]
        super().handle_websocket_upgrade()
