"""A client that does not read, on a real server: it is dropped, and hinders nobody (contract §8)."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest

from telemetry.events.broadcaster import WINDOW_EVENTS
from tests.conftest import StartServer
from tests.services.server import RunningServer
from tests.telemetry.events.nodes import until
from tests.telemetry.events.test_nodes import HEAD, ON, RATES, Stream

BATCHES = WINDOW_EVENTS // 1000 + 6
PATIENCE = 60


@pytest.fixture
def running(start_server: StartServer) -> RunningServer:
    return start_server(env=RATES)


def stalled(server: RunningServer) -> socket.socket:
    """A stream that nobody reads."""
    host, _, port = server.base.removeprefix("http://").partition(":")
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(PATIENCE)
    client.connect((host, int(port)))
    request = f"GET /events?prefix=persona.feedback HTTP/1.1\r\nHost: {host}:{port}\r\n"
    client.sendall(f"{request}Authorization: Bearer {server.admin_token}\r\n\r\n".encode())
    first = b""
    while b"service.connected" not in first:
        first += client.recv(200)
    return client


def rest_of(client: socket.socket) -> Iterator[bytes]:
    while data := client.recv(1 << 20):
        yield data


def test_it_drops_a_reader_that_stalls_and_slows_no_other(running: RunningServer) -> None:
    headers = {"Authorization": f"Bearer {running.admin_token}"}
    with (
        httpx.Client(base_url=running.base, headers=headers, timeout=PATIENCE) as client,
        stalled(running) as slow,
    ):
        for capability in ("persona:manage", "telemetry:persona:workspace"):
            assert client.post("/leases", json={"capability": capability}).status_code == 201
        persona = {**HEAD, "preferences": ON}
        assert client.post("/admin/persona", json=persona).status_code == 201
        params = {"prefix": "persona.feedback"}
        with client.stream("GET", "/events", params=params) as response:
            lively = Stream(response)
            for batch in range(BATCHES):
                body = [{"signal": f"{batch}-{n}", "note": "a word " * 80} for n in range(1000)]
                answer = httpx.post(
                    f"{running.base}/persona/persona.alpha/feedback",
                    json=body,
                    headers=headers,
                    timeout=60,
                )
                assert answer.status_code == 202, answer.text
                for number in range(1000):
                    assert lively.signal()[1] == f"{batch}-{number}"
        text = b"".join(rest_of(slow))
        assert text.count(b"event: service.gap") == 1
        assert b'"reason":"slow_reader"' in text
        assert f"{BATCHES - 1}-999".encode() not in text
        until(lambda: 'readers{transport="sse"} 0.0' in client.get("/metrics").text)
        page = client.get("/metrics").text
        assert 'arw_event_readers_dropped_total{transport="sse"} 1.0' in page
