"""The MCP server as a real process, talked to by the SDK's own client."""

import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent

from tests.cli.conftest import Desk
from tests.services.processes import end, eventually, tail
from tests.services.server import ROOT

COMMAND = ("-m", "arw_site.cli", "mcp")
ERAS = ("legacy", "auto")
Open = Callable[..., Any]


@pytest.fixture
def over_stdio(desk: Desk, tmp_path: Path) -> Open:
    """`async with over_stdio(who, base=..., mode=...) as client`: a process of its own each time."""

    @asynccontextmanager
    async def opened(
        who: str = "alice", *, base: str | None = None, mode: str = "auto"
    ) -> AsyncIterator[Client]:
        env = {**desk.env(who), **({"ARW_BASE": base} if base else {})}
        server = StdioServerParameters(
            command=sys.executable, args=list(COMMAND), env=env, cwd=ROOT
        )
        errors = tmp_path / f"{who}.log"
        with errors.open("w+") as log:
            async with Client(stdio_client(server, errlog=log), mode=mode) as client:
                yield client
        assert "Traceback" not in errors.read_text()

    return opened


class HttpMcp:
    """`arw-cli mcp --http`; what its own process has as a token is dana's."""

    def __init__(self, desk: Desk, log: Path) -> None:
        self.log = log
        command = [sys.executable, *COMMAND, "--http", "--port", "0"]
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=desk.env("dana"), stdin=subprocess.DEVNULL,
                stdout=output, stderr=output,
            )  # fmt: skip
        eventually(lambda: self.process.poll() is not None or "MCP at" in tail(log), seconds=180)
        found = re.search(r"MCP at (http://127\.0\.0\.1:\d+/mcp)", tail(log))
        assert found, tail(log)
        self.url = found[1]

    @asynccontextmanager
    async def client(self, token: str, mode: str = "auto") -> AsyncIterator[Client]:
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as http,
            Client(streamable_http_client(self.url, http_client=http), mode=mode) as client,
        ):
            yield client


@pytest.fixture(scope="session")
def http_mcp(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpMcp]:
    running = HttpMcp(desk, tmp_path_factory.mktemp("mcp") / "mcp.log")
    yield running
    end(running.process)
    assert "Traceback" not in tail(running.log)


def told(result: CallToolResult) -> str:
    """The one text of a result."""
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text


def done(result: CallToolResult) -> Any:
    """The structure of a result that is no error; its text says the same."""
    assert not result.is_error, told(result)
    return result.structured_content


def refused(result: CallToolResult) -> dict[str, Any]:
    """The problem that a refused call answered."""
    assert result.is_error
    assert isinstance(result.structured_content, dict)
    return result.structured_content
