"""Rejecting: with a reason, once, and without a row of history (contract §4)."""

from typing import Any

import pytest

from leases.models import Lease, User
from personas.errors import ProposalNotPending
from personas.models import Persona, Proposal
from personas.services.decisions import proposal_reject
from tests.fixtures import ApiFor
from tests.people import NOW, grant, pointers, problem, propose, state_of

pytestmark = pytest.mark.django_db
WHY = {"rationale": " It drops a boundary. "}


def path_of(proposal: Proposal) -> str:
    return f"/admin/persona/proposals/{proposal.pk}/reject"


def test_it_archives_the_proposal(api: ApiFor, bob: User, persona: Persona) -> None:
    proposal, lease = propose(persona), grant(budget=5)
    answer = api(bob).post(path_of(proposal), WHY)
    assert answer.status_code == 200
    assert answer.json()["status"] == "rejected"
    proposal.refresh_from_db()
    assert (proposal.status, proposal.decided_by) == ("rejected", bob)
    assert proposal.decision_rationale == "It drops a boundary."
    persona.refresh_from_db()
    assert (persona.version, persona.history.count()) == (1, 1)
    lease.refresh_from_db()
    assert lease.used == 1
    before = state_of(persona)
    for decision in ("reject", "approve"):
        path = path_of(proposal).replace("reject", decision)
        refused = problem(api(bob).post(path, WHY), 409, "Proposal Not Pending")
        assert refused["proposal_status"] == "rejected"
    assert state_of(persona) == before


@pytest.mark.parametrize(
    "body", [None, {}, {"rationale": ""}, {"rationale": " \n"}, {"rationale": None}]
)
def test_it_needs_a_reason(api: ApiFor, bob: User, persona: Persona, body: Any) -> None:
    proposal, _ = propose(persona), grant(budget=5)
    before = state_of(persona)
    refused = problem(api(bob).post(path_of(proposal), body), 400, "Rationale Required")
    assert pointers(refused) == ["/rationale"]
    assert state_of(persona) == before


@pytest.mark.parametrize("rationale", [5, ["x"], {}, True, "x" * 10_001])
def test_it_refuses_what_is_no_reason(
    api: ApiFor, bob: User, persona: Persona, rationale: Any
) -> None:
    proposal, _ = propose(persona), grant(budget=5)
    before = state_of(persona)
    refused = problem(api(bob).post(path_of(proposal), {"rationale": rationale}), 400)
    assert pointers(refused) == ["/rationale"]
    assert state_of(persona) == before


@pytest.mark.parametrize("who", ["alice", "charlie"])
def test_it_needs_the_role_of_an_approver(
    who: str, api: ApiFor, request: pytest.FixtureRequest, persona: Persona, manage_lease: Lease
) -> None:
    person, proposal = request.getfixturevalue(who), propose(persona)
    before = state_of(persona)
    for body in (WHY, b"{", {}):
        refused = problem(
            api(person).post(path_of(proposal), body), 403, "Persona Manage Forbidden"
        )
        assert refused["code"] == "role_required"
    problem(api(None).post(path_of(proposal), WHY), 401)
    assert state_of(persona) == before


def test_it_needs_a_lease(api: ApiFor, bob: User, persona: Persona) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    for body in (WHY, b"{", {}):
        refused = problem(api(bob).post(path_of(proposal), body), 403, "Persona Manage Forbidden")
        assert refused["code"] == "lease_required"
    assert state_of(persona) == before


def test_it_refuses_an_expired_proposal(bob: User, persona: Persona) -> None:
    proposal = propose(persona, now=NOW)
    grant(now=proposal.expires_at)
    before = state_of(persona)
    with pytest.raises(ProposalNotPending):
        proposal_reject(actor=bob, proposal_id=proposal.pk, rationale="x", now=proposal.expires_at)
    assert state_of(persona) == before


def test_it_lets_approvers_reject_their_own(
    api: ApiFor, bob: User, persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona, actor=bob)
    assert api(bob).post(path_of(proposal), WHY).status_code == 200


def test_it_rejects_a_stale_proposal_too(
    api: ApiFor, bob: User, persona: Persona, manage_lease: Lease
) -> None:
    first, second = propose(persona), propose(persona)
    client = api(bob)
    assert client.post(path_of(first).replace("reject", "approve")).status_code == 200
    assert client.post(path_of(second), WHY).json()["version"] == 2
