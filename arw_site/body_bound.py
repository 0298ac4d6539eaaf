"""The outermost bound on request bodies, before Django spools them to disk."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from arw_site.problems import MEDIA_TYPE
from arw_site.request_id import HEADER, sane_or_new

MAX_BODY = 33_554_432

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[..., Awaitable[None]]


class _TooLargeError(Exception):
    """The body went past the bound while it was being read."""


class BodyBound:
    """Answers 413 as soon as more than ``MAX_BODY`` bytes are announced or arrive.

    The routes have bounds of their own, judged after authentication (contract §2). This one keeps
    a stranger from filling the disk.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if _announced(scope) > MAX_BODY:
            await _refuse(scope, send)
            return
        received = 0
        answered = False

        async def bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY:
                raise _TooLargeError
            return message

        async def watched(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self.application(scope, bounded, watched)
        except _TooLargeError:
            if not answered:
                await _refuse(scope, send)


def _announced(scope: Message) -> int:
    for name, value in scope.get("headers", ()):
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def _refuse(scope: Message, send: Send) -> None:
    sent = dict(scope.get("headers", ())).get(HEADER.lower().encode(), b"")
    request_id = sane_or_new(sent.decode("latin-1"))
    body = json.dumps(
        {
            "type": "about:blank",
            "title": "Too Large",
            "status": 413,
            "detail": f"the body is larger than {MAX_BODY} bytes",
            "instance": scope.get("path"),
            "trace_id": request_id,
            "code": "too_large",
        }
    ).encode()
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (HEADER.lower().encode(), request_id.encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
