"""`/metrics` of nodes of one process and of several."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import StartServer
from tests.observability.conftest import Promtool, consented, give, page_of
from tests.services.processes import eventually, is_running
from tests.services.server import PATIENCE, RunningServer

PROCESSES = 3


def values(page: str, name: str) -> dict[tuple[tuple[str, str], ...], float]:
    """The samples of that name by their labels; a series that is there twice fails the test."""
    found = [
        (tuple(sorted(sample.labels.items())), sample.value)
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == name
    ]
    assert len(found) == len(dict(found)), found
    return dict(found)


def families(page: str) -> set[str]:
    names = re.findall(r"^# TYPE (\S+)", page, re.MULTILINE)
    assert len(names) == len(set(names))
    return set(names)


def children_of(server: RunningServer) -> list[int]:
    assert server.process is not None
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(server.process.pid)], capture_output=True, text=True
    )
    return [int(pid) for pid in listed.stdout.split()]


def folder_of(server: RunningServer) -> Path:
    (folder,) = (server.state / "metrics").iterdir()
    return folder


def counting_processes(server: RunningServer) -> float:
    """How many live processes the page speaks for: each has room for 100,000 samples."""
    return values(page_of(server), "arw_ingest_queue_max_samples")[()] / 100_000


@pytest.fixture
def node(start_server: StartServer, redis_url: str) -> RunningServer:
    """A node of several processes that all answered."""
    env = {"ARW_PROCESSES": str(PROCESSES), "ARW_REDIS_URL": redis_url}
    server = start_server(env=env)
    wait_for(lambda: counting_processes(server) == PROCESSES)
    return server


def wait_for(true: Callable[[], bool]) -> None:
    eventually(true, seconds=PATIENCE)


def test_promtool_finds_nothing_wrong(start_server: StartServer, promtool: Promtool) -> None:
    server = start_server()
    deployment = consented(server)
    with deployment.person("alice") as alice:
        give(alice, 3, strength=0.5)
    deployment.close()
    page = page_of(server)
    promtool("check", "metrics", page=page)
    assert values(page, "arw_ingest_requests_total") == {(): 3}
    assert values(page, "arw_persona_feedback_global_total") == {(): 3}
    assert values(page, "arw_ingest_queue_samples") == {(): 0}
    assert values(page, "arw_ingest_commit_samples_sum") == {(): 3}
    assert values(page, "arw_dependency_up") == {(("dependency", "database"),): 1}
    labels = (("persona", "persona.alpha"), ("signal", "warmer"))
    assert values(page, "arw_persona_signal_strength_avg") == {labels: 0.5}


def test_it_counts_refusals_by_their_code(start_server: StartServer) -> None:
    server = start_server()
    with httpx.Client(base_url=server.base, timeout=60) as nobody:
        assert nobody.get("/state/persona").status_code == 401
        assert nobody.post("/persona/persona.alpha/feedback", json={}).status_code == 401
    counted = values(page_of(server), "arw_refusals_total")
    assert counted[(("code", "unauthorized"), ("status", "401"))] == 2
    assert counted[(("code", "overloaded"), ("status", "503"))] == 0


def test_several_processes_answer_as_one(node: RunningServer, promtool: Promtool) -> None:
    deployment = consented(node)
    for _ in range(10):  # a connection each, so that several processes are reached
        with deployment.person("alice") as alice:
            give(alice, 3, strength=0.5)
    deployment.close()
    pages = [page_of(node) for _ in range(12)]
    for page in pages:
        assert values(page, "arw_persona_feedback_global_total") == {(): 30}
        assert values(page, "arw_ingest_requests_total") == {(): 30}
        assert values(page, "arw_ingest_commit_samples_sum") == {(): 30}
        # What is state is told once, and not once for each process.
        assert values(page, "arw_persona_proposals")[(("status", "pending"),)] == 0
        labels = (("persona", "persona.alpha"), ("signal", "warmer"))
        assert values(page, "arw_persona_signal_strength_avg") == {labels: 0.5}
        assert values(page, "arw_event_readers")[(("transport", "sse"),)] == 0
        assert values(page, "arw_ingest_queue_max_samples") == {(): PROCESSES * 100_000}
    promtool("check", "metrics", page=pages[-1])


def test_several_processes_leave_nothing_out(
    node: RunningServer, start_server: StartServer
) -> None:
    alone = start_server()
    for server in (alone, node):
        deployment = consented(server)
        with deployment.person("alice") as alice:
            give(alice)
        deployment.close()
    ours = {name for name in families(page_of(alone)) if name.startswith("arw_")}
    assert ours - families(page_of(node)) == set()


def test_a_process_that_dies_is_replaced_and_what_it_counted_stays(node: RunningServer) -> None:
    deployment = consented(node)
    with deployment.person("alice") as alice:
        give(alice, 5)
    deployment.close()
    victims = children_of(node)
    assert len(victims) == PROCESSES
    wait_for(lambda: seconds_old(victims[0]) > 6)
    os.kill(victims[0], signal.SIGKILL)
    wait_for(lambda: len(set(children_of(node)) - set(victims)) == 1)
    wait_for(lambda: counting_processes(node) == PROCESSES)
    assert values(page_of(node), "arw_persona_feedback_global_total") == {(): 5}
    assert not list(folder_of(node).glob(f"gauge_live*_{victims[0]}.db"))


def seconds_old(pid: int) -> int:
    listed = subprocess.run(["ps", "-o", "etimes=", "-p", str(pid)], capture_output=True, text=True)
    return int(listed.stdout)


def test_it_leaves_nothing_behind(node: RunningServer) -> None:
    folder, running = folder_of(node), children_of(node)
    assert node.stop() == 0
    assert not folder.exists()
    assert not any(map(is_running, running))


def test_it_refuses_several_processes_without_redis(start_server: StartServer) -> None:
    server = start_server()
    env = {**server.env, "ARW_PROCESSES": "2"}
    checked = subprocess.run(
        [sys.executable, "manage.py", "check"], env=env, capture_output=True, text=True
    )
    assert checked.returncode == 1
    assert "arw.E014" in checked.stderr
