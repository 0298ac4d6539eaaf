"""Two server processes on one database: what one takes back, the other refuses next (§6)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.conftest import StartServer

TELEMETRY = "telemetry:persona:workspace"
FEEDBACK = "/persona/persona.alpha/feedback"
ALPHA = {
    "id": "persona.alpha",
    "owner_kind": "workspace",
    "owner_ref": "local",
    "preferences": {"telemetry": {"vibe": {"enabled": True}}},
}


class Pair:
    """The first server as dana uses it, and the second as alice does."""

    def __init__(self, start_server: StartServer) -> None:
        first = start_server()
        second = start_server(beside=first)
        self.admin = self._client(first.base, first.tokens["dana"])
        self.member = self._client(second.base, first.tokens["alice"])

    def _client(self, base: str, token: str) -> httpx.Client:
        return httpx.Client(base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=60)

    def lend(self, capability: str = TELEMETRY, **more: Any) -> dict[str, Any]:
        answer = self.admin.post("/leases", json={"capability": capability, **more})
        assert answer.status_code == 201, answer.text
        lease: dict[str, Any] = answer.json()
        return lease

    def give(self) -> httpx.Response:
        return self.member.post(FEEDBACK, json={"signal": "warmer"})


@pytest.fixture
def pair(start_server: StartServer) -> Iterator[Pair]:
    pair = Pair(start_server)
    manage = pair.lend("persona:manage")
    assert pair.admin.post("/admin/persona", json=ALPHA).status_code == 201
    assert pair.admin.delete(f"/leases/{manage['id']}").status_code == 204
    yield pair
    pair.admin.close()
    pair.member.close()


def test_it_refuses_the_very_next_request_on_the_other(pair: Pair) -> None:
    def refused(code: str) -> bool:
        answer = pair.give()
        return (answer.status_code, answer.json()["code"]) == (403, code)

    assert refused("lease_required")
    for _ in range(5):
        lease = pair.lend()
        assert pair.give().status_code == 202
        assert pair.admin.delete(f"/leases/{lease['id']}").status_code == 204
        assert refused("lease_revoked")
        pair.lend()
        assert pair.give().status_code == 202
        taken = pair.admin.post("/leases/revoke", json={"prefix": "telemetry:"})
        assert taken.json()["revoked"] == 1
        assert refused("lease_revoked")
    pair.lend()
    for _ in range(5):
        assert pair.give().status_code == 202
        stop = {"engaged": True, "reason": "drill"}
        assert pair.admin.post("/policy/kill-switch", json=stop).json()["revoked"] == 1
        assert refused("kill_switch")
        lift = {"engaged": False, "restore_leases": True}
        assert pair.admin.post("/policy/kill-switch", json=lift).json()["restored"] == 1


def test_it_lets_as_many_pass_as_the_budget_holds_on_both(pair: Pair) -> None:
    lease = pair.lend(budget=20)
    clients = [pair.admin, pair.member]

    def give(number: int) -> int:
        return clients[number % 2].post(FEEDBACK, json={"signal": "warmer"}).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(give, range(50)))
    assert (answers.count(202), answers.count(403)) == (20, 30)
    (shown,) = [
        one
        for one in pair.admin.get("/state/leases?all=true").json()["items"]
        if one["id"] == lease["id"]
    ]
    assert (shown["used"], shown["state"]) == (20, "used_up")
