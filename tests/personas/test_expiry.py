"""Expiry: true to the moment without a job; written down and announced once (contract §4)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from leases.models import User
from personas.errors import ProposalNotPending
from personas.models import Persona, Proposal
from personas.review import Hindrance, review_of
from personas.services.decisions import (
    proposal_approve,
    proposal_reject,
    proposal_request_changes,
)
from personas.services.expiry import proposals_expire
from personas.services.proposals import proposal_revise, proposal_withdraw
from personas.signals import proposal_expired
from tests.fixtures import ApiFor
from tests.people import NOW, SECOND, grant, make_persona, propose, state_of
from tests.personas.workflow import replace, shown

WORKERS = 4


@pytest.fixture
def told() -> Any:
    """The ids of the proposals whose expiry was announced."""
    ids: list[UUID] = []

    def receive(proposal: Proposal, **facts: Any) -> None:
        ids.append(proposal.pk)

    proposal_expired.connect(receive)
    yield ids
    proposal_expired.disconnect(receive)


@pytest.mark.django_db
def test_it_needs_no_job(alice: User, bob: User, persona: Persona) -> None:
    proposal = propose(persona, now=NOW)
    due = proposal.expires_at
    grant(now=due)
    before = state_of(persona)
    assert review_of(proposal, viewer=bob, now=due - SECOND / 1000).can_approve
    late = review_of(proposal, viewer=bob, now=due)
    assert late.status == "expired"
    assert Hindrance.NOT_PENDING in late.approve_hindrances
    attempts = [
        lambda: proposal_approve(actor=bob, proposal_id=proposal.pk, now=due),
        lambda: proposal_reject(actor=bob, proposal_id=proposal.pk, rationale="No.", now=due),
        lambda: proposal_request_changes(actor=bob, proposal_id=proposal.pk, text="x", now=due),
        lambda: proposal_revise(
            actor=alice, proposal_id=proposal.pk, diff=replace("/name", "x"), now=due
        ),
        lambda: proposal_withdraw(actor=alice, proposal_id=proposal.pk, now=due),
    ]
    for attempt in attempts:
        with pytest.raises(ProposalNotPending) as refused:
            attempt()
        assert refused.value.facts["proposal_status"] == "expired"
    assert state_of(persona) == before


@pytest.mark.django_db
def test_it_shows_in_lists_before_it_is_written_down(
    api: ApiFor, alice: User, persona: Persona
) -> None:
    long_ago = timezone.now() - timedelta(days=8)
    overdue, fresh = propose(persona, now=long_ago), propose(persona)
    assert Proposal.objects.get(pk=overdue.pk).status == "pending"
    for status, expected in (("pending", fresh), ("expired", overdue)):
        items = api(alice).get(f"/state/proposals?status={status}").json()["items"]
        assert [one["proposal_id"] for one in items] == [str(expected.pk)]
        assert items[0]["status"] == status
    assert api(alice).get(shown(overdue)).json()["status"] == "expired"
    assert api(alice).get(f"/state/persona/{persona.id}").json()["pending_proposals"] != []


@pytest.mark.django_db
def test_it_is_written_down_at_the_moment_and_not_before(
    persona: Persona, told: list[UUID], django_capture_on_commit_callbacks: Any
) -> None:
    proposal = propose(persona, now=NOW, rationale="Warmer.")
    due = proposal.expires_at
    with django_capture_on_commit_callbacks(execute=True):
        assert proposals_expire(now=due - SECOND / 1000) == 0
    assert (Proposal.objects.get().status, told) == ("pending", [])
    for marked in (1, 0):
        with django_capture_on_commit_callbacks(execute=True):
            assert proposals_expire(now=due + SECOND) == marked
    assert told == [proposal.pk]
    proposal.refresh_from_db()
    assert (proposal.status, proposal.decided_by) == ("expired", None)
    assert (proposal.decided_at, proposal.rationale) == (due + SECOND, "Warmer.")
    persona.refresh_from_db()
    assert (persona.version, persona.history.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_it_is_announced_once_by_many_workers(told: list[UUID]) -> None:
    persona = make_persona(now=NOW)
    proposals = [propose(persona, replace("/name", f"n{at}"), now=NOW) for at in range(20)]
    due = proposals[0].expires_at
    start = threading.Barrier(WORKERS)

    def worker() -> int:
        start.wait(timeout=60)
        try:
            return proposals_expire(now=due)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        marked = [one.result(timeout=60) for one in [pool.submit(worker) for _ in range(WORKERS)]]
    assert sum(marked) == len(proposals)
    assert sorted(told) == sorted(one.pk for one in proposals)
    assert Proposal.objects.filter(status="expired").count() == len(proposals)
