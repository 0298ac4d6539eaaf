"""Withdrawing: one's own without a lease, another's as an approver with one (contract §1, §4)."""

import pytest
from django.utils import timezone

from leases.models import Lease, User
from personas.errors import ProposalNotPending
from personas.models import Persona
from personas.services.proposals import proposal_withdraw
from tests.fixtures import ApiFor
from tests.people import NOW, SECOND, grant, problem, propose, state_of
from tests.personas.workflow import approve, route, shown

pytestmark = pytest.mark.django_db


def test_it_takes_back_ones_own_without_a_lease(
    api: ApiFor, alice: User, bob: User, persona: Persona
) -> None:
    proposal = propose(persona)
    assert not Lease.objects.exists()
    answer = api(alice).post(route(proposal, "withdraw"), {"rationale": " No longer needed. "})
    assert answer.status_code == 200
    assert answer.json() == {
        "proposal_id": str(proposal.pk),
        "status": "withdrawn",
        "persona_id": persona.id,
        "version": 1,
    }
    detail = api(bob).get(shown(proposal)).json()
    assert (detail["status"], detail["decided_by"]) == ("withdrawn", str(alice.id))
    assert detail["decision_rationale"] == "No longer needed."
    persona.refresh_from_db()
    assert (persona.version, persona.history.count()) == (1, 1)
    # A second time, and an approval, come too late.
    grant()
    before = state_of(persona)
    for person, name in ((alice, "withdraw"), (alice, "revise"), (bob, "approve")):
        refused = problem(api(person).post(route(proposal, name), {"diff": proposal.diff}), 409)
        assert refused["proposal_status"] == "withdrawn"
    assert state_of(persona) == before


def test_it_needs_a_lease_for_anothers(
    api: ApiFor, bob: User, dana: User, persona: Persona
) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    for body in ({}, b"{"):
        refused = problem(
            api(bob).post(route(proposal, "withdraw"), body), 403, "Persona Manage Forbidden"
        )
        assert refused["code"] == "lease_required"
    assert state_of(persona) == before
    lease = grant(budget=1)
    assert api(bob).post(route(proposal, "withdraw")).json()["status"] == "withdrawn"
    lease.refresh_from_db()
    assert lease.used == 1


def test_it_leaves_the_others_alone(
    api: ApiFor, alice: User, charlie: User, dana: User, persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona, actor=dana)
    before = state_of(persona)
    for person in (alice, charlie):
        refused = problem(api(person).post(route(proposal, "withdraw")), 403)
        assert refused["code"] == "role_required"
    problem(api(None).post(route(proposal, "withdraw")), 401)
    assert state_of(persona) == before


def test_it_needs_the_role_for_ones_own_too(api: ApiFor, alice: User, persona: Persona) -> None:
    proposal = propose(persona)
    alice.groups.clear()
    before = state_of(persona)
    problem(api(alice).post(route(proposal, "withdraw")), 403, "Persona Manage Forbidden")
    assert state_of(persona) == before


def test_it_holds_the_rationale_to_its_limit(api: ApiFor, alice: User, persona: Persona) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    refused = api(alice).post(route(proposal, "withdraw"), {"rationale": "x" * 10_001})
    problem(refused, 400, "Invalid Proposal")
    assert state_of(persona) == before


def test_it_comes_too_late_after_expiry(alice: User, persona: Persona) -> None:
    proposal = propose(persona, now=NOW)
    before = state_of(persona)
    with pytest.raises(ProposalNotPending):
        proposal_withdraw(actor=alice, proposal_id=proposal.pk, now=proposal.expires_at)
    assert state_of(persona) == before
    last = proposal.expires_at - SECOND / 1000
    assert proposal_withdraw(actor=alice, proposal_id=proposal.pk, now=last).decided_at == last


def test_it_leaves_what_was_applied(api: ApiFor, alice: User, bob: User, persona: Persona) -> None:
    proposal = propose(persona)
    approve(bob, proposal)
    before = state_of(persona)
    with pytest.raises(ProposalNotPending):
        proposal_withdraw(actor=alice, proposal_id=proposal.pk, now=timezone.now())
    assert state_of(persona) == before
