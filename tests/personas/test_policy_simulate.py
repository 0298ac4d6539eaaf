"""`POST /policy/simulate` and `GET /state/policy`: the reference's requests, and ours."""

import pytest

from leases.models import DecisionEntry, Lease, User
from personas.models import Persona
from tests.fixtures import ApiFor
from tests.people import grant, pointers, problem


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["kind", "action"])
def test_it_answers_in_the_references_shape(
    api: ApiFor, alice: User, persona: Persona, name: str
) -> None:
    DecisionEntry.objects.all().delete()
    body = {name: "persona.manage", "subject": "local", "resource": persona.id}
    answer = api(alice).post("/policy/simulate", body)

    assert answer.status_code == 200
    assert answer.json() == {
        "allow": False,
        "require_capability": "persona:manage",
        "explain": {
            "action": "persona.manage",
            "mode": "lease_required",
            "reason": "lease_required",
            "message": "No lease for it is held.",
            "required_capability": "persona:manage",
        },
        "reason": "lease_required",
        "explanation": "No lease for it is held. A lease for persona:manage would allow it.",
        "via": None,
        "subject": str(alice.id),
        "resource": {
            "persona_id": persona.id,
            "owner_kind": "workspace",
            "owner_ref": "local",
        },
        "policy_revision": None,
        "halted": False,
    }
    assert not DecisionEntry.objects.exists()


@pytest.mark.django_db
def test_it_spends_nothing(api: ApiFor, alice: User, persona: Persona) -> None:
    lease = grant(budget=1)
    body = {"action": "persona.manage", "resource": f"persona:{persona.id}"}
    found = [api(alice).post("/policy/simulate", body).json() for _ in range(2)]

    assert [(one["allow"], one["via"]) for one in found] == [(True, str(lease.id))] * 2
    assert found[0]["explain"]["reason"] == "lease_satisfied"
    assert Lease.objects.get(pk=lease.pk).used == 0


@pytest.mark.django_db
def test_it_asks_about_others_for_admins_alone(
    api: ApiFor, alice: User, bob: User, dana: User, persona: Persona
) -> None:
    grant(subject="alice")
    body = {"action": "persona.manage", "subject": "alice", "resource": persona.id}

    DecisionEntry.objects.all().delete()
    problem(api(bob).post("/policy/simulate", body), 403, "Lease Manage Forbidden")
    [row] = DecisionEntry.objects.all()
    assert (row.actor, row.action, row.allowed) == (bob, "leases.manage", False)
    assert (row.reason, row.count) == ("role_required", 1)
    answer = api(dana).post("/policy/simulate", body).json()
    assert (answer["allow"], answer["subject"]) == (True, str(alice.id))
    assert api(alice).post("/policy/simulate", body).json()["allow"] is True
    assert DecisionEntry.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/action"),
        ({"action": " "}, "/action"),
        ({"action": "a" * 201}, "/action"),
        ({"action": 3}, "/action"),
        ({"action": "a", "resource": "persona.none"}, "/resource"),
        ({"action": "a", "resource": 3}, "/resource"),
        ({"action": "a", "resource": {"owner_kind": "x"}}, "/resource/owner_kind"),
        ({"action": "a", "resource": {"owner_ref": 3}}, "/resource/owner_ref"),
        ({"action": "a", "subject": "nobody"}, "/subject"),
    ],
)
def test_it_names_what_makes_no_sense(
    api: ApiFor, dana: User, body: dict[str, object], pointer: str
) -> None:
    document = problem(api(dana).post("/policy/simulate", body), 400, "Invalid Simulation")

    assert pointers(document) == [pointer]


@pytest.mark.django_db
def test_it_shows_the_empty_policy(api: ApiFor, alice: User, charlie: User) -> None:
    assert api(alice).get("/state/policy").json() == {
        "mode": "leases",
        "revision": None,
        "loaded_at": None,
        "allow_all": False,
        "lease_rules": [],
        "cedar": None,
        "halted": False,
        "halted_at": None,
        "halt_reason": "",
    }
    problem(api(charlie).get("/state/policy"), 403, "Lease Read Forbidden")
    problem(api(charlie).post("/policy/simulate", {"action": "a"}), 403, "Lease Read Forbidden")
