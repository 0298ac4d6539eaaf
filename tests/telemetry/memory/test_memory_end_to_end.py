"""From 200 memory events to a worldview that people reviewed, and back when sharing ends.

Everything through the API, as agents and people use it (contract §10, spec 001 "Guardrails").
"""

import json
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from telemetry.memory.bridge_principal import BRIDGE_ID
from telemetry.models import MemoryItem
from tests.people import Api, grant, make_persona, someone

PERSONA = "persona.shore"
HERE = {"owner_kind": "workspace", "owner_ref": "shore"}
ELSEWHERE = {"owner_kind": "workspace", "owner_ref": "harbour"}
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

ALICES = ("Tides decide the day", "Gulls follow the boats", "Nets dry by noon")
BOTH = ("Fog muffles the bell", "Salt keeps the ropes")
DANAS = ("Lamps are lit at dusk", "Children gather shells")
PRIVATE = ("Bob owes the chandler", "Bob dreams of leaving")
FOREIGN = ("The harbour floods", "The crane is rusty")


@dataclass
class Shore:
    """The people at work, and which item is whose."""

    apis: dict[str, Api] = field(default_factory=dict)
    shared: dict[str, set[str]] = field(default_factory=lambda: {"alice": set(), "dana": set()})
    unshared: set[str] = field(default_factory=set)
    events: int = 0

    def act(self, who: str, kind: str, **given: Any) -> dict[str, Any]:
        response = self.apis[who].post("/actions", {"kind": kind, "input": given})
        assert response.status_code == 202, response.content
        return response.json()["output"]

    def remember(self, who: str, text: str, owner: dict[str, str], *, shared: bool) -> str:
        """One memory event. The text alone says what it is about: the lane states it."""
        self.events += 1
        item = {"lane": "semantic", "confidence": 0.8, "tags": [f"event-{self.events}"], **owner}
        item_id = str(self.act(who, "memory.upsert", text=text, **item)["item_id"])
        (self.shared[who] if shared else self.unshared).add(item_id)
        return item_id

    def suggest(self) -> dict[str, Any] | None:
        """What the bridge proposes for alice; None where nothing should change."""
        proposal_id = self.act("alice", "worldview.suggest", persona_id=PERSONA)["proposal_id"]
        return proposal_id and self.get("bob", f"/state/proposals/{proposal_id}")

    def get(self, who: str, path: str) -> dict[str, Any]:
        response = self.apis[who].get(path)
        assert response.status_code == 200, response.content
        return response.json()

    def approve(self, proposal: dict[str, Any]) -> None:
        """bob has read it, and says yes to just that."""
        reviewed = {"digest": proposal["digest"], "version": proposal["persona_version"]}
        place = f"/admin/persona/proposals/{proposal['proposal_id']}/approve"
        response = self.apis["bob"].post(place, {"reviewed": reviewed})
        assert response.status_code == 200, response.content

    def beliefs(self) -> dict[str, dict[str, Any]]:
        """The record's beliefs by what they say."""
        record = self.get("alice", f"/state/persona/{PERSONA}")
        return {one["statement"]: one for one in record["worldview"].get("beliefs", [])}

    def standings(self) -> dict[str, str]:
        """What each belief stands on, by what it says, as the read model has it."""
        items = self.get("alice", f"/state/persona/{PERSONA}/beliefs")["items"]
        return {one["label"]: one["standing"] for one in items if one["citations"]}


@pytest.fixture
def shore(db: None) -> Shore:
    """alice and dana share with the persona; bob writes for it too, and shares nothing."""
    for name in ("alice", "bob", "dana"):
        someone(name)
    make_persona(PERSONA, name="Shore", worldview={}, **HERE)
    grant("persona:manage")
    made = Shore({name: Api(someone(name)) for name in ("alice", "bob", "dana")})
    for name in ("alice", "dana"):
        grant("share:persona", subject=str(someone(name).pk), scope=f"persona:{PERSONA}")
    return made


def write(shore: Shore, who: str, statements: Iterable[str], *, shared: bool, times: int) -> None:
    owner = ELSEWHERE if statements is FOREIGN else HERE
    told = tuple(statements)
    for count in range(times):
        shore.remember(who, told[count % len(told)], owner, shared=shared)


def check_cites_only_shared(shore: Shore, proposal: dict[str, Any]) -> None:
    """Nothing that is not shared is in the proposal: no id of it, and no word."""
    text = json.dumps(proposal)
    named = set(UUID.findall(text))
    assert named & shore.unshared == set()
    assert named & set.union(*shore.shared.values())
    assert not [one for one in (*PRIVATE, *FOREIGN) if one in text]
    for added in additions(proposal):
        assert added["citations"]
        assert set(added["citations"]) <= set.union(*shore.shared.values())


def additions(proposal: dict[str, Any]) -> list[dict[str, Any]]:
    values = [op["value"] for op in proposal["diff"] if op["op"] == "add"]
    flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
    return [one for one in flat if isinstance(one, dict)]


def write_two_hundred(shore: Shore) -> None:
    """100 events that are shared and 100 that are not, of four kinds."""
    write(shore, "alice", (*ALICES, *BOTH), shared=True, times=50)
    write(shore, "dana", (*BOTH, *DANAS), shared=True, times=50)
    # bob speaks against what alice says, and of things of his own.
    against = tuple(f"against: {one}" for one in ALICES)
    write(shore, "bob", (*PRIVATE, *against), shared=False, times=50)
    # alice shares with a persona of the shore; what she writes for the harbour is not its matter.
    write(shore, "alice", FOREIGN, shared=False, times=50)


def test_it_makes_reviewed_beliefs_of_shared_memory_alone(shore: Shore) -> None:
    write_two_hundred(shore)
    assert shore.events == MemoryItem.objects.count() == 200
    assert len(shore.unshared) == 100

    proposal = shore.suggest()

    assert proposal is not None
    assert (proposal["submitted_by"], proposal["status"]) == (str(BRIDGE_ID), "pending")
    check_cites_only_shared(shore, proposal)
    assert shore.beliefs() == {}  # nothing before people said yes

    shore.approve(proposal)

    beliefs = shore.beliefs()
    assert set(beliefs) == {*ALICES, *BOTH, *DANAS}
    # One person for it: (0.5 + 0.8) / 1.8; two: (0.5 + 1.6) / 2.6. bob's "against" is not in it,
    # and having said it ten times weighs no more than once.
    assert {beliefs[one]["confidence"] for one in (*ALICES, *DANAS)} == {0.72}
    assert {beliefs[one]["confidence"] for one in BOTH} == {0.81}
    assert {len(beliefs[one]["citations"]) for one in BOTH} == {2}
    assert set(shore.standings().values()) == {"holds"}
    for belief in beliefs.values():
        for cited in belief["citations"]:
            opened = shore.act("bob", "memory.rehydrate", item_id=cited)
            assert (opened["state"], opened["item"]["text"]) == ("present", belief["statement"])
    assert shore.suggest() is None
    history = shore.get("alice", f"/state/persona/{PERSONA}/history")["items"]
    assert [one["kind"] for one in history] == ["proposal", "create"]


def test_it_follows_what_people_say_later(shore: Shore) -> None:
    write_two_hundred(shore)
    first = shore.suggest()
    assert first is not None
    shore.approve(first)
    before = shore.beliefs()

    shore.remember("dana", f"against: {BOTH[0]}", HERE, shared=True)
    shore.remember("dana", ALICES[0], HERE, shared=True)
    shore.remember("bob", f"against: {ALICES[0]}", HERE, shared=False)
    second = shore.suggest()

    assert second is not None
    assert second["proposal_id"] != first["proposal_id"]
    check_cites_only_shared(shore, second)
    assert shore.beliefs() == before
    shore.approve(second)
    after = shore.beliefs()
    assert after[BOTH[0]]["confidence"] == 0.5  # (0.5 + 0.8) / (1 + 0.8 + 0.8)
    assert after[ALICES[0]]["confidence"] == 0.81
    unchanged = {*before} - {BOTH[0], ALICES[0]}
    assert {one: after[one] for one in unchanged} == {one: before[one] for one in unchanged}
    assert shore.suggest() is None


def test_it_lets_go_of_what_is_no_longer_shared(shore: Shore) -> None:
    write_two_hundred(shore)
    first = shore.suggest()
    assert first is not None
    shore.approve(first)
    held = shore.beliefs()
    dana = str(someone("dana").pk)
    leases = shore.get("dana", "/state/leases")["items"]
    [lease] = [one for one in leases if one["subject"] == dana]

    assert shore.apis["dana"].delete(f"/leases/{lease['id']}").status_code in (200, 204)

    # The record is as it was, and says at once what has lost its ground.
    assert shore.beliefs() == held
    standings = shore.standings()
    assert {standings[one] for one in DANAS} == {"lost"}
    assert {standings[one] for one in BOTH} == {"partly"}
    assert {standings[one] for one in ALICES} == {"holds"}
    cited = held[DANAS[0]]["citations"][0]
    assert shore.act("bob", "memory.rehydrate", item_id=cited)["state"] == "withheld"
    assert shore.act("dana", "memory.rehydrate", item_id=cited)["state"] == "present"

    shore.unshared |= shore.shared.pop("dana")
    second = shore.suggest()
    assert second is not None
    check_cites_only_shared(shore, second)
    shore.approve(second)

    after = shore.beliefs()
    assert set(after) == {*ALICES, *BOTH}
    assert {after[one]["confidence"] for one in BOTH} == {0.72}
    assert {one: after[one] for one in ALICES} == {one: held[one] for one in ALICES}
    citations = {cited for one in after.values() for cited in one["citations"]}
    assert citations <= shore.shared["alice"]
    assert shore.suggest() is None


def test_it_resolves_the_citation_of_an_item_that_was_erased(shore: Shore) -> None:
    write_two_hundred(shore)
    first = shore.suggest()
    assert first is not None
    shore.approve(first)
    [cited] = shore.beliefs()[ALICES[0]]["citations"]

    shore.act("alice", "memory.erase", item_id=cited)

    opened = shore.act("bob", "memory.rehydrate", item_id=cited)
    assert opened["state"] == "erased"
    assert ALICES[0] not in json.dumps(opened)
    row = MemoryItem.objects.get(pk=uuid.UUID(cited))
    assert (row.text, row.value) == ("", None)
    # Nine more of hers say the same: the newest of those stands in for it.
    second = shore.suggest()
    assert second is not None
    check_cites_only_shared(shore, second)
    shore.approve(second)
    [instead] = shore.beliefs()[ALICES[0]]["citations"]
    assert instead != cited
    assert instead in shore.shared["alice"]
    assert shore.beliefs()[ALICES[0]]["confidence"] == 0.72
