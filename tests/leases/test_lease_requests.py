"""Asking for leases, and the answers (contract §6, §13)."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from leases.errors import (
    InvalidLease,
    LeaseManageForbidden,
    LeaseReadForbidden,
    LeaseRequestLimit,
    LeaseRequestNotFound,
    LeaseRequestNotPending,
)
from leases.models import Lease, LeaseRequest, User
from leases.services.requests import (
    PENDING_AT_MOST,
    lease_request,
    lease_request_cancel,
    lease_request_deny,
    lease_request_grant,
)
from tests.fixtures import ApiFor
from tests.leases.news import heard
from tests.people import NOW, SECOND, pointers, problem

pytestmark = pytest.mark.django_db
MISSING = "00000000-0000-0000-0000-000000000000"
DAY = timedelta(days=1)


def ask(actor: User, **terms: object) -> LeaseRequest:
    return lease_request(
        **{
            "actor": actor,
            "capability": "persona:manage",
            "reason": "the review",
            "now": NOW,
            **terms,
        }
    )


def rows() -> list[object]:
    return [*LeaseRequest.objects.order_by("pk").values(), *Lease.objects.values()]


def test_it_asks_and_lends_nothing(alice: User) -> None:
    with heard() as news:
        asked = ask(alice, scope="workspace", ttl_secs=10**9, budget=3, reason=" the review ")
    assert (asked.requester, asked.status, asked.created) == (alice, "pending", NOW)
    assert (asked.scope, asked.ttl_secs, asked.budget) == ("workspace", 86_400, 3)
    assert asked.reason == "the review"
    assert news == [("lease_requested", asked.id, alice)]
    assert not Lease.objects.exists()


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        ({"reason": "  "}, "/reason"),
        ({"reason": "x" * 501}, "/reason"),
        ({"capability": ""}, "/capability"),
        ({"scope": "everything"}, "/scope"),
        ({"ttl_secs": -1}, "/ttl_secs"),
        ({"budget": 0}, "/budget"),
    ],
)
def test_it_refuses_bad_terms(alice: User, terms: dict[str, object], pointer: str) -> None:
    with pytest.raises(InvalidLease) as refused:
        ask(alice, **terms)
    assert [fault.pointer for fault in refused.value.errors] == [pointer]
    assert rows() == []


def test_it_is_for_members(charlie: User, api: ApiFor) -> None:
    with pytest.raises(LeaseReadForbidden):
        ask(charlie)
    for refused in (
        api(charlie).post("/leases/requests", b"{"),
        api(charlie).get("/state/lease-requests"),
    ):
        problem(refused, 403, "Lease Read Forbidden")
    unknown = api(charlie).post(f"/leases/requests/{MISSING}/cancel")
    problem(unknown, 404, "Lease Request Not Found")
    assert rows() == []


def test_it_starts_the_time_at_the_grant(alice: User, dana: User) -> None:
    asked = ask(alice, scope="workspace", ttl_secs=600, budget=3)
    with heard() as news:
        lease = lease_request_grant(actor=dana, request_id=asked.id, now=NOW + DAY)
    assert lease.ttl_until == NOW + DAY + timedelta(seconds=600)
    assert (lease.subject, lease.capability) == (str(alice.id), "persona:manage")
    assert (lease.scope, lease.budget, lease.reason) == ("workspace", 3, "the review")
    assert (lease.granted_by, lease.created) == (dana, NOW + DAY)
    asked.refresh_from_db()
    assert (asked.status, asked.lease, asked.decided_by) == ("granted", lease, dana)
    assert asked.decided_at == NOW + DAY
    assert news == [
        ("lease_created", lease.id, dana),
        ("lease_request_decided", asked.id, dana),
    ]


def test_it_lends_on_other_terms(alice: User, dana: User) -> None:
    asked = ask(alice, ttl_secs=600, budget=3)
    lease = lease_request_grant(
        actor=dana, request_id=asked.id, ttl_secs=60, budget=None, reason="once", now=NOW
    )
    assert (lease.ttl_until, lease.budget) == (NOW + timedelta(seconds=60), None)
    asked.refresh_from_db()
    assert (lease.reason, asked.decision_reason, asked.ttl_secs) == ("once", "once", 600)


def test_it_denies_with_a_reason(alice: User, dana: User) -> None:
    asked = ask(alice)
    before = rows()
    with pytest.raises(InvalidLease) as refused:
        lease_request_deny(actor=dana, request_id=asked.id, reason=" ", now=NOW)
    assert [fault.pointer for fault in refused.value.errors] == ["/reason"]
    assert rows() == before
    with heard() as news:
        denied = lease_request_deny(
            actor=dana, request_id=asked.id, reason="too wide", now=NOW + SECOND
        )
    assert (denied.status, denied.decision_reason) == ("denied", "too wide")
    assert news == [("lease_request_decided", asked.id, dana)]
    assert not Lease.objects.exists()


def test_it_takes_back_ones_own_only(alice: User, bob: User, dana: User) -> None:
    asked = ask(alice)
    before = rows()
    for other in (bob, dana):
        with pytest.raises(LeaseRequestNotFound):
            lease_request_cancel(actor=other, request_id=asked.id, now=NOW)
    assert rows() == before
    cancelled = lease_request_cancel(actor=alice, request_id=asked.id, now=NOW)
    assert (cancelled.status, cancelled.decided_by) == ("cancelled", alice)


@pytest.mark.parametrize("first", ["grant", "deny", "cancel"])
def test_it_decides_once(alice: User, dana: User, first: str) -> None:
    asked = ask(alice)
    answers = {
        "grant": lambda: lease_request_grant(actor=dana, request_id=asked.id, now=NOW),
        "deny": lambda: lease_request_deny(actor=dana, request_id=asked.id, reason="no", now=NOW),
        "cancel": lambda: lease_request_cancel(actor=alice, request_id=asked.id, now=NOW),
    }
    answers[first]()
    before = rows()
    with heard() as news:
        for answer in answers.values():
            with pytest.raises(LeaseRequestNotPending):
                answer()
    assert (rows(), news) == (before, [])


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_it_is_answered_by_admins(
    who: str, request: pytest.FixtureRequest, alice: User, api: ApiFor
) -> None:
    actor = request.getfixturevalue(who)
    asked = ask(alice)
    before = rows()
    with pytest.raises(LeaseManageForbidden):
        lease_request_grant(actor=actor, request_id=asked.id, now=NOW)
    with pytest.raises(LeaseManageForbidden):
        lease_request_deny(actor=actor, request_id=asked.id, reason="no", now=NOW)
    for verb in ("grant", "deny"):
        answer = api(actor).post(f"/leases/requests/{asked.id}/{verb}", b"{")
        problem(answer, 403, "Lease Manage Forbidden")
        unknown = api(actor).post(f"/leases/requests/{MISSING}/{verb}", b"{")
        problem(unknown, 404, "Lease Request Not Found")
    assert rows() == before


def test_it_answers_over_http(api: ApiFor, alice: User, dana: User) -> None:
    body = {"capability": "persona:manage", "ttl_secs": 600, "reason": "the review"}
    created = api(alice).post("/leases/requests", body)
    assert created.status_code == 201
    asked = created.json()
    assert (asked["requester"], asked["status"]) == (str(alice.id), "pending")
    assert (asked["lease_id"], asked["decided_at"]) == (None, None)
    granted = api(dana).post(f"/leases/requests/{asked['id']}/grant", {"budget": 2})
    assert granted.status_code == 201
    assert (granted.json()["subject"], granted.json()["budget"]) == (str(alice.id), 2)
    (shown,) = api(alice).get("/state/lease-requests?status=granted").json()["items"]
    assert (shown["lease_id"], shown["decided_by"]) == (granted.json()["id"], str(dana.id))
    again = api(dana).post(f"/leases/requests/{asked['id']}/deny", {"reason": "no"})
    refused = problem(again, 409, "Lease Request Not Pending")
    assert refused["request_status"] == "granted"
    assert Lease.objects.count() == 1


def test_it_points_at_faults_of_the_body(api: ApiFor, alice: User, dana: User) -> None:
    for body, where in (
        ({"capability": "a"}, ["/reason"]),
        ({"capability": "a", "reason": ""}, ["/reason"]),
        ({"reason": "x"}, ["/capability"]),
        ({"capability": "a", "reason": "x", "budget": "3"}, ["/budget"]),
        ([], [""]),
    ):
        refused = problem(api(alice).post("/leases/requests", body), 400, "Invalid Lease")
        assert pointers(refused) == where
    assert rows() == []
    asked = ask(alice)
    denied = api(dana).post(f"/leases/requests/{asked.id}/deny", {})
    assert pointers(problem(denied, 400, "Invalid Lease")) == ["/reason"]
    granted = api(dana).post(f"/leases/requests/{asked.id}/grant", {"ttl_secs": -1})
    assert pointers(problem(granted, 400, "Invalid Lease")) == ["/ttl_secs"]
    problem(api(dana).post(f"/leases/requests/{MISSING}/grant"), 404, "Lease Request Not Found")
    asked.refresh_from_db()
    assert asked.status == "pending"


def test_it_cancels_and_denies_over_http(api: ApiFor, alice: User, bob: User, dana: User) -> None:
    first, second = ask(alice), ask(alice)
    problem(api(bob).post(f"/leases/requests/{first.id}/cancel"), 404, "Lease Request Not Found")
    taken_back = api(alice).post(f"/leases/requests/{first.id}/cancel")
    assert (taken_back.status_code, taken_back.json()["status"]) == (200, "cancelled")
    denied = api(dana).post(f"/leases/requests/{second.id}/deny", {"reason": "too wide"})
    assert denied.json()["status"] == "denied"
    assert denied.json()["decision_reason"] == "too wide"


def test_it_lists_ones_own_and_everybodys_for_admins(
    api: ApiFor, alice: User, bob: User, dana: User
) -> None:
    for number, actor in enumerate((alice, bob, dana, alice)):
        ask(actor, now=NOW + number * SECOND)
    everybodys = api(dana).get("/state/lease-requests?limit=3").json()
    assert len(everybodys["items"]) == 3
    rest = api(dana).get(f"/state/lease-requests?limit=3&cursor={everybodys['next']}").json()
    times = [one["created"] for one in (*everybodys["items"], *rest["items"])]
    assert (times, rest["next"]) == (sorted(times, reverse=True), None)
    assert len(times) == 4
    own = api(alice).get("/state/lease-requests").json()["items"]
    assert {one["requester"] for one in own} == {str(alice.id)}
    assert len(own) == 2
    mine = api(dana).get("/state/lease-requests?whose=me").json()["items"]
    assert [one["requester"] for one in mine] == [str(dana.id)]
    assert api(alice).get("/state/lease-requests?status=denied").json()["items"] == []
    refused = problem(api(alice).get("/state/lease-requests?status=odd"), 400)
    assert pointers(refused) == ["?status"]


def test_it_takes_twenty_requests_of_one_at_a_time(
    api: ApiFor, alice: User, bob: User, dana: User
) -> None:
    asked = [ask(alice) for _ in range(PENDING_AT_MOST)]
    before = rows()
    with heard() as news, pytest.raises(LeaseRequestLimit) as refused:
        ask(alice)
    assert "20 of your requests wait for an answer already" in refused.value.detail
    body = {"capability": "persona:manage", "reason": "one more"}
    told = problem(api(alice).post("/leases/requests", body), 409, "Lease Request Limit Reached")
    assert (told["code"], told["pending"], told["limit"]) == ("lease_request_limit", 20, 20)
    assert (rows(), news) == (before, [])
    ask(bob)
    lease_request_cancel(actor=alice, request_id=asked[0].id, now=NOW)
    ask(alice)
    with pytest.raises(LeaseRequestLimit):
        ask(alice)
    lease_request_deny(actor=dana, request_id=asked[1].id, reason="no", now=NOW)
    ask(alice)
    assert LeaseRequest.objects.pending().of(alice).count() == PENDING_AT_MOST


@pytest.mark.django_db(transaction=True)
def test_it_gives_the_last_place_to_one(alice: User) -> None:
    for _ in range(PENDING_AT_MOST - 1):
        ask(alice)
    together, outcomes = Barrier(4), []

    def run() -> None:
        try:
            together.wait(60)
            ask(alice)
            outcomes.append("asked")
        except LeaseRequestLimit:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["asked", "refused", "refused", "refused"]
    assert LeaseRequest.objects.pending().count() == PENDING_AT_MOST
