"""Creating personas: version 1 of a record and of its history (contract §3)."""

import uuid
from typing import Any

import pytest

from leases.models import Lease, User
from personas.documents.canonical import sha256_hex
from personas.documents.chain import GENESIS_HASH
from personas.models import HistoryEntry, Persona
from tests.fixtures import ApiFor
from tests.people import grant, pointers, problem

pytestmark = pytest.mark.django_db
PATH = "/admin/persona"
BODY: dict[str, Any] = {
    "id": "persona.alpha",
    "owner_kind": "workspace",
    "owner_ref": "local",
    "name": "Companion",
    "traits": {"tone": "warm"},
}


def nothing_stored() -> bool:
    used = Lease.objects.exclude(used=0).exists()
    return not (Persona.objects.exists() or HistoryEntry.objects.exists() or used)


def test_it_makes_version_one(api: ApiFor, dana: User) -> None:
    lease = grant(budget=5)
    made = api(dana).post(PATH, BODY)
    assert made.status_code == 201
    record = made.json()
    assert record["version"] == 1
    assert record["archetype"] is None
    assert record["preferences"] == {}
    assert record["updated"].endswith("Z")
    persona = Persona.objects.get()
    assert {**persona.document, "version": 1} | {
        "updated": persona.updated,
        "updated_at": persona.updated_at,
    } == record
    entry = HistoryEntry.objects.get()
    assert (entry.version, entry.kind, entry.applied_by, entry.proposal) == (
        1,
        "create",
        dana,
        None,
    )
    assert entry.prev_hash == GENESIS_HASH
    assert entry.document_digest == sha256_hex(persona.document)
    lease.refresh_from_db()
    assert lease.used == 1


def test_it_makes_an_id(api: ApiFor, dana: User, manage_lease: Lease) -> None:
    made = api(dana).post(PATH, {"owner_kind": "agent", "owner_ref": "a"}).json()
    assert str(uuid.UUID(made["id"])) == made["id"]


def test_it_allows_several_personas_for_one_owner(
    api: ApiFor, dana: User, manage_lease: Lease
) -> None:
    for name in ("persona.a", "persona.b"):
        assert api(dana).post(PATH, {**BODY, "id": name}).status_code == 201
    assert Persona.objects.owned_by("workspace", "local").count() == 2


def test_it_refuses_a_taken_id(api: ApiFor, dana: User) -> None:
    lease = grant(budget=5)
    assert api(dana).post(PATH, BODY).status_code == 201
    taken = api(dana).post(PATH, {**BODY, "name": "Other"})
    assert problem(taken, 409, "Persona Exists")["code"] == "persona_exists"
    assert Persona.objects.get().name == "Companion"
    assert HistoryEntry.objects.count() == 1
    lease.refresh_from_db()
    assert lease.used == 1


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_it_needs_the_role_of_an_admin(
    who: str, api: ApiFor, request: pytest.FixtureRequest, manage_lease: Lease
) -> None:
    person = request.getfixturevalue(who)
    refused = problem(api(person).post(PATH, BODY), 403, "Persona Manage Forbidden")
    assert refused["code"] == "role_required"
    # Nobody learns about the body what they may not send.
    assert problem(api(person).post(PATH, b"{"), 403)["code"] == "role_required"
    problem(api(None).post(PATH, BODY), 401, "Unauthorized")
    assert nothing_stored()


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        (None, 201),
        ("workspace", 201),
        ("workspace:local", 201),
        ("persona:persona.alpha", 201),
        ("project", 403),
        ("persona:persona.beta", 403),
    ],
)
def test_it_needs_a_lease_that_covers_it(
    api: ApiFor, dana: User, scope: str | None, status: int
) -> None:
    grant(scope=scope)
    made = api(dana).post(PATH, BODY)
    assert made.status_code == status
    if status == 403:
        refused = problem(made, 403, "Persona Manage Forbidden")
        assert refused["code"] == "lease_out_of_scope"
        assert refused["required_capability"] == "persona:manage"
        assert nothing_stored()


def test_it_asks_for_the_lease_before_it_reads_the_body(api: ApiFor, dana: User) -> None:
    for body in (b"{", {"id": "!"}, BODY):
        refused = problem(api(dana).post(PATH, body), 403, "Persona Manage Forbidden")
        assert refused["code"] == "lease_required"
    grant(scope="agent", ttl_secs=60)
    problem(api(dana).post(PATH, b"{"), 400, "Malformed JSON")
    assert nothing_stored()


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"id": ""}, "/id"),
        ({"id": "-x"}, "/id"),
        ({"id": "a/b"}, "/id"),
        ({"id": "weird id/ü%"}, "/id"),
        ({"id": "x" * 129}, "/id"),
        ({"id": "a\n"}, "/id"),
        ({"id": 5}, "/id"),
        ({"owner_kind": "team"}, "/owner_kind"),
        ({"owner_kind": None}, "/owner_kind"),
        ({"owner_ref": ""}, "/owner_ref"),
        ({"owner_ref": "x" * 257}, "/owner_ref"),
        ({"name": 5}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"traits": "x"}, "/traits"),
        ({"calibration": 5}, "/calibration"),
        ({"preferences": {"telemetry": []}}, "/preferences/telemetry"),
        (
            {"preferences": {"telemetry": {"vibe": {"enabled": 1}}}},
            "/preferences/telemetry/vibe/enabled",
        ),
        ({"traits": {"a": "x" * 8193}}, "/traits/a"),
        ({"bogus": 1}, "/bogus"),
        ({"version": 7}, "/version"),
        ({"a/b~c": 1}, "/a~1b~0c"),
    ],
)
def test_it_points_at_each_fault(
    api: ApiFor, dana: User, manage_lease: Lease, change: dict[str, Any], where: str
) -> None:
    refused = problem(api(dana).post(PATH, {**BODY, **change}), 400, "Invalid Persona")
    assert pointers(refused) == [where]
    assert nothing_stored()


def test_it_keeps_to_size_and_depth(api: ApiFor, dana: User, manage_lease: Lease) -> None:
    large = {f"k{at}": "x" * 8000 for at in range(9)}
    deep: Any = 1
    for _ in range(17):
        deep = [deep]
    for traits, code in ((large, "document_too_large"), (deep, "too_deep")):
        refused = problem(api(dana).post(PATH, {**BODY, "traits": traits}), 400, "Invalid Persona")
        assert code in {fault["code"] for fault in refused["errors"]}
    assert nothing_stored()
