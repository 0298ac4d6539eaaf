"""Deciding at once, from threads: nothing is applied twice, and nothing is lost (contract §4)."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from django.db import connection
from django.utils import timezone

from leases.models import Lease, User
from personas.documents.chain import verify_chain
from personas.errors import PersonaManageForbidden, ProposalNotPending
from personas.models import HistoryEntry, Persona, Proposal
from personas.services.decisions import proposal_approve, proposal_reject
from telemetry.services.consent import consent_set
from tests.people import grant, make_persona, propose

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 120
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


def approve(actor: User, proposal: Proposal) -> bool:
    try:
        proposal_approve(actor=actor, proposal_id=proposal.pk, now=timezone.now())
    except ProposalNotPending:
        return False
    return True


def is_sound(persona_id: str) -> Persona:
    """The persona, once its versions have no gap and its chain is proved."""
    persona = Persona.objects.get(pk=persona_id)
    entries = list(HistoryEntry.objects.filter(persona=persona).oldest_first())
    assert [entry.version for entry in entries] == list(range(1, persona.version + 1))
    report = verify_chain([entry.as_row() for entry in entries], persona.document)
    assert report.ok, report
    return persona


def add(key: str, value: Any = 1) -> list[dict[str, Any]]:
    return [{"op": "add", "path": f"/traits/{key}", "value": value}]


@pytest.mark.parametrize("round_", range(5))
def test_it_lets_one_of_two_approvers_win(bob: User, dana: User, round_: int) -> None:
    persona = make_persona()
    proposal, lease = propose(persona), grant(budget=9)
    won = at_once([lambda: approve(bob, proposal), lambda: approve(dana, proposal)])
    assert sorted(won) == [False, True]
    persona = is_sound(persona.id)
    assert persona.version == 2
    assert HistoryEntry.objects.filter(proposal=proposal).count() == 1
    proposal.refresh_from_db()
    assert proposal.decided_by == (bob if won[0] else dana)
    lease.refresh_from_db()
    assert lease.used == 1


def test_it_applies_each_of_many_once(bob: User, dana: User) -> None:
    """Eight workers, each trying every proposal of three personas."""
    grant()
    personas = [make_persona(f"persona.{at}") for at in range(3)]
    proposals = [propose(one, add(f"k{at}")) for one in personas for at in range(6)]

    def worker(seed: int) -> list[Proposal]:
        mine = random.Random(seed).sample(proposals, len(proposals))
        return [one for one in mine if approve((bob, dana)[seed % 2], one)]

    applied = at_once([lambda seed=seed: worker(seed) for seed in range(8)])
    assert Counter(one.pk for mine in applied for one in mine) == Counter(
        one.pk for one in proposals
    )
    for one in personas:
        persona = is_sound(one.id)
        assert persona.version == 7
        assert {f"k{at}" for at in range(6)} <= persona.traits.keys()


@pytest.mark.parametrize("round_", range(5))
def test_it_approves_or_rejects_but_never_both(bob: User, dana: User, round_: int) -> None:
    persona = make_persona()
    proposal = propose(persona)
    lease = grant(budget=9)

    def reject() -> bool:
        try:
            proposal_reject(
                actor=dana, proposal_id=proposal.pk, rationale="No.", now=timezone.now()
            )
        except ProposalNotPending:
            return False
        return True

    approved, rejected = at_once([lambda: approve(bob, proposal), reject])
    assert approved is not rejected
    persona, _ = is_sound(persona.id), proposal.refresh_from_db()
    assert persona.version == (2 if approved else 1)
    assert proposal.status == ("approved" if approved else "rejected")
    assert Lease.objects.get(pk=lease.pk).used == 1


def test_it_loses_no_update_to_the_consent_switch(bob: User, dana: User) -> None:
    """The reference lost two of forty such pairs."""
    grant()
    persona = make_persona()
    proposals = [propose(persona, add(f"k{at}")) for at in range(20)]

    def approve_all() -> int:
        return sum(approve(bob, one) for one in proposals)

    def switch() -> int:
        for at in range(20):
            consent_set(actor=dana, persona_id=persona.id, enabled=at % 2 == 0, now=timezone.now())
        return 20

    assert at_once([approve_all, switch]) == [20, 20]
    persona = is_sound(persona.id)
    assert persona.version == 41
    assert {f"k{at}" for at in range(20)} <= persona.traits.keys()
    assert not persona.consent.enabled
    kinds = Counter(HistoryEntry.objects.values_list("kind", flat=True))
    assert kinds == {"create": 1, "proposal": 20, "consent": 20}


def test_it_rolls_back_every_loser_of_a_budget(bob: User, dana: User) -> None:
    persona = make_persona()
    proposals = [propose(persona, add(f"k{at}")) for at in range(8)]
    lease = grant(budget=3)

    def attempt(proposal: Proposal) -> bool:
        try:
            return approve(bob, proposal)
        except PersonaManageForbidden:
            return False

    won = at_once([lambda one=one: attempt(one) for one in proposals])
    assert sum(won) == 3
    assert is_sound(persona.id).version == 4
    assert Proposal.objects.filter(status="pending").count() == 5
    lease.refresh_from_db()
    assert lease.used == 3
