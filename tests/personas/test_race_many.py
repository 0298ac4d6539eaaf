"""Eight workers, two hundred proposals, ten personas; and quorum at once (contract §4)."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import httpx
import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from leases.models import User
from personas.errors import ProposalNotPending, StaleProposal
from personas.models import HistoryEntry, Persona, Proposal
from personas.services.decisions import Decided, proposal_approve
from personas.services.proposals import proposal_submit
from tests.conftest import StartServer
from tests.deployments import Deployment
from tests.people import grant, make_persona, propose
from tests.personas.workflow import add, is_sound, replace

WORKERS, PERSONAS, EACH = 8, 10, 20
PATIENCE = 240
Outcome = TypeVar("Outcome")


def at_once(jobs: list[Callable[[], Outcome]]) -> list[Outcome]:
    """What the jobs return, each on a thread and a connection of its own, started together."""
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], Outcome]) -> Outcome:
        start.wait(timeout=PATIENCE)
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [one.result(timeout=PATIENCE) for one in [pool.submit(run, job) for job in jobs]]


def attempt(actor: User, proposal: Proposal) -> Decided | None:
    try:
        return proposal_approve(actor=actor, proposal_id=proposal.pk, now=timezone.now())
    except ProposalNotPending:
        return None


@pytest.mark.django_db(transaction=True)
def test_it_applies_each_of_two_hundred_at_most_once(alice: User, bob: User, dana: User) -> None:
    grant()
    personas = [make_persona(f"persona.{at}", traits={"n": 0}) for at in range(PERSONAS)]
    # Every second one wants the same place: of those at most a few can be applied at all.
    proposals = [
        proposal_submit(
            actor=alice,
            persona_id=persona.id,
            diff=replace("/traits/n", at + 1) if at % 2 else add(f"/traits/k{at}"),
            now=timezone.now(),
        )
        for persona in personas
        for at in range(EACH)
    ]

    def worker(seed: int) -> list[Proposal]:
        mine = random.Random(seed).sample(proposals, len(proposals))
        applied = []
        for one in mine:
            try:
                decided = attempt((bob, dana)[seed % 2], one)
            except StaleProposal:
                continue
            if decided is not None and decided.entry is not None:
                applied.append(one)
        return applied

    applied = at_once([lambda seed=seed: worker(seed) for seed in range(WORKERS)])
    counted = Counter(one.pk for mine in applied for one in mine)
    assert set(counted.values()) == {1}
    for one in personas:
        persona = is_sound(one.id)
        assert {f"k{at}" for at in range(0, EACH, 2)} <= persona.traits.keys()
        assert persona.version == EACH // 2 + 2
    approved = Proposal.objects.filter(status="approved")
    assert {one.pk for one in approved} == set(counted)
    written = HistoryEntry.objects.filter(kind="proposal").values_list("proposal_id", flat=True)
    assert sorted(written) == sorted(counted)
    assert Proposal.objects.filter(status="pending").count() == len(proposals) - len(counted)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(5))
def test_it_applies_with_one_of_two_first_approvals(
    bob: User, dana: User, settings: Settings, round_: int
) -> None:
    """Neither may see itself as the first and leave the proposal pending."""
    settings.ARW_PERSONA_APPROVALS_REQUIRED = settings.ARW_PERSONA_APPROVALS_REQUIRED_HIGH = 2
    persona = make_persona()
    proposal = propose(persona)
    grant()
    decided = at_once([lambda: attempt(bob, proposal), lambda: attempt(dana, proposal)])
    assert all(decided)
    assert sorted(one.approvals for one in decided if one) == [1, 2]
    assert [one.entry is None for one in decided if one].count(False) == 1
    assert is_sound(persona.id).version == 2
    assert Proposal.objects.get().status == "approved"


@pytest.mark.django_db(transaction=True)
def test_it_counts_one_person_at_once_as_one(bob: User, settings: Settings) -> None:
    settings.ARW_PERSONA_APPROVALS_REQUIRED = settings.ARW_PERSONA_APPROVALS_REQUIRED_HIGH = 2
    persona = make_persona()
    proposal = propose(persona)
    grant()
    decided = at_once([lambda: attempt(bob, proposal)] * 4)
    assert [one and (one.entry, one.approvals) for one in decided] == [(None, 1)] * 4
    assert Persona.objects.get().version == 1
    assert proposal.approvals.count() == 1


def test_it_applies_with_one_of_two_processes(start_server: StartServer) -> None:
    env = {"ARW_PERSONA_APPROVALS_REQUIRED": "2"}
    first = start_server(env=env)
    second = start_server(env=env, beside=first)
    deployment = Deployment(first)
    deployment.lease()
    deployment.persona(traits={"n": 0})
    clients = [
        deployment.person("bob", base=first.base),
        deployment.person("dana", base=second.base),
    ]
    for round_ in range(5):
        made = deployment.propose(replace("/traits/n", round_ + 1))
        path = f"/admin/persona/proposals/{made}/approve"
        answers = [answer.json() for answer in posted(clients, path)]
        assert sorted((one["status"], one["approvals"]) for one in answers) == [
            ("approved", 2),
            ("pending", 1),
        ]
        record = deployment.admin.get("/state/persona/persona.alpha").json()
        assert (record["version"], record["traits"]) == (round_ + 2, {"n": round_ + 1})
    assert deployment.admin.get("/state/persona/persona.alpha/verify").json()["ok"]
    for client in clients:
        client.close()
    deployment.close()


def posted(clients: list[httpx.Client], path: str) -> list[httpx.Response]:
    """The same request by each client, over connections that are open, at the same moment."""
    start = threading.Barrier(len(clients))

    def post(client: httpx.Client) -> httpx.Response:
        client.get("/healthz")
        start.wait(timeout=60)
        return client.post(path, json={})

    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(post, clients))
