"""The head of an answer travels with its body, and never waits for one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from arw_site.run.joined_answers import JoinedTransport

HEAD = b"HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\n"

Told = Callable[[JoinedTransport, socket.socket], Awaitable[None]]


def on_a_connection(told: Told) -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        transport, _ = await loop.create_connection(asyncio.Protocol, sock=ours)
        with theirs:
            await told(JoinedTransport(transport, loop), theirs)
            transport.close()

    asyncio.run(scenario())


def test_it_sends_head_and_body_in_one_piece() -> None:
    async def told(transport: JoinedTransport, client: socket.socket) -> None:
        transport.write(HEAD)
        with pytest.raises(BlockingIOError):
            client.recv(1)
        transport.write(b"{}")
        assert client.recv(100) == HEAD + b"{}"
        await asyncio.sleep(0)
        with pytest.raises(BlockingIOError):
            client.recv(1)

    on_a_connection(told)


def test_it_keeps_a_head_no_longer_than_the_round_and_nothing_else_at_all() -> None:
    async def told(transport: JoinedTransport, client: socket.socket) -> None:
        transport.write(HEAD)
        await asyncio.sleep(0)
        assert client.recv(100) == HEAD
        transport.write(b"data: one\n\n")
        assert client.recv(100) == b"data: one\n\n"

    on_a_connection(told)


def test_it_sends_what_it_keeps_before_it_closes() -> None:
    async def told(transport: JoinedTransport, client: socket.socket) -> None:
        transport.write(HEAD)
        transport.close()
        assert client.recv(100) == HEAD
        await asyncio.sleep(0)
        assert client.recv(100) == b""

    on_a_connection(told)
