"""Approving: bound to what was reviewed, rebased or refused, all or nothing (contract §4)."""

from typing import Any

import pytest
from pytest_django import Settings

from leases.models import Lease, User
from personas.documents.chain import verify_chain
from personas.errors import ProposalNotPending
from personas.models import HistoryEntry, Persona, Proposal
from personas.services.decisions import proposal_approve
from tests.fixtures import ApiFor
from tests.people import NOW, SECOND, WARMER, grant, problem, propose, state_of

pytestmark = pytest.mark.django_db


def path_of(proposal: Proposal) -> str:
    return f"/admin/persona/proposals/{proposal.pk}/approve"


def replace(place: str, value: Any) -> list[dict[str, Any]]:
    return [{"op": "replace", "path": place, "value": value}]


def test_it_applies_once(api: ApiFor, alice: User, bob: User, persona: Persona) -> None:
    proposal, lease = propose(persona), grant(budget=5)
    answer = api(bob).post(path_of(proposal), {"rationale": "Good.", "applied_by": "someone"})
    assert answer.status_code == 200
    assert answer.json() == {
        "proposal_id": str(proposal.pk),
        "status": "approved",
        "persona_id": "persona.alpha",
        "version": 2,
        "approvals": 1,
        "required": 1,
    }
    persona.refresh_from_db()
    proposal.refresh_from_db()
    lease.refresh_from_db()
    assert (persona.version, persona.traits) == (2, {"tone": "warm", "pace": 3})
    assert (proposal.status, proposal.decided_by) == ("approved", bob)
    assert proposal.decision_rationale == "Good."
    entry = HistoryEntry.objects.get(version=2)
    assert (entry.kind, entry.proposal, entry.applied_by) == ("proposal", proposal, bob)
    assert (entry.diff, entry.inverse) == (WARMER, replace("/traits/tone", "cool"))
    assert lease.used == 1
    rows = [one.as_row() for one in HistoryEntry.objects.oldest_first()]
    assert verify_chain(rows, persona.document).ok
    # A second time it is decided already, and nothing moves.
    before = state_of(persona)
    refused = problem(api(bob).post(path_of(proposal)), 409, "Proposal Not Pending")
    assert refused["proposal_status"] == "approved"
    assert state_of(persona) == before


@pytest.mark.parametrize("who", ["alice", "charlie"])
def test_it_needs_the_role_of_an_approver(
    who: str, api: ApiFor, request: pytest.FixtureRequest, persona: Persona, manage_lease: Lease
) -> None:
    person = request.getfixturevalue(who)
    proposal = propose(persona, actor=request.getfixturevalue("dana"))
    before = state_of(persona)
    for body in ({}, b"{"):
        refused = problem(
            api(person).post(path_of(proposal), body), 403, "Persona Manage Forbidden"
        )
        assert refused["code"] == "role_required"
    problem(api(None).post(path_of(proposal)), 401)
    assert state_of(persona) == before


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (None, "lease_required"),
        ({"scope": "agent"}, "lease_out_of_scope"),
        ({"now": NOW, "ttl_secs": 5}, "lease_expired"),
        ({"subject": "alice"}, "lease_required"),
    ],
)
def test_it_needs_a_lease(
    api: ApiFor, bob: User, persona: Persona, terms: dict[str, Any] | None, code: str
) -> None:
    proposal = propose(persona)
    if terms is not None:
        grant(**terms)
    before = state_of(persona)
    for body in ({}, b"{"):
        refused = problem(api(bob).post(path_of(proposal), body), 403, "Persona Manage Forbidden")
        assert refused["code"] == code
    assert state_of(persona) == before


def test_it_forbids_ones_own(api: ApiFor, bob: User, persona: Persona, settings: Settings) -> None:
    proposal, _ = propose(persona, actor=bob), grant(budget=5)
    before = state_of(persona)
    refused = problem(api(bob).post(path_of(proposal)), 403, "Self Approval Forbidden")
    assert "ARW_PERSONA_SELF_APPROVAL" in refused["detail"]
    assert state_of(persona) == before
    settings.ARW_PERSONA_SELF_APPROVAL = "allow"
    assert api(bob).post(path_of(proposal)).status_code == 200


def test_it_answers_404_first(api: ApiFor, charlie: User) -> None:
    for name in ("00000000-0000-0000-0000-000000000000", "nope", "%00"):
        refused = api(charlie).post(f"/admin/persona/proposals/{name}/approve", {})
        problem(refused, 404, "Proposal Not Found")


@pytest.mark.parametrize(
    ("late", "applies"), [(-SECOND / 1000, True), (0 * SECOND, False), (SECOND, False)]
)
def test_it_expires_at_the_exact_moment(
    bob: User, persona: Persona, late: Any, applies: bool
) -> None:
    proposal = propose(persona, now=NOW)
    then = proposal.expires_at + late
    lease = grant(now=then)
    before = state_of(persona)
    if applies:
        proposal_approve(actor=bob, proposal_id=proposal.pk, now=then)
        return
    with pytest.raises(ProposalNotPending) as refused:
        proposal_approve(actor=bob, proposal_id=proposal.pk, now=then)
    assert refused.value.facts == {"proposal_status": "expired"}
    assert state_of(persona) == before
    lease.refresh_from_db()
    assert lease.used == 0


def test_it_needs_the_leases_that_the_proposal_names(
    api: ApiFor, bob: User, persona: Persona
) -> None:
    proposal = propose(persona, leases_required=["vault:open", "net:http"])
    grant(budget=5)
    grant("net:http")
    before = state_of(persona)
    refused = problem(api(bob).post(path_of(proposal)), 403, "Lease Required")
    assert refused["required_capabilities"] == ["vault:open"]
    assert state_of(persona) == before
    grant("vault:open", scope="project")
    problem(api(bob).post(path_of(proposal)), 403, "Lease Required")
    grant("vault:open", scope="workspace")
    assert api(bob).post(path_of(proposal)).status_code == 200


def test_it_applies_the_telemetry_scope(api: ApiFor, bob: User, persona: Persona) -> None:
    scope = {"vibe": {"enabled": True, "scope": "workspace"}}
    proposal = propose(persona, telemetry_scope=scope)
    grant()
    assert api(bob).post(path_of(proposal)).status_code == 200
    persona.refresh_from_db()
    assert persona.consent.enabled
    assert persona.preferences == {"telemetry": scope}
    assert persona.traits["tone"] == "warm"
    assert persona.history.count() == 2
