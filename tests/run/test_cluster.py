"""`python -m arw_site.run cluster`: two servers, PostgreSQL, Redis and a proxy, from nothing."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from tests.run.starts import environment, is_ready
from tests.services.processes import end, eventually, is_running, tail, wait_until
from tests.services.server import ROOT, run

PATIENCE = 300  # seconds, for five programs on a slow machine
# It brings its own database, whatever the session's is: once is enough.
pytestmark = pytest.mark.pure
FEEDBACK = "/persona/persona.tomas/feedback"


class Cluster:
    """The command as a person starts it, and what it printed."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.env = environment(state, AGENTWELLNESS_HOME=str(state / "wellness"))
        self.base = f"http://127.0.0.1:{self.env['ARW_PORT']}"
        self.log = state.with_name("log")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.log.write_bytes(b"")
        command = [sys.executable, "-m", "arw_site.run", "cluster"]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        wait_until(lambda: "running" in tail(self.log), self.process, self.log, seconds=PATIENCE)
        assert is_ready(self.base)
        self.ids = {
            name: int(pid)
            for name, pid in re.findall(r"(\S+) +127\S+ +process (\d+)", tail(self.log))
        }
        self.ports: dict[str, int] = json.loads((self.state / "cluster" / "ports.json").read_text())

    def stop(self, by: int = signal.SIGINT) -> int:
        assert self.process is not None
        return end(self.process, by=by, seconds=60)

    def wait_for(self, true: Callable[[], bool]) -> None:
        assert self.process is not None
        wait_until(true, self.process, self.log, seconds=PATIENCE)

    def token(self, name: str) -> str:
        """A token made as the screen says: with the environment that the cluster wrote down."""
        lines = (self.state / "cluster" / "env").read_text().splitlines()
        chosen = dict(shlex.split(line)[1].split("=", 1) for line in lines)
        command = [sys.executable, "manage.py", "token", name]
        return run(command, {**self.env, **chosen}, check=True).stdout.strip()

    def client(self, name: str, base: str = "") -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token(name)}"}
        return httpx.Client(base_url=base or self.base, headers=headers, timeout=PATIENCE)

    def accepted_by(self, node: str, client: httpx.Client) -> float:
        """How many samples the node took, by its own word."""
        page = client.get(f"http://127.0.0.1:{self.ports[node]}/metrics").text
        found = re.search(r"^arw_persona_feedback_global_total (\S+)$", page, re.MULTILINE)
        assert found, page
        return float(found[1])


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    one = Cluster(tmp_path / "state")
    yield one
    if one.process is not None:
        one.stop()
    data = one.state / "cluster" / "postgresql"
    if data.is_symlink():  # where root is: outside of the state folder
        shutil.rmtree(data.resolve(), ignore_errors=True)


def allow_feedback(dana: httpx.Client) -> None:
    for capability in ("persona:manage", "telemetry:persona:project"):
        assert dana.post("/leases", json={"capability": capability}).status_code == 201
    switched = dana.post("/admin/persona/persona.tomas/telemetry", json={"enabled": True})
    assert switched.status_code == 200, switched.text


def feedback_kinds(stream: httpx.Response, count: int) -> list[dict[str, Any]]:
    """The next `count` feedback events of a stream."""
    found: list[dict[str, Any]] = []
    for line in stream.iter_lines():
        if line.startswith("data:") and '"persona.feedback"' in line:
            found.append(json.loads(line.removeprefix("data:")))
        if len(found) == count:
            break
    return found


def test_it_serves_streams_survives_and_keeps_its_data(cluster: Cluster) -> None:
    cluster.start()
    with cluster.client("dana") as dana, cluster.client("alice") as alice:
        allow_feedback(dana)
        with alice.stream("GET", "/events?prefix=persona.feedback") as stream:
            assert stream.status_code == 200
            given = give_until_both_took_some(cluster, alice)
            events = feedback_kinds(stream, given)
        assert len(events) == given
        told_over_a_websocket(cluster, alice)
        assert alice.get("/metrics").status_code == 404
        a_node_dies_and_the_other_goes_on(cluster, alice)
        total = alice.get("/state/persona/persona.tomas/vibe_metrics").json()["total_feedback"]
        history = alice.get("/state/persona/persona.tomas/vibe_history").json()["items"]
        token = alice.headers["Authorization"]
    assert total == given + 2
    ids = dict(cluster.ids)
    assert set(ids) == {"postgresql", "redis", "node-1", "node-2", "nginx"}
    assert cluster.stop() == 0
    assert not any(map(is_running, ids.values()))
    assert "Traceback" not in tail(cluster.log)

    ports = cluster.ports
    cluster.start()
    assert cluster.ports == ports
    with httpx.Client(base_url=cluster.base, headers={"Authorization": token}, timeout=60) as alice:
        again = alice.get("/state/persona/persona.tomas/vibe_history").json()["items"]
        metrics = alice.get("/state/persona/persona.tomas/vibe_metrics").json()
    assert again == history
    assert metrics["total_feedback"] == total  # Redis keeps it on disk
    assert cluster.stop(by=signal.SIGTERM) == 0


def give_until_both_took_some(cluster: Cluster, alice: httpx.Client) -> int:
    """How many samples it took through the proxy until each node had accepted some."""
    given, deadline = 0, time.monotonic() + PATIENCE
    nodes = ("node-1", "node-2")
    while not all(cluster.accepted_by(node, alice) for node in nodes):
        assert time.monotonic() < deadline
        answer = alice.post(FEEDBACK, json={"signal": "warmer", "strength": 0.5})
        assert answer.status_code == 202, answer.text
        given += 1
    assert sum(cluster.accepted_by(node, alice) for node in nodes) == given
    return given


def told_over_a_websocket(cluster: Cluster, alice: httpx.Client) -> None:
    url = f"{cluster.base.replace('http', 'ws')}/ws/events?prefix=persona.feedback"
    headers = {"Authorization": alice.headers["Authorization"], "Origin": cluster.base}
    with connect(url, additional_headers=headers) as socket:
        assert "service.connected" in str(socket.recv(timeout=60))
        assert alice.post(FEEDBACK, json={"signal": "cooler"}).status_code == 202
        while "persona.feedback" not in (said := str(socket.recv(timeout=60))):
            pass
    assert "cooler" in said


def a_node_dies_and_the_other_goes_on(cluster: Cluster, alice: httpx.Client) -> None:
    victim = cluster.ids["node-1"]
    os.kill(victim, signal.SIGKILL)
    assert alice.post(FEEDBACK, json={"signal": "warmer"}).status_code == 202
    cluster.wait_for(lambda: "node-1 ended with code -9; starting it again" in tail(cluster.log))
    cluster.wait_for(lambda: is_ready(f"http://127.0.0.1:{cluster.ports['node-1']}"))
    assert not is_running(victim)


def test_it_keeps_passwords_to_itself(cluster: Cluster) -> None:
    cluster.start()
    folder = cluster.state / "cluster"
    secret = [(folder / f"{name}-password").read_text().strip() for name in ("postgresql", "redis")]
    commands = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    private = [path for path in folder.iterdir() if path.is_file() and not path.is_symlink()]
    assert not any(one in commands or one in tail(cluster.log) for one in secret)
    assert all(path.stat().st_mode & 0o077 == 0 for path in private)
    assert refused_second(cluster).startswith("error: ")
    assert is_ready(cluster.base)


def refused_second(cluster: Cluster) -> str:
    """What a second cluster on the same state folder says, on a port of its own."""
    env = environment(cluster.state)
    command = [sys.executable, "-m", "arw_site.run", "cluster"]
    done = run(command, env)
    assert done.returncode == 1
    assert "a cluster runs already" in done.stderr
    return done.stderr


def test_it_ends_with_its_parent(cluster: Cluster) -> None:
    cluster.start()
    assert cluster.process is not None
    cluster.process.kill()
    cluster.process.wait()
    eventually(lambda: not any(map(is_running, cluster.ids.values())), seconds=PATIENCE)
    cluster.start()
    assert is_ready(cluster.base)
