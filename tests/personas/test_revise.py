"""Revising: another diff under the same proposal; earlier approvals no longer count (§4)."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from leases.models import Lease, User
from personas.errors import ProposalNotPending
from personas.models import Approval, Persona, ProposalRevision
from personas.services.proposals import proposal_revise
from tests.fixtures import ApiFor
from tests.people import NOW, SECOND, WARMER, grant, pointers, problem, propose, someone, state_of
from tests.personas.workflow import approve, is_sound, move_on, replace, route, shown

pytestmark = pytest.mark.django_db
HOT = replace("/traits/tone", "hot")


def test_it_makes_a_new_revision(
    api: ApiFor, alice: User, persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona, rationale="Warmer.")
    answer = api(alice).post(route(proposal, "revise"), {"diff": HOT})
    assert answer.status_code == 200
    revised = answer.json()
    assert (revised["revision"], revised["diff"], revised["rationale"]) == (2, HOT, "Warmer.")
    assert revised["digest"] != proposal.digest
    kept = api(alice).get(shown(proposal)).json()["revisions"]
    assert [(one["number"], one["diff"]) for one in kept] == [(1, WARMER), (2, HOT)]
    assert [one["digest"] for one in kept] == [proposal.digest, revised["digest"]]
    assert {one["author"] for one in kept} == {str(alice.id)}
    persona.refresh_from_db()
    assert (persona.version, persona.history.count()) == (1, 1)


def test_it_voids_approvals(
    api: ApiFor, alice: User, bob: User, dana: User, persona: Persona, settings: Settings
) -> None:
    settings.ARW_PERSONA_APPROVALS_REQUIRED = settings.ARW_PERSONA_APPROVALS_REQUIRED_HIGH = 2
    proposal = propose(persona)
    approve(bob, proposal)
    grant()
    assert api(alice).post(route(proposal, "revise"), {"diff": HOT}).status_code == 200
    (given,) = api(dana).get(shown(proposal)).json()["approvals"]
    assert (given["revision"], given["standing"]) == (1, False)
    assert approve(dana, proposal).entry is None
    # Also when the old diff comes back: it was another revision that was approved.
    assert api(alice).post(route(proposal, "revise"), {"diff": WARMER}).status_code == 200
    proposal.refresh_from_db()
    assert proposal.digest == Approval.objects.get(approver=bob).digest
    assert approve(dana, proposal).entry is None
    assert Persona.objects.get().version == 1
    assert approve(bob, proposal).entry is not None


def test_it_binds_approvals_to_the_revision(
    api: ApiFor, alice: User, bob: User, persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona)
    etag = api(bob).get(shown(proposal))["ETag"]
    assert api(alice).post(route(proposal, "revise"), {"diff": HOT}).status_code == 200
    before = state_of(persona)
    reviewed = {"reviewed": {"digest": proposal.digest, "version": 1}}
    problem(api(bob).post(route(proposal, "approve"), reviewed), 409, "Review Outdated")
    refused = api(bob).post(route(proposal, "approve"), {}, **{"If-Match": etag})
    problem(refused, 409, "Review Outdated")
    assert state_of(persona) == before


def test_it_lets_one_of_two_editors_win(
    api: ApiFor, alice: User, bob: User, persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona)
    first = api(bob).post(route(proposal, "revise"), {"diff": HOT, "digest": proposal.digest})
    assert first.status_code == 200
    before = state_of(persona)
    body = {"diff": replace("/traits/tone", "mild"), "digest": proposal.digest}
    problem(api(alice).post(route(proposal, "revise"), body), 409, "Review Outdated")
    assert state_of(persona) == before
    assert ProposalRevision.objects.count() == 2


def test_it_moves_the_base_to_the_present(
    api: ApiFor, alice: User, bob: User, persona: Persona
) -> None:
    proposal = propose(persona)
    move_on(bob, persona, replace("/traits/tone", "icy"))
    grant()
    assert api(alice).get(shown(proposal)).json()["rebase"]["state"] == "conflicting"
    revised = api(alice).post(route(proposal, "revise"), {"diff": WARMER}).json()
    assert (revised["base_version"], revised["revision"]) == (2, 2)
    detail = api(alice).get(shown(proposal)).json()
    assert detail["rebase"]["state"] == "current"
    assert [one["base_version"] for one in detail["revisions"]] == [1, 2]
    approve(bob, proposal)
    assert is_sound(persona.id).traits["tone"] == "warm"


def test_it_takes_the_block_away_and_starts_the_time_anew(alice: User, persona: Persona) -> None:
    proposal = propose(persona, now=NOW)
    proposal.changes_requested_at = proposal.reminded_at = NOW
    proposal.save()
    then = proposal.expires_at - SECOND
    grant(now=then)
    revised = proposal_revise(actor=alice, proposal_id=proposal.pk, diff=HOT, now=then)
    assert (revised.changes_requested_at, revised.reminded_at) == (None, None)
    assert revised.expires_at - then == proposal.expires_at - NOW
    assert revised.created_at == NOW


def test_it_needs_a_pending_proposal(
    api: ApiFor, alice: User, bob: User, persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona)
    approve(bob, proposal)
    grant()
    before = state_of(persona)
    refused = problem(api(alice).post(route(proposal, "revise"), {"diff": HOT}), 409)
    assert (refused["title"], refused["proposal_status"]) == ("Proposal Not Pending", "approved")
    assert state_of(persona) == before


def test_it_comes_too_late_after_expiry(alice: User, persona: Persona) -> None:
    proposal = propose(persona, now=NOW)
    grant(now=proposal.expires_at)
    before = state_of(persona)
    with pytest.raises(ProposalNotPending) as refused:
        proposal_revise(actor=alice, proposal_id=proposal.pk, diff=HOT, now=proposal.expires_at)
    assert refused.value.facts == {"proposal_status": "expired"}
    assert state_of(persona) == before


@pytest.mark.parametrize(("who", "allowed"), [("alice", True), ("bob", True), ("charlie", False)])
def test_it_is_for_author_and_approvers(
    api: ApiFor, persona: Persona, manage_lease: Lease, who: str, allowed: bool
) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    answer = api(someone(who)).post(route(proposal, "revise"), {"diff": HOT})
    if allowed:
        assert answer.status_code == 200
    else:
        problem(answer, 403, "Persona Manage Forbidden")
        assert state_of(persona) == before


def test_it_is_not_for_another_member(
    api: ApiFor, alice: User, dana: User, persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona, actor=dana)
    before = state_of(persona)
    for body in ({"diff": HOT}, b"{"):
        refused = problem(api(alice).post(route(proposal, "revise"), body), 403)
        assert refused["code"] == "role_required"
    assert state_of(persona) == before


def test_it_needs_a_lease(api: ApiFor, alice: User, persona: Persona) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    problem(
        api(alice).post(route(proposal, "revise"), {"diff": HOT}), 403, "Persona Manage Forbidden"
    )
    assert state_of(persona) == before


@pytest.mark.parametrize(
    ("body", "title", "where"),
    [
        ({}, "Invalid Proposal", "/diff"),
        ({"diff": []}, "Invalid Diff", "/diff"),
        ({"diff": replace("/traits/tone", "cool")}, "Invalid Diff", "/diff"),
        ({"diff": replace("/id", "x")}, "Immutable Field", "/diff/0/path"),
        ({"diff": replace("/traits/none", 1)}, "Invalid Diff", "/diff/0"),
        ({"diff": WARMER, "rationale": "x" * 10_001}, "Invalid Proposal", "/rationale"),
        ({"diff": WARMER}, "Invalid Diff", "/diff"),  # what it asks for already
    ],
)
def test_it_points_at_faults(
    api: ApiFor, alice: User, persona: Persona, body: Any, title: str, where: str
) -> None:
    proposal = propose(persona)
    grant(budget=5)
    before = state_of(persona)
    refused = problem(api(alice).post(route(proposal, "revise"), body), 400, title)
    assert pointers(refused)[0].startswith(where)
    assert state_of(persona) == before


def test_it_may_give_another_reason_alone(
    api: ApiFor, alice: User, persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona)
    body = {"diff": WARMER, "rationale": "Readers asked for it."}
    answer = api(alice).post(route(proposal, "revise"), body).json()
    assert (answer["revision"], answer["digest"]) == (2, proposal.digest)
    assert answer["rationale"] == body["rationale"]


def test_it_keeps_opt_ins_and_leases(alice: User, persona: Persona, manage_lease: Lease) -> None:
    scope = {"vibe": {"enabled": True}}
    proposal = propose(persona, telemetry_scope=scope, leases_required=["vault:open"])
    grant()
    revised = proposal_revise(
        actor=alice, proposal_id=proposal.pk, diff=[], now=timezone.now(), rationale="Only that."
    )
    assert (revised.telemetry_scope, revised.leases_required) == (scope, ["vault:open"])
    assert revised.diff == []
