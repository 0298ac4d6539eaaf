"""Two server processes that share Redis say the same, and keep one rate (contract §7)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest

from tests.conftest import StartServer
from tests.services.processes import eventually
from tests.telemetry.samples import FEEDBACK, METRICS, SAMPLES

HEAD = {"id": "persona.alpha", "owner_kind": "workspace", "owner_ref": "local"}
ON = {"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}}
PATIENCE = 60


@pytest.fixture
def nodes(start_server: StartServer, redis_url: str) -> Iterator[list[httpx.Client]]:
    env = {"ARW_REDIS_URL": redis_url, "ARW_PERSONA_SIGNAL_HALFLIFE_SECS": "60"}
    one = start_server(env=env)
    both = [one, start_server(env=env, beside=one)]
    headers = {"Authorization": f"Bearer {one.admin_token}"}
    with ExitStack() as stack:
        clients = [
            stack.enter_context(httpx.Client(base_url=node.base, headers=headers, timeout=60))
            for node in both
        ]
        for capability in ("persona:manage", "telemetry:persona:workspace"):
            clients[0].post("/leases", json={"capability": capability}).raise_for_status()
        clients[0].post("/admin/persona", json={**HEAD, "preferences": ON}).raise_for_status()
        yield clients


def counted(client: httpx.Client, total: int) -> dict:
    """The metrics, once they count so much: they follow right after the commit."""
    shown: dict = {}

    def counts() -> bool:
        shown.update(client.get(METRICS).raise_for_status().json())
        return shown["total_feedback"] == total

    eventually(counts, seconds=PATIENCE)
    return shown


def test_it_says_the_same_on_both_nodes(nodes: list[httpx.Client]) -> None:
    def give(n: int) -> int:
        batch = [{"signal": f"s{n % 5}", "strength": n / 60}, {"signal": "quiet"}]
        return nodes[n % 2].post(FEEDBACK, json=batch).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(give, range(60))) == {202}
    shown = [counted(node, 120) for node in nodes]
    for name in ("signal_counts", "since", "last_signal", "last_strength", "last_updated"):
        assert shown[0][name] == shown[1][name]
    assert shown[0]["signal_counts"] == {**{f"s{n}": 12 for n in range(5)}, "quiet": 60}
    assert shown[0]["average_strength"] == pytest.approx(shown[1]["average_strength"], rel=1e-9)
    assert shown[0]["signal_strength"] == pytest.approx(shown[1]["signal_strength"], rel=1e-9)
    erased = nodes[1].delete(SAMPLES).raise_for_status().json()
    assert erased["erased"] > 0
    after = [counted(node, 0) for node in nodes]
    assert after[0]["since"] == after[1]["since"] > shown[0]["since"]
