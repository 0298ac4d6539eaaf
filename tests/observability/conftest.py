"""Servers whose `/metrics` is looked at, and the checker that comes with Prometheus."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.deployments import Deployment
from tests.services import binaries
from tests.services.server import ROOT, RunningServer

FOLDER = ROOT / "docs" / "observability"

Promtool = Callable[..., str]


@pytest.fixture
def promtool() -> Promtool:
    """Runs `promtool ...`; what it printed, and a failure when it found something."""
    program = binaries.promtool()
    assert program is not None, "run `python -m tests.services.ensure`"

    def run(*arguments: str, page: str = "") -> str:
        done = subprocess.run(
            [str(program), *arguments], cwd=FOLDER, input=page, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def consented(server: RunningServer) -> Deployment:
    """A deployment on whose persona.alpha feedback may be given."""
    deployment = Deployment(server)
    deployment.lease()
    deployment.lease("telemetry:persona:workspace")
    deployment.persona()
    switched = deployment.admin.post(
        "/admin/persona/persona.alpha/telemetry", json={"enabled": True}
    )
    assert switched.status_code == 200, switched.text
    return deployment


def give(client: httpx.Client, count: int = 1, **fields: object) -> None:
    """Gives `count` samples to persona.alpha, a request each."""
    for _ in range(count):
        given = client.post("/persona/persona.alpha/feedback", json={"signal": "warmer", **fields})
        assert given.status_code == 202, given.text


def page_of(server: RunningServer) -> str:
    """What `/metrics` says."""
    headers = {"Authorization": f"Bearer {server.admin_token}"}
    answer = httpx.get(f"{server.base}/metrics", headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.text


def example(name: str) -> Path:
    """A file that the documentation offers."""
    return FOLDER / name
