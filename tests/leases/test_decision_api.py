"""The decision log over HTTP: search, export, and who may."""

import json
import tracemalloc
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync

from leases.decision_selectors import decision_chunks, decision_chunks_async
from leases.instants import rfc3339
from leases.models import DecisionEntry, User
from tests.fixtures import ApiFor
from tests.people import NOW, SECOND, pointers, problem

LEASE = "11111111-2222-4333-8444-555555555555"


def entry(**fields: object) -> DecisionEntry:
    return DecisionEntry.objects.create(
        **{
            "at": NOW,
            "action": "persona.manage",
            "persona_id": "persona.alpha",
            "allowed": False,
            "reason": "lease_required",
            **fields,
        }
    )


@pytest.fixture
def log(alice: User, bob: User) -> dict[str, int]:
    """Four decisions, by a name each."""
    return {
        "plain": entry(actor=alice).id,
        "early": entry(actor=alice, at=NOW - timedelta(hours=1), reason="policy_forbid").id,
        "other": entry(actor=bob, persona_id="persona.beta", policy_revision="ab" * 32).id,
        "counted": entry(
            actor=bob,
            at=NOW + SECOND,
            hour=NOW,
            count=7,
            action="telemetry.persona.workspace",
            allowed=True,
            reason="lease_satisfied",
            lease_id=LEASE,
        ).id,
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["counted", "other", "plain", "early"]),
        ("actor=alice", ["plain", "early"]),
        ("action=persona.manage&persona=persona.beta", ["other"]),
        ("action=telemetry.", ["counted"]),
        ("allowed=false&actor=bob", ["other"]),
        ("reason=policy_forbid", ["early"]),
        (f"since={rfc3339(NOW)}&until={rfc3339(NOW + SECOND)}", ["other", "plain"]),
        (f"lease={LEASE}", ["counted"]),
        ("revision=abab", ["other"]),
        ("persona=persona.none", []),
    ],
)
def test_it_finds_what_the_filters_leave(
    api: ApiFor, dana: User, log: dict[str, int], query: str, names: list[str]
) -> None:
    answer = api(dana).get(f"/state/decisions?{query}")
    found = [item["id"] for item in answer.json()["items"]]
    export = api(dana).get(f"/state/decisions/export?{query}")
    lines = [json.loads(line) for line in b"".join(export.streaming_content).splitlines()]

    assert found == [log[name] for name in names]
    assert [line["id"] for line in lines] == sorted(found)
    assert {line["id"]: line for line in lines} == {
        item["id"]: item for item in answer.json()["items"]
    }


@pytest.mark.django_db
def test_it_names_ids_and_nobody(api: ApiFor, dana: User, bob: User, log: dict[str, int]) -> None:
    item = api(dana).get("/state/decisions?limit=1").json()["items"][0]

    assert item == {
        "id": log["counted"],
        "at": "2026-01-31T12:00:01.000000Z",
        "hour": "2026-01-31T12:00:00.000000Z",
        "count": 7,
        "actor": str(bob.id),
        "action": "telemetry.persona.workspace",
        "persona_id": "persona.alpha",
        "owner_kind": None,
        "owner_ref": None,
        "allowed": True,
        "reason": "lease_satisfied",
        "required_capability": None,
        "policy_revision": None,
        "lease_id": LEASE,
        "inputs": {},
    }


@pytest.mark.django_db
def test_it_pages_by_key(api: ApiFor, dana: User, log: dict[str, int]) -> None:
    seen, cursor = [], ""
    while True:
        page = api(dana).get(f"/state/decisions?limit=1&cursor={cursor}").json()
        seen += [item["id"] for item in page["items"]]
        entry(at=NOW + timedelta(days=1))
        cursor = page["next"]
        if cursor is None:
            break

    assert seen == [log[name] for name in ("counted", "other", "plain", "early")]


@pytest.mark.django_db
@pytest.mark.parametrize("route", ["/state/decisions", "/state/decisions/export"])
def test_it_names_each_bad_filter(api: ApiFor, dana: User, route: str) -> None:
    bad = (
        "actor=nobody&allowed=perhaps&since=yesterday&until=2026-01-31T12:00:00&lease=x&revision=Z"
    )
    document = problem(api(dana).get(f"{route}?{bad}"), 400, "Invalid Request")

    names = ["actor", "allowed", "since", "until", "lease", "revision"]
    assert pointers(document) == [f"?{name}" for name in names]


@pytest.mark.django_db
@pytest.mark.parametrize("route", ["/state/decisions", "/state/decisions/export"])
def test_it_refuses_filters_that_no_database_can_hold(api: ApiFor, dana: User, route: str) -> None:
    names = ("action", "persona", "reason")
    query = "&".join(f"{name}=a%00b" for name in names)
    document = problem(api(dana).get(f"{route}?{query}"), 400, "Invalid Request")
    assert sorted(pointers(document)) == [f"?{name}" for name in names]


@pytest.mark.django_db
@pytest.mark.parametrize("route", ["/state/decisions", "/state/decisions/export"])
def test_it_is_for_admins(api: ApiFor, bob: User, log: dict[str, int], route: str) -> None:
    problem(api(None).get(route), 401, "Unauthorized")
    assert DecisionEntry.objects.count() == len(log)
    problem(api(bob).get(route), 403, "Lease Manage Forbidden")

    newest = DecisionEntry.objects.latest("id")
    assert (newest.actor, newest.action, newest.reason) == (bob, "leases.manage", "role_required")


@pytest.mark.django_db
def test_it_exports_many_in_little_memory(alice: User) -> None:
    inputs = {"groups": ["members"], "leases": [], "pad": "x" * 500}
    DecisionEntry.objects.bulk_create(
        (
            DecisionEntry(at=NOW, actor=alice, action="a", allowed=False, reason="r", inputs=inputs)
            for _ in range(20_000)
        ),
        batch_size=1000,
    )
    tracemalloc.start()
    try:
        size = lines = 0
        for text in decision_chunks(DecisionEntry.objects.all()):
            size += len(text)
            lines += text.count("\n")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert lines == 20_000
    assert size > 12_000_000
    assert peak < 6_000_000


@pytest.mark.django_db(transaction=True)
def test_it_exports_on_an_event_loop_too() -> None:
    for _ in range(3):
        entry()

    async def gathered() -> str:
        chunks = decision_chunks_async(DecisionEntry.objects.all())
        return "".join([text async for text in chunks])

    assert async_to_sync(gathered)().count("\n") == 3


@pytest.mark.django_db
def test_it_holds_who_was_refused_a_policy_of_the_past(api: ApiFor, alice: User) -> None:
    problem(api(alice).get("/state/policy?revision=abcdef0"), 403, "Lease Manage Forbidden")
    (refused,) = DecisionEntry.objects.all()
    assert (refused.actor, refused.action, refused.allowed) == (alice, "leases.manage", False)
    assert api(alice).get("/state/policy").status_code == 200
    assert DecisionEntry.objects.count() == 1
