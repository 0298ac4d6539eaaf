"""Restoring: a proposal that takes the record back; the version still rises (contract §4)."""

from typing import Any

import pytest
from pytest_django import Settings

from leases.models import Lease, User
from personas.documents.canonical import canonical_bytes
from personas.models import Persona, Proposal
from tests.fixtures import ApiFor
from tests.people import grant, make_persona, pointers, problem, propose, state_of
from tests.personas.workflow import add, approve, is_sound, move_on, replace

pytestmark = pytest.mark.django_db


def path_of(persona: Persona) -> str:
    return f"/admin/persona/{persona.id}/restore"


def made(answer: Any) -> Proposal:
    assert answer.status_code == 201, answer.content
    return Proposal.objects.get(pk=answer.json()["proposal_id"])


def test_it_takes_the_record_back_by_a_proposal(
    api: ApiFor, alice: User, bob: User, persona: Persona
) -> None:
    first = canonical_bytes(persona.document)
    move_on(bob, persona, replace("/traits", ["all", "different"]))
    persona = move_on(bob, persona, {"name": None, "worldview": {"a": 1}})
    third = canonical_bytes(persona.document)
    lease = grant(budget=1)
    proposal = made(api(alice).post(path_of(persona), {"version": 1}))
    lease.refresh_from_db()
    assert lease.used == 1
    assert (proposal.base_version, proposal.submitted_by) == (3, alice)
    assert "1" in proposal.rationale
    persona.refresh_from_db()
    assert canonical_bytes(persona.document) == third
    approve(bob, proposal)
    persona = is_sound(persona.id)
    assert persona.version == 4
    assert canonical_bytes(persona.document) == first


def test_it_undoes_a_decision(api: ApiFor, alice: User, bob: User, persona: Persona) -> None:
    """Undo: back to the version before the one that the decision made."""
    before = persona.document
    persona = move_on(bob, persona, [{"op": "remove", "path": "/traits/tone"}])
    grant()
    body = {"version": persona.version - 1, "rationale": "Undo."}
    proposal = made(api(alice).post(path_of(persona), body))
    assert proposal.rationale == "Undo."
    assert proposal.diff == add("/traits/tone", "cool")
    approve(bob, proposal)
    assert is_sound(persona.id).document == before


def test_it_restores_what_no_diff_may_be_as_long_as(
    api: ApiFor, alice: User, bob: User, settings: Settings
) -> None:
    traits = {f"key{at}": "x" * 200 for at in range(240)}
    persona = make_persona(traits=traits)
    persona = move_on(bob, persona, replace("/traits", {}))
    grant()
    proposal = made(api(alice).post(path_of(persona), {"version": 1}))
    assert len(canonical_bytes(proposal.diff)) > settings.ARW_PERSONA_DIFF_BYTES
    assert api(bob).get(f"/state/proposals/{proposal.pk}").status_code == 200
    approve(bob, proposal)
    assert is_sound(persona.id).traits == traits


def test_it_keeps_proposals_readable_when_limits_fall(
    api: ApiFor, bob: User, persona: Persona, settings: Settings
) -> None:
    proposal = propose(persona, {"worldview": {"a": "x" * 500}})
    settings.ARW_PERSONA_DIFF_BYTES = 100
    assert api(bob).get(f"/state/proposals/{proposal.pk}").status_code == 200
    approve(bob, proposal)
    assert is_sound(persona.id).version == 2


def test_it_merges_with_what_came_after(
    api: ApiFor, alice: User, bob: User, persona: Persona
) -> None:
    persona = move_on(bob, persona, replace("/traits/tone", "warm"))
    grant()
    proposal = made(api(alice).post(path_of(persona), {"version": 1}))
    move_on(bob, persona, replace("/traits/pace", 9))
    approve(bob, proposal)
    assert is_sound(persona.id).traits == {"tone": "cool", "pace": 9}


@pytest.mark.parametrize(
    ("body", "status", "title", "where"),
    [
        ({}, 400, "Invalid Proposal", "/version"),
        ({"version": 0}, 400, "Invalid Proposal", "/version"),
        ({"version": -1}, 400, "Invalid Proposal", "/version"),
        ({"version": "1"}, 400, "Invalid Proposal", "/version"),
        ({"version": True}, 400, "Invalid Proposal", "/version"),
        ({"version": 1.5}, 400, "Invalid Proposal", "/version"),
        ({"version": 1, "rationale": "x" * 10_001}, 400, "Invalid Proposal", "/rationale"),
        ({"version": 2}, 400, "Invalid Diff", "/diff"),
        ({"version": 3}, 404, "Persona Not Found", None),
        ({"version": 2**53 - 1}, 404, "Persona Not Found", None),
    ],
)
def test_it_refuses_what_never_was(
    api: ApiFor,
    alice: User,
    bob: User,
    persona: Persona,
    body: Any,
    status: int,
    title: str,
    where: str | None,
) -> None:
    persona = move_on(bob, persona, replace("/traits/tone", "warm"))
    grant(budget=5)
    before = state_of(persona)
    refused = problem(api(alice).post(path_of(persona), body), status, title)
    assert pointers(refused) == ([where] if where else [])
    assert state_of(persona) == before


def test_it_needs_role_and_lease(api: ApiFor, alice: User, charlie: User, persona: Persona) -> None:
    before = state_of(persona)
    for body in ({"version": 1}, b"{"):
        assert problem(api(alice).post(path_of(persona), body), 403)["code"] == "lease_required"
        assert problem(api(charlie).post(path_of(persona), body), 403)["code"] == "role_required"
    problem(api(None).post(path_of(persona), {"version": 1}), 401)
    assert state_of(persona) == before
    assert not Lease.objects.exists()
