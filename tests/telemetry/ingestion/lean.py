"""Lean servers on the test's own database, and clients that count what they were answered."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from tests.services.server import ROOT


class LeanServers:
    """Forks servers on one port; `begin()` gives the id of a new one."""

    def __init__(self, database_url: str, log: Any, **env: str) -> None:
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(512)
        self.port: int = self.listener.getsockname()[1]
        self.children: list[int] = []
        descriptor = self.listener.fileno()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.telemetry.ingestion.lean_server", str(descriptor)],
            cwd=ROOT,
            env={
                **os.environ,
                "ARW_DATABASE_URL": database_url,
                "ARW_SECRET_KEY": str(settings.SECRET_KEY),
                "ARW_PSEUDONYM_KEY": settings.ARW_PSEUDONYM_KEY,
                "ARW_PERSONA_FEEDBACK_RATE": "100000000",
                "ARW_PERSONA_FEEDBACK_RATE_PERSONA": "100000000",
                "ARW_LOG_LEVEL": "error",
                **env,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            pass_fds=[descriptor],
            text=True,
        )
        assert self._line() == "ready"

    def begin(self) -> int:
        """A new server; connections wait in the socket's backlog until it accepts them."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.children.append(int(self._line()))
        return self.children[-1]

    def end(self, child: int, by: int = signal.SIGKILL) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, by)

    def close(self) -> None:
        for child in self.children:
            self.end(child)
        self.process.terminate()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
        self.listener.close()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@contextlib.contextmanager
def lean_servers(database_url: str, log: Any, **env: str) -> Iterator[LeanServers]:
    servers = LeanServers(database_url, log, **env)
    try:
        yield servers
    finally:
        servers.close()


@dataclass
class Load:
    """Clients that send single samples with ids, one after the other, over kept connections."""

    port: int
    token: str
    persona_ids: tuple[str, ...] = ("persona.alpha",)
    accepted: list[str] = field(default_factory=list)
    sent: int = 0
    others: list[tuple[int, bytes]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    async def client(self, on_answer: Callable[[int], None] = lambda _: None) -> None:
        """Send until the server is gone; what it answered is counted."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                while True:
                    number = next(self.numbers)
                    status, body = await self._one(reader, writer, f"sample-{number}", number)
                    if status == 202:
                        self.accepted.append(f"sample-{number}")
                    else:
                        self.others.append((status, body))
                    on_answer(status)
            finally:
                writer.close()

    async def _one(self, reader: Any, writer: Any, name: str, number: int) -> tuple[int, bytes]:
        body = json.dumps({"signal": "warmer", "id": name, "metadata": {"n": number}}).encode()
        persona_id = self.persona_ids[number % len(self.persona_ids)]
        self.sent += 1
        writer.write(
            (
                f"POST /persona/{persona_id}/feedback HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Authorization: Bearer {self.token}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            ).encode()
            + body
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        return int(head.split(b" ", 2)[1]), await reader.readexactly(length)
