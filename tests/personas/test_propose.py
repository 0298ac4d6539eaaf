"""Proposing: tried at once, refused with pointers, stored as what it means (contract §4)."""

from typing import Any

import pytest
from pytest_django import Settings

from leases.models import Lease, User
from personas.documents.canonical import sha256_hex
from personas.models import Persona, Proposal
from tests.fixtures import ApiFor
from tests.people import NOW, WARMER, grant, pointers, problem, propose, state_of

pytestmark = pytest.mark.django_db
PATH = "/admin/persona/persona.alpha/proposals"


def test_it_stores_what_was_asked(api: ApiFor, alice: User, persona: Persona) -> None:
    lease = grant(budget=9)
    answer = api(alice).post(
        PATH,
        {
            "diff": WARMER,
            "rationale": "Readers found it distant.",
            "leases_required": ["persona:manage"],
            "submitted_by": "a team",
        },
    )
    assert answer.status_code == 200
    proposal = Proposal.objects.get()
    assert answer.json() == {"proposal_id": str(proposal.pk)}
    assert (proposal.status, proposal.base_version) == ("pending", 1)
    # Who asked is who is signed in; the body's name is a label.
    assert (proposal.submitted_by, proposal.on_behalf_of) == (alice, "a team")
    assert proposal.digest == sha256_hex(
        {
            "persona_id": "persona.alpha",
            "base_version": 1,
            "diff": WARMER,
            "telemetry_scope": {},
            "leases_required": ["persona:manage"],
        }
    )
    persona.refresh_from_db()
    assert (persona.version, persona.traits["tone"], persona.history.count()) == (1, "cool", 1)
    lease.refresh_from_db()
    assert lease.used == 1


def test_it_expires_after_the_time_to_live(persona: Persona, settings: Settings) -> None:
    proposal = propose(persona, now=NOW)
    assert proposal.expires_at == NOW + settings.ARW_PERSONA_PROPOSAL_TTL


def test_it_stores_a_merge_as_the_patch_that_it_means(persona: Persona) -> None:
    proposal = propose(persona, {"traits": {"tone": None, "humor": "dry"}, "name": None})
    operations = {(op["op"], op["path"]) for op in proposal.diff}
    assert ("remove", "/traits/tone") in operations
    assert ("add", "/traits/humor") in operations
    assert {op["path"] for op in proposal.diff} == {"/traits/tone", "/traits/humor", "/name"}


def test_it_drops_foreign_members_of_operations(persona: Persona) -> None:
    assert propose(persona, [{**WARMER[0], "comment": "x"}]).diff == WARMER


def test_it_takes_the_same_proposal_twice(api: ApiFor, alice: User, persona: Persona) -> None:
    grant()
    first, second = (api(alice).post(PATH, {"diff": WARMER}).json() for _ in range(2))
    assert first != second
    assert Proposal.objects.count() == 2


OP = {"op": "replace", "path": "/traits/tone", "value": "warm"}
REFUSED: list[tuple[Any, str, str, str]] = [
    ([], "/diff", "Invalid Diff", "no_change"),
    ({}, "/diff", "Invalid Diff", "no_change"),
    ({"name": "Companion"}, "/diff", "Invalid Diff", "no_change"),
    ([{"op": "test", "path": "/name", "value": "Companion"}], "/diff", "Invalid Diff", "no_change"),
    ([OP, {"op": "replace", "path": "/traits/tone", "value": "cool"}], "/diff", "Invalid Diff", "no_change"),
    (5, "/diff", "Invalid Diff", "type"),
    ("x", "/diff", "Invalid Diff", "type"),
    ([OP, 5], "/diff/1", "Invalid Diff", "not_an_object"),
    ([{"op": "frobnicate", "path": "/name"}], "/diff/0/op", "Invalid Diff", "unknown_op"),
    ([{"path": "/name"}], "/diff/0/op", "Invalid Diff", "required"),
    ([{"op": "replace", "path": "/name"}], "/diff/0/value", "Invalid Diff", "required"),
    ([{"op": "replace", "path": 5, "value": 1}], "/diff/0/path", "Invalid Diff", "not_a_string"),
    ([{"op": "remove", "path": "name"}], "/diff/0/path", "Invalid Diff", "pointer_syntax"),
    ([OP, {"op": "remove", "path": "/traits/missing"}], "/diff/1/path", "Invalid Diff", ""),
    ([{"op": "test", "path": "/name", "value": "X"}, OP], "/diff/0/value", "Invalid Diff", "test_failed"),
    ([{"op": "replace", "path": "/id", "value": "x"}], "/diff/0/path", "Immutable Field", ""),
    ([{"op": "remove", "path": "/owner_kind"}], "/diff/0/path", "Immutable Field", ""),
    ([{"op": "add", "path": "/version", "value": 9}], "/diff/0/path", "Immutable Field", ""),
    ([{"op": "move", "from": "/owner_ref", "path": "/name"}], "/diff/0/from", "Immutable Field", ""),
    ({"owner_ref": "x"}, "/diff/owner_ref", "Immutable Field", ""),
    ({"updated_at": 5}, "/diff/updated_at", "Immutable Field", ""),
    ({"bogus": 1}, "/diff/bogus", "Invalid Diff", "unknown_field"),
    ({"traits": "x"}, "/diff/traits", "Invalid Diff", "type"),
    ([{"op": "replace", "path": "/name", "value": 5}], "/diff/0/value", "Invalid Diff", "type"),
    ({"traits": {"a": "x" * 8193}}, "/diff/traits/a", "Invalid Diff", "string_too_long"),
    ({"traits": {f"k{at}": "x" * 5000 for at in range(7)}}, "/diff", "Invalid Diff", "diff_too_large"),
    ([OP] * 201, "/diff", "Invalid Diff", "too_many_operations"),
]  # fmt: skip


@pytest.mark.parametrize(("diff", "where", "title", "code"), REFUSED)
def test_it_refuses_at_once(
    api: ApiFor, alice: User, persona: Persona, diff: Any, where: str, title: str, code: str
) -> None:
    grant(budget=5)
    before = state_of(persona)
    refused = problem(api(alice).post(PATH, {"diff": diff}), 400, title)
    assert pointers(refused)[0] == where
    assert code in ("", refused["errors"][0]["code"])
    assert (refused["code"] == "no_change") is (code == "no_change")
    assert state_of(persona) == before


def test_it_refuses_a_result_beyond_the_limits(
    api: ApiFor, alice: User, persona: Persona, settings: Settings
) -> None:
    grant(budget=5)
    settings.ARW_PERSONA_DOCUMENT_BYTES = 1024
    before = state_of(persona)
    refused = problem(api(alice).post(PATH, {"diff": {"traits": {"a": "x" * 1000}}}), 400)
    assert refused["errors"][0]["code"] == "document_too_large"
    deep: Any = 1
    for _ in range(16):
        deep = [deep]
    refused = problem(api(alice).post(PATH, {"diff": {"traits": {"a": deep}}}), 400)
    assert "too_deep" in {fault["code"] for fault in refused["errors"]}
    assert state_of(persona) == before


@pytest.mark.parametrize(
    ("members", "where"),
    [
        ({"rationale": 5}, "/rationale"),
        ({"rationale": "x" * 10_001}, "/rationale"),
        ({"submitted_by": "x" * 201}, "/submitted_by"),
        ({"submitted_by": []}, "/submitted_by"),
        ({"telemetry_scope": []}, "/telemetry_scope"),
        ({"telemetry_scope": "vibe"}, "/telemetry_scope"),
        ({"telemetry_scope": False}, "/telemetry_scope"),
        ({"telemetry_scope": {f"k{at}": None for at in range(9000)}}, "/telemetry_scope"),
        ({"leases_required": {}}, "/leases_required"),
        ({"leases_required": "persona:manage"}, "/leases_required"),
        ({"leases_required": [5]}, "/leases_required/0"),
        ({"leases_required": ["a", ""]}, "/leases_required/1"),
        ({"leases_required": ["a"] * 21}, "/leases_required"),
    ],
)
def test_it_points_at_faults_of_other_members(
    api: ApiFor, alice: User, persona: Persona, members: dict[str, Any], where: str
) -> None:
    grant(budget=5)
    before = state_of(persona)
    refused = problem(api(alice).post(PATH, {"diff": WARMER, **members}), 400, "Invalid Proposal")
    assert pointers(refused) == [where]
    assert state_of(persona) == before


def test_it_refuses_strangers_before_it_reads(
    api: ApiFor, charlie: User, persona: Persona, manage_lease: Lease
) -> None:
    before = state_of(persona)
    for body in ({"diff": WARMER}, b"{"):
        refused = problem(api(charlie).post(PATH, body), 403, "Persona Manage Forbidden")
        assert refused["code"] == "role_required"
        problem(api(None).post(PATH, body), 401, "Unauthorized")
    assert state_of(persona) == before


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (None, "lease_required"),
        ({"scope": "project"}, "lease_out_of_scope"),
        ({"subject": "bob"}, "lease_required"),
        ({"now": NOW, "ttl_secs": 1}, "lease_expired"),
    ],
)
def test_it_needs_a_lease(
    api: ApiFor, alice: User, bob: User, persona: Persona, terms: dict[str, Any] | None, code: str
) -> None:
    if terms is not None:
        grant(**terms)
    before = state_of(persona)
    refused = problem(api(alice).post(PATH, {"diff": WARMER}), 403, "Persona Manage Forbidden")
    assert refused["code"] == code
    assert refused["detail"] == "persona:manage lease required"
    assert state_of(persona) == before


def test_it_stops_when_the_budget_is_used_up(api: ApiFor, alice: User, persona: Persona) -> None:
    grant(budget=1)
    client = api(alice)
    assert client.post(PATH, {"diff": WARMER}).status_code == 200
    before = state_of(persona)
    assert problem(client.post(PATH, {"diff": WARMER}), 403)["code"] == "lease_exhausted"
    assert state_of(persona) == before


def test_it_answers_404_before_it_judges_rights(
    api: ApiFor, charlie: User, persona: Persona
) -> None:
    path = "/admin/persona/nope/proposals"
    problem(api(charlie).post(path, {"diff": WARMER}), 404, "Persona Not Found")
    assert not Proposal.objects.exists()


def test_it_makes_the_telemetry_scope_part_of_the_result(
    api: ApiFor, alice: User, persona: Persona
) -> None:
    grant()
    body = {"diff": WARMER, "telemetry_scope": {"vibe": {"enabled": True, "scope": "workspace"}}}
    made = api(alice).post(PATH, body).json()
    shown = api(alice).get(f"/state/proposals/{made['proposal_id']}").json()
    assert shown["diff"] == WARMER
    assert shown["rebase"]["result"]["preferences"] == {
        "telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}
    }
    assert shown["rebase"]["result"]["traits"]["tone"] == "warm"
    assert "telemetry_on" in {impact["kind"] for impact in shown["impact"]}


def test_it_takes_a_telemetry_scope_alone(api: ApiFor, alice: User, persona: Persona) -> None:
    grant()
    body = {"telemetry_scope": {"vibe": {"enabled": True}}}
    assert api(alice).post(PATH, body).status_code == 200
    assert Proposal.objects.get().diff == []


@pytest.mark.parametrize("scope", [{"vibe": {"enabled": "yes"}}, {"vibe": 5}])
def test_it_holds_the_telemetry_scope_to_the_schema(
    api: ApiFor, alice: User, persona: Persona, scope: dict[str, Any]
) -> None:
    grant(budget=3)
    before = state_of(persona)
    refused = problem(api(alice).post(PATH, {"diff": WARMER, "telemetry_scope": scope}), 400)
    assert pointers(refused)[0].startswith("/telemetry_scope")
    assert state_of(persona) == before
