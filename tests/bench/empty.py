"""An ASGI application that does nothing: what the server software itself can do."""

from __future__ import annotations

from typing import Any

BODY = b'{"status":"accepted","count":1}'
HEADERS = [(b"Content-Type", b"application/json"), (b"Content-Length", b"%d" % len(BODY))]


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    await receive()
    await send({"type": "http.response.start", "status": 202, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})
