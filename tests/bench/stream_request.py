"""How a reader without an HTTP client asks for a stream of feedback, by SSE or WebSocket."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping


def head_of(order: Mapping[str, str], *, after: str = "") -> bytes:
    """A request's head. ``order`` names host, token and transport; ``after`` resumes at an event."""
    lines = [f"Host: {order['host']}", f"Authorization: Bearer {order['token']}"]
    if order["transport"] == "sse":
        path = "/events"
    else:
        path = "/ws/events"
        key = base64.b64encode(os.urandom(16)).decode()
        lines += [f"Origin: http://{order['host']}", "Connection: Upgrade", "Upgrade: websocket"]
        lines += ["Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}"]
    query = "?prefix=persona.feedback" + (f"&after={after}" if after else "")
    return "\r\n".join([f"GET {path}{query} HTTP/1.1", *lines, "", ""]).encode()
