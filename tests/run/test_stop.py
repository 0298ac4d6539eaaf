"""Stopping: by Ctrl-C and by SIGTERM, idle and with an open event stream, under both servers."""

import signal
import time
from pathlib import Path

import httpx
import pytest

from tests.conftest import StartServer
from tests.run.starts import environment, started
from tests.services.processes import end, tail

PATIENT = 8  # seconds: the servers cut streams long before


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_it_stops_cleanly(tmp_path: Path, name: str) -> None:
    log = tmp_path / "log"
    with started(environment(tmp_path / "state"), log) as (_, process):
        code = end(process, by=signal.Signals[name])
    assert code == 0
    assert "Traceback" not in tail(log)
    assert "error" not in tail(log).lower()


@pytest.mark.parametrize("software", ["uvicorn", "daphne"])
def test_it_stops_with_an_open_stream(start_server: StartServer, software: str) -> None:
    server = start_server(software=software)
    headers = {"Authorization": f"Bearer {server.admin_token}"}
    with (
        httpx.Client(base_url=server.base, headers=headers, timeout=60) as client,
        client.stream("GET", "/events") as stream,
    ):
        assert stream.status_code == 200
        assert next(stream.iter_bytes())
        began = time.monotonic()
        assert server.process is not None
        code = end(server.process, by=signal.SIGTERM, seconds=PATIENT)
        taken = time.monotonic() - began
    assert code == 0
    assert taken < PATIENT
    assert "Traceback" not in server.log


def test_it_serves_two_processes_beside_each_other(start_server: StartServer) -> None:
    first = start_server()
    second = start_server(beside=first)
    assert first.base != second.base
    assert first.env["ARW_DATABASE_URL"] == second.env["ARW_DATABASE_URL"]
    assert httpx.get(f"{first.base}/readyz", timeout=60).status_code == 200
    first.stop()
    assert httpx.get(f"{second.base}/readyz", timeout=60).status_code == 200
