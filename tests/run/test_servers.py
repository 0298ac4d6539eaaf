"""Uvicorn, daphne and Django's own `runserver` all serve the application."""

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.conftest import StartServer
from tests.run.starts import is_ready
from tests.services.processes import end, free_port, tail, wait_until
from tests.services.server import PATIENCE, ROOT


@pytest.mark.parametrize("software", ["uvicorn", "daphne"])
def test_it_answers_and_asks_for_a_sign_in(start_server: StartServer, software: str) -> None:
    server = start_server(software=software)
    url = f"{server.base}/state/persona"
    token = server.tokens["alice"]
    assert httpx.get(url, timeout=60).status_code == 401
    assert (
        httpx.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=60).status_code == 200
    )


def test_it_runs_under_runserver(start_server: StartServer, tmp_path: Path) -> None:
    env = start_server().env
    log, port = tmp_path / "log", free_port()
    command = [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output)
    base = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: is_ready(base), process, log, seconds=PATIENCE)
        assert httpx.get(f"{base}/healthz", timeout=60).status_code == 200
    finally:
        end(process, by=signal.SIGINT)
    assert "daphne" in tail(log).lower()
    assert "Traceback" not in tail(log)
