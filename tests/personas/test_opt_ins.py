"""What a proposal asks for beside its diff: telemetry, and leases to be held (contract §4)."""

from typing import Any

import pytest
from django.utils import timezone

from leases.models import Lease, User
from personas.errors import StaleProposal
from personas.models import Persona
from telemetry.models import ConsentReceipt
from tests.fixtures import ApiFor
from tests.people import WARMER, grant, pointers, problem, propose, state_of
from tests.personas.workflow import approve, is_sound, move_on, replace, route, shown

pytestmark = pytest.mark.django_db
ON = {"vibe": {"enabled": True, "scope": "workspace"}}
TEST = [{"op": "test", "path": "/traits/tone", "value": "cool"}]


def submit(api: Any, persona: Persona, body: Any) -> Any:
    return api.post(f"/admin/persona/{persona.id}/proposals", body)


@pytest.mark.parametrize("diff", [[], {}, TEST, replace("/traits/tone", "cool"), None])
def test_it_may_be_the_whole_change(
    api: ApiFor, alice: User, bob: User, persona: Persona, manage_lease: Lease, diff: Any
) -> None:
    body = {"telemetry_scope": ON} if diff is None else {"diff": diff, "telemetry_scope": ON}
    made = submit(api(alice), persona, body)
    assert made.status_code == 200
    proposal = persona.proposals.get()
    detail = api(bob).get(shown(proposal)).json()
    assert "telemetry_on" in [one["kind"] for one in detail["impact"]]
    assert detail["rebase"]["result"]["preferences"] == {"telemetry": ON}
    assert detail["telemetry_scope"] == ON
    approve(bob, proposal)
    persona = is_sound(persona.id)
    assert persona.consent.enabled
    assert persona.document == {**persona.document, **detail["rebase"]["result"]}
    assert ConsentReceipt.objects.get().move == "grant"


def test_it_keeps_what_the_diff_tests(bob: User, persona: Persona) -> None:
    """A test beside the opt-ins still guards them when the record moves on."""
    proposal = propose(persona, TEST, telemetry_scope=ON)
    assert proposal.diff == TEST
    move_on(bob, persona, replace("/traits/tone", "icy"))
    with pytest.raises(StaleProposal):
        approve(bob, proposal)
    assert not is_sound(persona.id).consent.enabled
    assert not ConsentReceipt.objects.exists()


def test_it_comes_on_top_of_the_diff(bob: User, persona: Persona) -> None:
    diff = {"preferences": {"telemetry": {"vibe": {"enabled": False, "scope": "agent"}}, "a": 1}}
    approve(bob, propose(persona, diff, telemetry_scope={"vibe": {"enabled": True}}))
    wanted = {"a": 1, "telemetry": {"vibe": {"enabled": True, "scope": "agent"}}}
    assert is_sound(persona.id).preferences == wanted


def test_it_is_part_of_what_is_approved(
    api: ApiFor, bob: User, persona: Persona, manage_lease: Lease
) -> None:
    with_it, without = propose(persona, telemetry_scope=ON), propose(persona)
    with_lease = propose(persona, leases_required=["vault:open"])
    assert len({with_it.digest, without.digest, with_lease.digest}) == 3
    grant()
    before = state_of(persona)
    reviewed = {"reviewed": {"digest": without.digest, "version": 1}}
    problem(api(bob).post(route(with_it, "approve"), reviewed), 409, "Review Outdated")
    assert state_of(persona) == before


@pytest.mark.parametrize(
    ("body", "title", "where"),
    [
        ({"telemetry_scope": []}, "Invalid Proposal", "/telemetry_scope"),
        ({"telemetry_scope": "on"}, "Invalid Proposal", "/telemetry_scope"),
        ({"telemetry_scope": {"vibe": {"enabled": "yes"}}}, "Invalid Diff", "/telemetry_scope"),
        ({"telemetry_scope": {"x": "y" * 40_000}}, "Invalid Proposal", "/telemetry_scope"),
        ({"telemetry_scope": {}, "diff": []}, "Invalid Diff", "/diff"),
        ({"leases_required": {}}, "Invalid Proposal", "/leases_required"),
        ({"leases_required": [5]}, "Invalid Proposal", "/leases_required/0"),
        ({"leases_required": ["a:b", ""]}, "Invalid Proposal", "/leases_required/1"),
        ({"leases_required": ["a:b"] * 21}, "Invalid Proposal", "/leases_required"),
    ],
)
def test_it_points_at_faults(
    api: ApiFor, alice: User, persona: Persona, body: Any, title: str, where: str
) -> None:
    grant(budget=5)
    before = state_of(persona)
    refused = problem(submit(api(alice), persona, {"diff": WARMER, **body}), 400, title)
    assert pointers(refused)[0].startswith(where)
    assert state_of(persona) == before


def test_it_shows_the_leases_that_are_needed(api: ApiFor, bob: User, persona: Persona) -> None:
    proposal = propose(persona, leases_required=["vault:open", "net:http"])
    assert api(bob).get(shown(proposal)).json()["leases_required"] == ["vault:open", "net:http"]
    grant()
    grant("net:http")
    before = state_of(persona)
    refused = problem(api(bob).post(route(proposal, "approve")), 403, "Lease Required")
    assert refused["required_capabilities"] == ["vault:open"]
    assert state_of(persona) == before
    assert not proposal.approvals.exists()


def test_it_judges_the_leases_at_the_moment_of_use(
    api: ApiFor, bob: User, persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona, leases_required=["vault:open"])
    grant()
    vault = grant("vault:open")
    Lease.objects.filter(pk=vault.pk).update(revoked_at=timezone.now(), revocation="single")
    problem(api(bob).post(route(proposal, "approve")), 403, "Lease Required")
    grant("vault:open")
    assert api(bob).post(route(proposal, "approve")).status_code == 200
