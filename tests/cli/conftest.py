"""One real server with the demo in it for all tests of the command line; they do not share personas."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from tests.services.server import RunningServer, Template, run

Done = subprocess.CompletedProcess[str]


@dataclass
class Desk:
    """A server, its people's tokens, and `arw-cli` as one of them."""

    server: RunningServer
    tokens: dict[str, str]

    def __call__(self, *arguments: str, who: str = "dana", stdin: str | None = None) -> Done:
        return self.server.cli(*arguments, token=self.tokens[who], input=stdin)

    def env(self, who: str = "dana") -> dict[str, str]:
        return {**self.server.env, "ARW_ADMIN_TOKEN": self.tokens[who]}

    def get(self, path: str, **query: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens['dana']}"}
        return httpx.get(
            f"{self.server.base}{path}", params=query or None, headers=headers, timeout=60
        )

    def record(self, persona_id: str) -> dict[str, Any]:
        return self.get(f"/state/persona/{persona_id}").json()

    def seed(self, persona_id: str, *more: str) -> dict[str, Any]:
        done = self("admin", "persona", "seed", "--id", persona_id, "--json", *more)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["entry"]

    def propose(self, persona_id: str, diff: object, *more: str) -> str:
        """A proposal by alice; returns its id."""
        done = self(
            "persona", "propose", persona_id, "--file", "-", "--json", *more,
            who="alice", stdin=json.dumps(diff),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["proposal_id"]


@pytest.fixture(scope="session")
def desk(server_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    # Without the log: whether an anchor is written yet when a command asks would be a race.
    env = {"ARW_EVENT_LOG": "false"}
    server = RunningServer(
        server_template, tmp_path_factory.mktemp("cli") / "server", "uvicorn", env
    )
    server.start()
    try:
        server.manage("demo")
        made = run([sys.executable, "-m", "tests.services.people"], server.env)
        assert made.returncode == 0, made.stderr
        people = json.loads(made.stdout)
        yield Desk(server, {name: facts["token"] for name, facts in people.items()})
    finally:
        server.stop()
    server.forget()


@dataclass
class Foreign:
    """A server of another kind, and the bearer tokens that it was sent."""

    base: str
    tokens: list[str | None]
    stop: Callable[[], None]


@pytest.fixture
def foreign() -> Iterator[Callable[..., Foreign]]:
    """Starts servers that are no ARW server: `foreign(status, body, content_type, headers)`."""
    stops: list[Callable[[], None]] = []

    def start(
        status: int, body: bytes, kind: str = "text/html", headers: dict[str, str] | None = None
    ) -> Foreign:
        seen: list[str | None] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                seen.append(self.headers["Authorization"])
                self.rfile.read(int(self.headers["Content-Length"] or 0))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815  the name that http.server looks for

            def log_message(self, *arguments: object) -> None:
                """Says nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def stop() -> None:
            server.shutdown()
            server.server_close()

        stops.append(stop)
        return Foreign(f"http://127.0.0.1:{server.server_address[1]}", seen, stop)

    yield start
    for stop in stops:
        stop()


def cli(*arguments: str, env: dict[str, str] | None = None, stdin: str | None = None) -> Done:
    """`arw-cli` where no server is needed."""
    clean = {"PATH": "/usr/bin:/bin", "NO_COLOR": "1", **(env or {})}
    return run([sys.executable, "-m", "arw_site.cli", *arguments], clean, stdin)


def lines(text: str) -> list[str]:
    return text.strip("\n").split("\n") if text.strip("\n") else []
