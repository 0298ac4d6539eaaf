"""The beliefs of a record as the reference shows them, and whether what they cite still holds."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from leases.models import Lease, User
from leases.services.revoking import lease_revoke
from telemetry.memory.beliefs import world_beliefs
from telemetry.memory.held import Standing
from telemetry.memory.items import item_erase
from tests.fixtures import ApiFor
from tests.people import make_persona, problem
from tests.telemetry.memory.memories import remember, share

UPDATED = "2026-01-31T12:00:00.000Z"
RECORD: dict[str, Any] = {
    "id": "persona.alpha",
    "owner_kind": "workspace",
    "owner_ref": "local",
    "name": "Companion",
    "archetype": None,
    "traits": {"Tone of voice": "warm", "pace": 3},
    "preferences": {"cite": True},
    "worldview": {"focus": ["a", "b", "c", "d", "e"]},
    "vibe_profile": {},
    "calibration": {},
}


def beliefs(standings: dict[str, Standing] | None = None, **fields: Any) -> list[dict[str, Any]]:
    document = {**RECORD, **fields}
    return world_beliefs(document, version=3, updated=UPDATED, standings=standings or {})


def test_it_has_the_reference_values() -> None:
    found = {one["id"]: one for one in beliefs()}
    assert list(found) == [
        "persona::persona.alpha::profile",
        "persona::persona.alpha::persona_trait::tone-of-voice",
        "persona::persona.alpha::persona_trait::pace",
        "persona::persona.alpha::persona_preference::cite",
        "persona::persona.alpha::persona_worldview::focus",
    ]
    assert [one["confidence"] for one in found.values()] == [0.62, 0.558, 0.558, 0.527, 0.62]
    tone = found["persona::persona.alpha::persona_trait::tone-of-voice"]
    assert tone == {
        "id": "persona::persona.alpha::persona_trait::tone-of-voice",
        "persona_id": "persona.alpha",
        "lane": "worldview",
        "slot": "persona_trait",
        "kind": "persona_trait",
        "label": "Tone of voice",
        "summary": "warm",
        "value": "warm",
        "confidence": 0.558,
        "weight": 0.558,
        "updated": UPDATED,
        "source": "persona",
        "rationale": {"type": "persona_trait", "label": "Tone of voice"},
        "citations": [],
        "standing": "uncited",
    }
    profile = found["persona::persona.alpha::profile"]
    assert profile["rationale"] == {"type": "persona_profile", "version": 3}
    assert (profile["name"], profile["traits"]) == ("Companion", RECORD["traits"])
    assert found["persona::persona.alpha::persona_worldview::focus"]["summary"] == "a, b, c, d, …"


@pytest.mark.parametrize(
    ("calibrated", "confidences"),
    [
        (0.8, [0.8, 0.72, 0.68, 0.8]),
        (0.0, [0.0, 0.05, 0.05, 0.0]),
        ("high", [0.62, 0.558, 0.527, 0.62]),
    ],
)
def test_it_is_as_sure_as_the_calibration(calibrated: Any, confidences: list[float]) -> None:
    found = beliefs(calibration={"confidence": calibrated}, traits={"pace": 3})
    assert [one["confidence"] for one in found] == confidences


@pytest.mark.parametrize(
    ("value", "summary"),
    [
        ("x" * 160, "x" * 160),
        ("x" * 161, "x" * 160 + "…"),
        ({}, "{}"),
        ([], "[]"),
        ({"b": 1, "a": None}, "a: null, b: 1"),
        (dict.fromkeys("abcde", 0), "a: 0, b: 0, c: 0, d: 0, …"),
        (True, "true"),
        (0.5, "0.5"),
    ],
)
def test_it_sums_up_a_value(value: Any, summary: str) -> None:
    assert beliefs(traits={"x": value})[1]["summary"] == summary


def test_it_shows_16_of_each_and_no_id_twice() -> None:
    found = beliefs(traits={f"t {n:02}": n for n in range(20)}, preferences=["a", "b"] * 10)
    traits = [one for one in found if one["slot"] == "persona_trait"]
    assert len(traits) == 16
    assert len({one["id"] for one in found}) == len(found)
    named = [one["label"] for one in found if one["slot"] == "persona_preference"]
    assert named[:2] == ["persona preference 1", "persona preference 2"]
    assert len(named) == 16
    same = beliefs(traits={"a b": 1, "a-b": 2, "!": 3, "": 4})
    assert [one["label"] for one in same if one["slot"] == "persona_trait"] == ["!", "a b"]


def test_it_shows_the_beliefs_of_the_worldview_with_what_they_cite() -> None:
    held, gone, hidden = (str(uuid.uuid4()) for _ in range(3))
    worldview = {
        "beliefs": [
            {"id": "one", "statement": "One.", "confidence": 0.9, "citations": [held, gone]},
            {"id": "two", "statement": "Two.", "citations": [gone, hidden]},
            {"id": "three", "statement": "Three.", "citations": [held]},
            "Four.",
        ]
    }
    states = {held: Standing.SHARED, gone: Standing.ERASED}
    found = [one for one in beliefs(states, worldview=worldview) if one["kind"].endswith("view")]
    assert [one["id"].rsplit("::", 1)[1] for one in found] == ["beliefs", "one", "two", "three", "four"]  # fmt: skip
    assert [one["standing"] for one in found] == ["uncited", "partly", "lost", "holds", "uncited"]
    assert [one["confidence"] for one in found] == [0.62, 0.9, 0.62, 0.62, 0.62]
    assert found[2]["citations"] == [
        {"id": gone, "state": "erased"},
        {"id": hidden, "state": "unknown"},
    ]


@pytest.mark.django_db
def test_it_tells_over_http_what_still_holds(alice: User, dana: User, api: ApiFor) -> None:
    shared, erased = remember(alice, "One."), remember(alice, "Two.")
    belief = {"statement": "One.", "citations": [str(shared.pk), str(erased.pk)]}
    persona = make_persona(worldview={"beliefs": [belief]})
    lease = share()
    item_erase(actor=alice, item_id=erased.pk, now=timezone.now())
    path = f"/state/persona/{persona.pk}/beliefs"
    answer = api(alice).get(path).json()
    assert (answer["persona_id"], answer["version"]) == (persona.pk, 1)
    last = answer["items"][-1]
    assert [one["state"] for one in last["citations"]] == ["shared", "erased"]
    assert last["standing"] == "partly"
    lease_revoke(actor=dana, lease_id=lease.pk, now=timezone.now())
    last = api(alice).get(path).json()["items"][-1]
    assert [one["state"] for one in last["citations"]] == ["unshared", "erased"]
    assert last["standing"] == "lost"


@pytest.mark.django_db
def test_it_tells_of_what_is_cited_beside_the_list_too(alice: User, api: ApiFor) -> None:
    cited = [str(remember(alice, "One.").pk), "a book"]
    told = {"says": "Warm.", "citations": cited}
    persona = make_persona(traits={"tone": told}, preferences=[told], worldview={"focus": told})
    share()
    items = api(alice).get(f"/state/persona/{persona.pk}/beliefs").json()["items"]
    assert [one["citations"] for one in items[1:]] == [[{"id": cited[0], "state": "shared"}]] * 3
    assert [one["standing"] for one in items] == ["uncited", "holds", "holds", "holds"]


@pytest.mark.django_db
def test_it_is_for_members(charlie: User, alice: User, persona: Any, api: ApiFor) -> None:
    path = f"/state/persona/{persona.pk}/beliefs"
    problem(Client().get(path), 401)
    problem(api(charlie).get(path), 403, "Persona Read Forbidden")
    problem(api(alice).get("/state/persona/none/beliefs"), 404, "Persona Not Found")
    assert api(alice).get(path).status_code == 200
    assert not Lease.objects.exists()
