"""Requests straight to an ASGI application, as a server would hand them over."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

Pairs = list[tuple[bytes, bytes]]
HOST = (b"host", b"127.0.0.1:8091")


@dataclass(frozen=True)
class Answer:
    """Status, headers in their order, and the whole body."""

    status: int
    headers: Pairs
    body: bytes

    def header(self, name: str) -> str | None:
        found = [v for n, v in self.headers if n.lower() == name.lower().encode()]
        return found[0].decode() if found else None


@dataclass(frozen=True)
class Request:
    """A request; ``chunks`` are handed over one by one. ``host`` None sends no Host at all."""

    path: str
    chunks: tuple[bytes, ...] = (b"",)
    method: str = "POST"
    headers: tuple[tuple[str, str], ...] = ()
    query: bytes = b""
    declared: int | None = -1

    def scope(self) -> dict[str, Any]:
        own: Pairs = [(n.lower().encode(), v.encode("latin-1")) for n, v in self.headers]
        if not any(name == b"host" for name, _ in own):
            own.insert(0, HOST)
        length = sum(map(len, self.chunks)) if self.declared == -1 else self.declared
        if length is not None:
            own.append((b"content-length", str(length).encode()))
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": self.method,
            "path": self.path,
            "raw_path": self.path.encode(),
            "root_path": "",
            "query_string": self.query,
            "headers": own,
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8091),
        }


async def exchange(application: Any, request: Request) -> Answer:
    """The application's answer to one request."""
    sent: list[dict[str, Any]] = []
    waiting = [
        {"type": "http.request", "body": chunk, "more_body": at + 1 < len(request.chunks)}
        for at, chunk in enumerate(request.chunks)
    ]

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop(0)
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application(request.scope(), receive, send)
    body = b"".join(one.get("body", b"") for one in sent[1:])
    return Answer(sent[0]["status"], list(sent[0]["headers"]), body)


def ask(application: Any, *requests: Request) -> list[Answer]:
    """The answers to requests that are sent one after the other."""

    async def all_of_them() -> list[Answer]:
        return [await exchange(application, one) for one in requests]

    return asyncio.run(all_of_them())


def ask_at_once(application: Any, *requests: Request) -> list[Answer]:
    """The answers to requests that are sent together."""

    async def all_of_them() -> list[Answer]:
        return list(await asyncio.gather(*(exchange(application, one) for one in requests)))

    return asyncio.run(all_of_them())
