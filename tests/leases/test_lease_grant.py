"""Granting leases: by service and over HTTP (contract §6)."""

from datetime import timedelta

import pytest

from leases.decisions import LOCAL_SUBJECT
from leases.errors import InvalidLease, LeaseManageForbidden
from leases.models import Lease, User
from leases.services.granting import lease_grant
from leases.services.terms import MAX_BUDGET
from leases.signals import lease_created
from tests.fixtures import ApiFor
from tests.people import NOW, grant, pointers, problem

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("asked", "given"),
    [(0, 1), (1, 1), (3600, 3600), (86_400, 86_400), (86_401, 86_400), (2**53 - 1, 86_400)],
)
def test_it_clamps_the_time_to_live(dana: User, asked: int, given: int) -> None:
    lease = lease_grant(actor=dana, capability="persona:manage", ttl_secs=asked, now=NOW)
    assert lease.ttl_until == NOW + timedelta(seconds=given)


def test_it_lends_to_anyone_signed_in_by_default(dana: User) -> None:
    lease = lease_grant(actor=dana, capability="persona:manage", now=NOW)
    assert (lease.subject, lease.scope, lease.budget) == (LOCAL_SUBJECT, None, None)
    assert lease.ttl_until == NOW + timedelta(hours=1)
    assert (lease.granted_by, lease.created, lease.revoked_at) == (dana, NOW, None)


@pytest.mark.parametrize("by", ["username", "id"])
def test_it_lends_to_one_principal(dana: User, alice: User, by: str) -> None:
    lease = grant(subject=str(getattr(alice, by)))
    assert lease.subject == str(alice.id)


@pytest.mark.parametrize(
    "scope",
    ["workspace", "project", "agent", "workspace:local", "project:a b:c/d", "persona:p.1:x-y_z"],
)
def test_it_takes_scopes_of_the_grammar(dana: User, scope: str) -> None:
    assert grant(scope=scope).scope == scope


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        ({"capability": ""}, "/capability"),
        ({"capability": "   "}, "/capability"),
        ({"capability": " persona:manage"}, "/capability"),
        ({"capability": "a\nb"}, "/capability"),
        ({"capability": "a" * 201}, "/capability"),
        ({"scope": ""}, "/scope"),
        ({"scope": "everything"}, "/scope"),
        ({"scope": "workspace:"}, "/scope"),
        ({"scope": "workspace: "}, "/scope"),
        ({"scope": "persona:"}, "/scope"),
        ({"scope": "persona:-x"}, "/scope"),
        ({"scope": "persona:a/b"}, "/scope"),
        ({"scope": "persona:a\n"}, "/scope"),
        ({"scope": "team:x"}, "/scope"),
        ({"scope": "workspace:" + "x" * 300}, "/scope"),
        ({"ttl_secs": -1}, "/ttl_secs"),
        ({"budget": 0}, "/budget"),
        ({"budget": -3}, "/budget"),
        ({"budget": MAX_BUDGET + 1}, "/budget"),
        ({"subject": "nobody"}, "/subject"),
        ({"subject": "00000000-0000-0000-0000-000000000000"}, "/subject"),
    ],
)
def test_it_refuses_bad_terms(dana: User, terms: dict[str, object], pointer: str) -> None:
    with pytest.raises(InvalidLease) as refused:
        lease_grant(**{"actor": dana, "capability": "persona:manage", "now": NOW, **terms})
    assert [fault.pointer for fault in refused.value.errors] == [pointer]
    assert not Lease.objects.exists()


def test_it_names_every_fault_at_once(dana: User) -> None:
    with pytest.raises(InvalidLease) as refused:
        lease_grant(
            actor=dana, capability="", scope="x", ttl_secs=-1, budget=0, subject="y", now=NOW
        )
    assert len(refused.value.errors) == 5


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_it_is_a_right_of_admins(who: str, request: pytest.FixtureRequest, api: ApiFor) -> None:
    actor = request.getfixturevalue(who)
    with pytest.raises(LeaseManageForbidden):
        lease_grant(actor=actor, capability="persona:manage", now=NOW, subject=str(actor.id))
    refused = api(actor).post("/leases", {"capability": "persona:manage", "subject": who})
    assert problem(refused, 403, "Lease Manage Forbidden")["code"] == "lease_manage_forbidden"
    # The role is judged before the body.
    problem(api(actor).post("/leases", b"{"), 403, "Lease Manage Forbidden")
    assert not Lease.objects.exists()


def test_it_lets_an_admin_grant_to_themselves(dana: User) -> None:
    assert grant(subject="dana").subject == str(dana.id)


def test_it_tells_after_commit(dana: User, django_capture_on_commit_callbacks) -> None:
    heard = []

    def hear(**news: object) -> None:
        heard.append((news["lease"], news["actor"], news["now"]))

    lease_created.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            lease = lease_grant(actor=dana, capability="persona:manage", now=NOW)
            assert heard == []
    finally:
        lease_created.disconnect(hear)
    assert heard == [(lease, dana, NOW)]


def test_it_answers_201_with_the_lease(api: ApiFor, dana: User) -> None:
    answer = api(dana).post(
        "/leases",
        {"capability": "telemetry:persona:workspace", "scope": "workspace", "budget": 3},
    )
    assert answer.status_code == 201
    lease = answer.json()
    assert lease["capability"] == "telemetry:persona:workspace"
    assert (lease["scope"], lease["subject"]) == ("workspace", "local")
    assert (lease["budget"], lease["used"], lease["revoked_at"]) == (3, 0, None)
    assert lease["granted_by"] == str(dana.id)
    assert {"id", "ttl_until", "created", "updated", "reason"} <= lease.keys()


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, ["/capability"]),
        ({"capability": 5}, ["/capability"]),
        ({"capability": "   "}, ["/capability"]),
        ({"capability": "a", "ttl_secs": "1"}, ["/ttl_secs"]),
        ({"capability": "a", "ttl_secs": True}, ["/ttl_secs"]),
        ({"capability": "a", "ttl_secs": 1.5}, ["/ttl_secs"]),
        ({"capability": "a", "ttl_secs": -1}, ["/ttl_secs"]),
        ({"capability": "a", "budget": 0}, ["/budget"]),
        ({"capability": "a", "scope": []}, ["/scope"]),
        ({"capability": "a", "reason": "x" * 501}, ["/reason"]),
        ([], [""]),
    ],
)
def test_it_points_at_faults_of_the_body(
    api: ApiFor, dana: User, body: object, where: list[str]
) -> None:
    refused = problem(api(dana).post("/leases", body), 400, "Invalid Lease")
    assert pointers(refused) == where
    assert not Lease.objects.exists()


def test_it_lists_live_leases_and_the_past_on_request(api: ApiFor, dana: User, alice: User) -> None:
    live = grant()
    expired = grant(now=NOW, ttl_secs=1)
    used_up = grant(budget=1)
    Lease.objects.filter(pk=used_up.pk).update(used=1)
    shown = api(alice).get("/state/leases").json()
    assert (shown["count"], [item["id"] for item in shown["items"]]) == (1, [str(live.id)])
    everything = api(alice).get("/state/leases?all=true").json()
    assert {item["id"] for item in everything["items"]} == {
        str(lease.id) for lease in (live, expired, used_up)
    }
    assert api(alice).get("/state/leases?all=true&limit=1").json()["count"] == 1


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1.5", ""])
def test_it_refuses_a_limit_that_is_none(api: ApiFor, alice: User, limit: str) -> None:
    refused = api(alice).get(f"/state/leases?limit={limit}")
    assert problem(refused, 400)["code"] == "invalid_query"


def test_it_shows_leases_to_members_only(api: ApiFor, charlie: User) -> None:
    problem(api(charlie).get("/state/leases"), 403, "Lease Read Forbidden")
    problem(api(None).get("/state/leases"), 401, "Unauthorized")
    problem(api(None).post("/leases", {"capability": "a"}), 401, "Unauthorized")
