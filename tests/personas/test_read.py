"""Reading personas and their history: lists by cursor, ETags, links (contract §2, §3, §5)."""

import base64
import json
from itertools import pairwise

import pytest
from django.utils import timezone

from leases.models import User
from personas.models import Persona
from personas.services.decisions import proposal_approve
from tests.fixtures import ApiFor
from tests.people import NOW, SECOND, Api, grant, make_persona, problem, propose

pytestmark = pytest.mark.django_db
LISTS = ("/state/persona", "/state/persona/persona.alpha/history", "/state/proposals")


def cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def approved(persona: Persona, bob: User, *tones: str) -> None:
    grant()
    for tone in tones:
        diff = [{"op": "replace", "path": "/traits/tone", "value": tone}]
        proposal = propose(persona, diff)
        proposal_approve(actor=bob, proposal_id=proposal.pk, now=timezone.now())


def walk(client: Api, path: str, **query: object) -> list[str]:
    """The ids of every page."""
    found: list[str] = []
    following: str | None = ""
    while following is not None:
        text = "&".join(f"{key}={value}" for key, value in query.items())
        page = client.get(f"{path}?{text}&cursor={following}").json()
        found += [str(item.get("proposal_id") or item["id"]) for item in page["items"]]
        following = page["next"]
    return found


def test_it_lists_the_newest_first(api: ApiFor, alice: User) -> None:
    for at in range(5):
        make_persona(f"persona.{at}", now=NOW + at * SECOND)
    client = api(alice)
    ids = [f"persona.{at}" for at in (4, 3, 2, 1, 0)]
    assert walk(client, "/state/persona") == ids
    assert walk(client, "/state/persona", limit=2) == ids
    assert walk(client, "/state/persona", limit=1) == ids
    assert client.get("/state/persona?limit=5").json()["next"] is None


def test_it_tells_apart_what_changed_in_the_same_millisecond(api: ApiFor, alice: User) -> None:
    for at in range(5):
        make_persona(f"persona.{at}", now=NOW)
    assert walk(api(alice), "/state/persona", limit=2) == [
        f"persona.{at}" for at in (4, 3, 2, 1, 0)
    ]


def test_it_neither_repeats_nor_skips_while_rows_come(api: ApiFor, alice: User) -> None:
    for at in range(4):
        make_persona(f"persona.{at}", now=NOW + at * SECOND)
    client = api(alice)
    first = client.get("/state/persona?limit=2").json()
    make_persona("persona.new", now=NOW + 60 * SECOND)
    second = client.get(f"/state/persona?limit=2&cursor={first['next']}").json()
    seen = [item["id"] for item in first["items"] + second["items"]]
    assert seen == ["persona.3", "persona.2", "persona.1", "persona.0"]


def test_it_filters_by_owner(api: ApiFor, alice: User) -> None:
    make_persona("persona.a", owner_kind="project", owner_ref="p1")
    make_persona("persona.b", owner_kind="project", owner_ref="p2")
    make_persona("persona.c", owner_kind="workspace", owner_ref="p1")
    client = api(alice)
    assert walk(client, "/state/persona", owner_kind="project", owner_ref="p1") == ["persona.a"]
    assert set(walk(client, "/state/persona", owner_kind="project")) == {"persona.a", "persona.b"}
    assert set(walk(client, "/state/persona", owner_ref="p1")) == {"persona.a", "persona.c"}
    assert walk(client, "/state/persona", owner_kind="team") == []
    assert walk(client, "/state/persona", owner_ref="%00") == []


def test_it_counts_what_can_still_be_decided(api: ApiFor, alice: User, persona: Persona) -> None:
    propose(persona)
    propose(persona, now=NOW - SECOND)  # expired long ago
    (item,) = api(alice).get("/state/persona").json()["items"]
    assert (item["pending_proposals"], item["approvals_required"]) == (1, True)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", ["0", "-5", "abc", "1.5", "", "٣", "9" * 30])
def test_it_refuses_a_limit_that_is_none(
    api: ApiFor, alice: User, persona: Persona, path: str, limit: str
) -> None:
    refused = problem(api(alice).get(f"{path}?limit={limit}"), 400)
    assert refused["code"] == "invalid_query"
    assert [fault["pointer"] for fault in refused["errors"]] == ["?limit"]


@pytest.mark.parametrize("path", LISTS)
def test_it_clamps_a_limit_above_the_cap(
    api: ApiFor, alice: User, persona: Persona, path: str
) -> None:
    assert api(alice).get(f"{path}?limit=99999").status_code == 200


BAD_CURSORS = [
    "x",
    "%00",
    "ü",
    "=",
    cursor(),
    cursor("x"),
    cursor(True),
    cursor(1, 2, 3),
    cursor(1.5, "a"),
    cursor(None, None),
    cursor({}, []),
    cursor("x", "y"),
    cursor(10**30, "a"),
    cursor(1e300, "a"),
    cursor(float("nan"), "a"),
    cursor(1, "a\x00b"),
    cursor(1, "\ud800"),
    cursor(10**30),
    cursor(-(10**30)),
    cursor("2026-01-01", "00000000-0000-0000-0000-000000000000"),
    cursor("9999-12-31T23:59:59-23:59", "00000000-0000-0000-0000-000000000000"),
    cursor("0001-01-01T00:00:00+23:59", "00000000-0000-0000-0000-000000000000"),
    cursor("2026-01-01T00:00:00Z", "x"),
    base64.urlsafe_b64encode(b"[" * 5000).decode(),
]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("text", BAD_CURSORS)
def test_it_refuses_a_cursor_that_it_did_not_give(
    api: ApiFor, alice: User, persona: Persona, path: str, text: str
) -> None:
    refused = problem(api(alice).get(f"{path}?cursor={text}"), 400, "Invalid Request")
    assert refused["code"] == "invalid_query"


def test_it_shows_one(api: ApiFor, alice: User, persona: Persona) -> None:
    proposal = propose(persona)
    shown = api(alice).get("/state/persona/persona.alpha").json()
    assert shown["id"] == "persona.alpha"
    assert [one["proposal_id"] for one in shown["pending_proposals"]] == [str(proposal.pk)]
    assert shown["approvals_required"] is True
    assert shown["links"] == {
        name: f"/state/persona/persona.alpha/{name}"
        for name in ("history", "vibe_history", "vibe_metrics", "vibe_aggregates")
    }
    assert "vibe_metrics_preview" not in shown


@pytest.mark.parametrize("path", [*LISTS, "/state/persona/persona.alpha"])
def test_it_answers_304_until_something_changes(
    api: ApiFor, alice: User, bob: User, persona: Persona, path: str
) -> None:
    client = api(alice)
    first = client.get(path)
    etag = first["ETag"]
    assert first["Cache-Control"] == "private, no-cache"
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = client.get(path, **{"If-None-Match": known})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    assert client.get(path, **{"If-None-Match": '"other"'}).status_code == 200
    approved(persona, bob, "warm")
    changed = client.get(path, **{"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed["ETag"] != etag


@pytest.mark.parametrize(
    "name", ["nope", "a%00b", "%FF", "persona.alpha%0A", "PERSONA.ALPHA", "a" * 300, "%F0%9F%98%80"]
)
def test_it_answers_404_for_what_is_not_there(
    api: ApiFor, alice: User, persona: Persona, name: str
) -> None:
    for path in (f"/state/persona/{name}", f"/state/persona/{name}/history"):
        problem(api(alice).get(path), 404, "Persona Not Found")
    problem(api(alice).get(f"/state/proposals/{name}"), 404, "Proposal Not Found")
    assert walk(api(alice), "/state/proposals", persona=name) == []


def test_it_pages_history(api: ApiFor, alice: User, bob: User, persona: Persona) -> None:
    approved(persona, bob, "a", "b", "c")
    client = api(alice)
    path = "/state/persona/persona.alpha/history"
    everything = client.get(path).json()["items"]
    assert [entry["version"] for entry in everything] == [4, 3, 2, 1]
    assert [entry["kind"] for entry in everything] == ["proposal"] * 3 + ["create"]
    for newer, older in pairwise(everything):
        assert newer["prev_hash"] == older["entry_hash"]
    first = client.get(f"{path}?limit=2").json()
    approved(persona, bob, "d")
    second = client.get(f"{path}?limit=2&cursor={first['next']}").json()
    assert [entry["version"] for entry in first["items"] + second["items"]] == [4, 3, 2, 1]
    assert second["next"] is None


def test_it_lists_proposals_by_status(
    api: ApiFor, alice: User, bob: User, persona: Persona
) -> None:
    pending = propose(persona)
    expired = propose(persona, now=NOW)
    approved(persona, bob, "x")
    client = api(alice)
    assert walk(client, "/state/proposals", status="pending") == [str(pending.pk)]
    assert walk(client, "/state/proposals", status="expired") == [str(expired.pk)]
    assert len(walk(client, "/state/proposals", status="approved", limit=1)) == 1
    assert len(walk(client, "/state/proposals", limit=1)) == 3
    assert walk(client, "/state/proposals", persona="other") == []
    problem(client.get("/state/proposals?status=open"), 400, "Invalid Request")


@pytest.mark.parametrize("path", [*LISTS, "/state/persona/persona.alpha"])
def test_it_is_for_members(api: ApiFor, charlie: User, persona: Persona, path: str) -> None:
    problem(api(charlie).get(path), 403, "Persona Read Forbidden")
    problem(api(None).get(path), 401, "Unauthorized")
