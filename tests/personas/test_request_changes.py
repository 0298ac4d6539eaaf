"""Asking for changes: a flag on a pending proposal that blocks approval until a revision (§4)."""

from typing import Any

import pytest

from leases.models import Lease, User
from personas.models import Comment, Persona
from tests.fixtures import ApiFor
from tests.people import WARMER, grant, pointers, problem, propose, state_of
from tests.personas.workflow import approve, is_sound, replace, route, shown

pytestmark = pytest.mark.django_db


def test_it_blocks_approval_until_a_revision(
    api: ApiFor, alice: User, bob: User, dana: User, persona: Persona
) -> None:
    proposal, lease = propose(persona), grant(budget=9)
    answer = api(bob).post(route(proposal, "request-changes"), {"comment": "Milder, please."})
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["changes_requested"]) == ("pending", True)
    (said,) = api(alice).get(shown(proposal)).json()["comments"]
    assert (said["kind"], said["text"]) == ("changes_requested", "Milder, please.")
    before = state_of(persona)
    for person in (bob, dana):
        problem(api(person).post(route(proposal, "approve")), 409, "Changes Requested")
    # The same again is no revision.
    problem(api(alice).post(route(proposal, "revise"), {"diff": WARMER}), 400, "Invalid Diff")
    assert state_of(persona) == before
    revised = api(alice).post(route(proposal, "revise"), {"diff": replace("/traits/tone", "mild")})
    assert not revised.json()["changes_requested"]
    assert api(bob).post(route(proposal, "approve")).json()["status"] == "approved"
    assert is_sound(persona.id).traits["tone"] == "mild"
    lease.refresh_from_db()
    assert lease.used == 3


def test_it_may_still_be_rejected_or_withdrawn(
    api: ApiFor, alice: User, bob: User, persona: Persona, manage_lease: Lease
) -> None:
    for person, name in ((bob, "reject"), (alice, "withdraw")):
        proposal = propose(persona)
        grant()
        api(bob).post(route(proposal, "request-changes"), {"comment": "No."})
        assert api(person).post(route(proposal, name), {"rationale": "No."}).status_code == 200


@pytest.mark.parametrize("body", [{}, {"comment": " "}, {"comment": 5}, {"comment": "x" * 10_001}])
def test_it_needs_a_comment(api: ApiFor, bob: User, persona: Persona, body: Any) -> None:
    proposal = propose(persona)
    grant(budget=5)
    before = state_of(persona)
    refused = api(bob).post(route(proposal, "request-changes"), body)
    assert pointers(problem(refused, 400, "Invalid Comment")) == ["/comment"]
    assert state_of(persona) == before
    assert not Comment.objects.exists()


def test_it_is_for_approvers_with_a_lease(
    api: ApiFor, alice: User, bob: User, charlie: User, persona: Persona
) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    for person in (alice, bob, charlie):
        for body in ({"comment": "x"}, b"{"):
            refused = api(person).post(route(proposal, "request-changes"), body)
            problem(refused, 403, "Persona Manage Forbidden")
    assert state_of(persona) == before


def test_it_needs_a_pending_proposal(
    api: ApiFor, bob: User, persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona)
    approve(bob, proposal)
    grant()
    before = state_of(persona)
    refused = api(bob).post(route(proposal, "request-changes"), {"comment": "Too late."})
    problem(refused, 409, "Proposal Not Pending")
    assert state_of(persona) == before
    assert not Comment.objects.exists()
