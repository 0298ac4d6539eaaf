"""The policy file in real server processes: at the start, on SIGHUP, and on every node."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import StartServer
from tests.services.processes import wait_until
from tests.services.server import RunningServer, run

PROPOSAL = {"diff": [{"op": "add", "path": "/traits/a", "value": 1}]}
ALLOWED, REFUSED = 200, 403


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.json"
    path.write_text('{"allow_all": true}')
    return path


def client(server: RunningServer, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=server.base, headers=headers, timeout=60)


def make_persona(server: RunningServer) -> None:
    with client(server, server.admin_token) as admin:
        body = {"id": "persona.alpha", "owner_kind": "workspace", "owner_ref": "local"}
        made = admin.post("/admin/persona", json=body)
        assert made.status_code == 201, made.text


@pytest.fixture
def alices() -> Iterator[list[httpx.Client]]:
    opened: list[httpx.Client] = []
    yield opened
    for each in opened:
        each.close()


def alice_at(server: RunningServer, alices: list[httpx.Client]) -> httpx.Client:
    alices.append(client(server, server.tokens["alice"]))
    return alices[-1]


def propose(alice: httpx.Client) -> int:
    return alice.post("/admin/persona/persona.alpha/proposals", json=PROPOSAL).status_code


def hang_up(server: RunningServer, said: str) -> None:
    """SIGHUP, and wait until the server has dealt with it."""
    assert server.process is not None
    before = server.log.count(said)
    os.kill(server.process.pid, signal.SIGHUP)
    wait_until(
        lambda: server.log.count(said) > before, server.process, server.log_file, seconds=180
    )


def test_it_sees_a_reload_of_another_node_with_the_very_next_request(
    start_server: StartServer, policy_file: Path, alices: list[httpx.Client]
) -> None:
    one = start_server(env={"ARW_POLICY_FILE": str(policy_file), "ARW_LOG_FORMAT": "json"})
    two = start_server(beside=one)
    make_persona(one)
    here, there = alice_at(one, alices), alice_at(two, alices)
    assert (propose(here), propose(there)) == (ALLOWED, ALLOWED)
    policy_file.write_text("{}")
    assert (propose(here), propose(there)) == (ALLOWED, ALLOWED)
    hang_up(one, "policy_reloaded")
    assert (propose(there), propose(here)) == (REFUSED, REFUSED)
    policy_file.write_text('{"allow_all": true}')
    hang_up(two, "policy_reloaded")
    assert (propose(here), propose(there)) == (ALLOWED, ALLOWED)
    # A bad file is told in the log, and everything stays as it was.
    policy_file.write_text('{\n "allow_all": yes}')
    hang_up(one, "policy_reload_refused")
    assert f"{policy_file}:2:15: " in one.log
    assert (propose(here), propose(there)) == (ALLOWED, ALLOWED)


def test_it_reloads_under_daphne_too(
    start_server: StartServer, policy_file: Path, alices: list[httpx.Client]
) -> None:
    server = start_server(
        software="daphne", env={"ARW_POLICY_FILE": str(policy_file), "ARW_LOG_FORMAT": "json"}
    )
    make_persona(server)
    alice = alice_at(server, alices)
    assert propose(alice) == ALLOWED
    policy_file.write_text("{}")
    hang_up(server, "policy_reloaded")
    assert propose(alice) == REFUSED


def test_it_does_not_start_on_a_bad_policy(server: RunningServer, policy_file: Path) -> None:
    server.stop()
    policy_file.write_text('{\n  "allow_all": true,\n  "cedar": {"policy": ""}\n}')
    env = {**server.env, "ARW_POLICY_FILE": str(policy_file)}
    for command in (["-c", "import arw_site.asgi"], ["-m", "arw_site.run"]):
        done = run([sys.executable, *command], env)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        (line,) = done.stderr.splitlines()
        assert f"{policy_file}:2:3: " in line
