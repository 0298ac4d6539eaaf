"""Deciding at once, at two server processes of one deployment (contract §4)."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.conftest import StartServer
from tests.deployments import Deployment

ROUNDS = 6


def test_it_lets_one_process_win(start_server: StartServer) -> None:
    first = start_server()
    second = start_server(beside=first)
    deployment = Deployment(first)
    deployment.lease()
    deployment.persona(traits={"n": 0})
    approvers = [
        deployment.person("bob", base=first.base),
        deployment.person("dana", base=second.base),
    ]
    for round_ in range(ROUNDS):
        diff = [{"op": "replace", "path": "/traits/n", "value": round_ + 1}]
        path = f"/admin/persona/proposals/{deployment.propose(diff)}/approve"
        answers = race(approvers, path)
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 1}
        (loser,) = [answer.json() for answer in answers if answer.status_code == 409]
        assert loser["title"] == "Proposal Not Pending"
        assert loser["proposal_status"] == "approved"
        record = deployment.admin.get("/state/persona/persona.alpha").json()
        assert (record["version"], record["traits"]) == (round_ + 2, {"n": round_ + 1})
    history = deployment.admin.get("/state/persona/persona.alpha/history").json()["items"]
    assert [entry["version"] for entry in history] == list(range(ROUNDS + 1, 0, -1))
    assert len({entry["proposal_id"] for entry in history}) == ROUNDS + 1
    for client in approvers:
        client.close()
    deployment.close()


def race(clients: list[httpx.Client], path: str) -> list[httpx.Response]:
    """The same request by each client, over connections that are open, at the same moment."""
    start = threading.Barrier(len(clients))

    def post(client: httpx.Client) -> httpx.Response:
        client.get("/healthz")
        start.wait(timeout=60)
        return client.post(path, json={})

    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(post, clients))
