"""What an action is refused with: as at its own door, and no record is left (contract §2)."""

import json
import uuid
from typing import Any

import pytest
from pytest_django import Settings

from leases.models import DecisionEntry, User
from personas.models import Persona
from telemetry.actions.table import KINDS
from telemetry.models import ActionRecord
from tests.fixtures import ApiFor
from tests.people import WARMER, grant, make_persona, pointers, problem, propose
from tests.telemetry.actions.calls import ITEM, act, stored

pytestmark = pytest.mark.django_db
BAD_DIFF = [{"op": "replace", "path": "/traits/tone/x", "value": 1}]


@pytest.fixture
def consented_beta(db: None) -> Persona:
    vibe = {"enabled": True, "scope": "workspace"}
    return make_persona("persona.beta", preferences={"telemetry": {"vibe": vibe}})


def same(one: dict[str, Any], other: dict[str, Any]) -> None:
    """The two problem documents say the same, each of its own body."""
    own = {"instance", "trace_id", "errors"}
    assert {name: one[name] for name in one if name not in own} == {
        name: other[name] for name in other if name not in own
    }


def test_it_refuses_a_proposal_as_its_own_door_does(
    api: ApiFor, alice: User, charlie: User, persona: Persona
) -> None:
    door = f"/admin/persona/{persona.id}/proposals"
    # No lease.
    mine, body = api(alice), {"diff": WARMER}
    before = stored()
    here = act(mine, "persona.propose", {"persona_id": persona.id, **body})
    same(problem(here, 403), problem(mine.post(door, body), 403))
    # No such persona, told before the missing lease.
    nobody = act(mine, "persona.propose", {"persona_id": "nobody", "diff": 7})
    same(problem(nobody, 404), problem(mine.post("/admin/persona/nobody/proposals", body), 404))
    assert stored() == before
    refused = DecisionEntry.objects.filter(allowed=False).values_list("persona_id", "reason")
    assert list(refused) == [(persona.id, "lease_required")] * 2
    grant()
    before = stored()
    # A diff that does not apply, and one that changes nothing.
    for diff in (BAD_DIFF, [], {"traits": {"tone": "cool"}}):
        here = problem(act(mine, "persona.propose", {"persona_id": persona.id, "diff": diff}), 400)
        there = problem(mine.post(door, {"diff": diff}), 400)
        same(here, there)
        assert pointers(here) == [f"/input{one}" for one in pointers(there)]
    assert stored() == before


def test_it_refuses_a_decision_as_its_own_door_does(
    api: ApiFor, alice: User, bob: User, persona: Persona
) -> None:
    proposal = propose(persona, actor=bob)
    his, hers = api(bob), api(alice)
    grant()
    before = stored()
    given = {"proposal_id": str(proposal.pk)}
    for client, verb, more, status in (
        (hers, "approve", {}, 403),
        (his, "approve", {}, 403),
        (hers, "reject", {"rationale": "No."}, 403),
        (his, "reject", {}, 400),
        (his, "reject", {"rationale": " "}, 400),
    ):
        here = act(client, f"persona.{verb}", {**given, **more})
        there = client.post(f"/admin/persona/proposals/{proposal.pk}/{verb}", more)
        same(problem(here, status), problem(there, status))
    missing = {"proposal_id": str(uuid.uuid4())}
    # 404 stands before the role.
    for client in (his, hers):
        problem(act(client, "persona.approve", missing), 404, "Proposal Not Found")
    problem(act(his, "persona.approve", {"proposal_id": "x"}), 404, "Proposal Not Found")
    assert stored() == before


def test_it_refuses_outdated_reviews(
    api: ApiFor, bob: User, persona: Persona, manage_lease: object
) -> None:
    proposal = propose(persona)
    given = {"proposal_id": str(proposal.pk)}
    client = api(bob)
    before = stored()
    for more in ({"reviewed": {"digest": "0" * 64}}, {"diff": {"traits": {"tone": "other"}}}):
        problem(act(client, "persona.approve", {**given, **more}), 409, "Review Outdated")
    assert stored() == before


def test_it_refuses_feedback_as_its_own_door_does(
    api: ApiFor, alice: User, persona: Persona, consented_beta: Persona
) -> None:
    mine = api(alice)
    before = stored()

    def sent(persona_id: str, feedback: Any, status: int) -> dict[str, Any]:
        given = {"persona_id": persona_id, "feedback": feedback}
        here = problem(act(mine, "persona.feedback", given), status)
        there = problem(mine.post(f"/persona/{persona_id}/feedback", feedback), status)
        same(here, there)
        assert pointers(here) == [f"/input/feedback{one}" for one in pointers(there)]
        return here

    sent(persona.id, {"signal": "warmer"}, 412)
    sent("nobody", {"signal": "warmer"}, 404)
    sent(consented_beta.id, {"signal": "warmer"}, 403)
    lease = grant("telemetry:persona:workspace")
    assert pointers(sent(consented_beta.id, [{"signal": "x"}, {"strength": 2}], 400)) == [
        "/input/feedback/1/strength"
    ]
    sent(consented_beta.id, [], 400)
    lease.delete()
    assert stored() == before


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("persona.propose", {"diff": WARMER}, ["/input/persona_id"]),
        ("persona.propose", {"persona_id": 5, "diff": "x"}, ["/input/diff", "/input/persona_id"]),
        (
            "persona.propose",
            {"persona_id": "persona.alpha", "diff": WARMER, "leases_required": [1]},
            ["/input/leases_required/0"],
        ),
        ("persona.approve", {"proposal_id": 5}, ["/input/proposal_id"]),
        ("persona.feedback", {"persona_id": 1, "feedback": []}, ["/input/persona_id"]),
        ("memory.upsert", {"lane": "x"}, ["/input/lane", "/input/owner_kind", "/input/owner_ref"]),
        ("memory.upsert", {**ITEM, "tags": ["a", 5]}, ["/input/tags/1"]),
        ("memory.upsert", {**ITEM, "text": ""}, ["/input/text"]),
        ("memory.upsert", {**ITEM, "confidence": 1.5}, ["/input/confidence"]),
        ("memory.upsert", {**ITEM, "relevance": {"a/b": 2}}, ["/input/relevance/a~1b"]),
        ("memory.upsert", {**ITEM, "relevance": {"nobody": 1}}, ["/input/relevance/nobody"]),
        ("memory.search", {"limit": 0}, ["/input/limit"]),
        ("memory.search", {"lane": "x"}, ["/input/lane"]),
        ("memory.rehydrate", {}, ["/input/item_id"]),
        ("memory.erase", {}, ["/input"]),
        ("memory.erase", {"principal": "nobody"}, ["/input/principal"]),
        ("self_model.report", {"persona_id": "persona.alpha"}, ["/input"]),
        ("self_model.report", {"confidence": 1}, ["/input"]),
        (
            "self_model.report",
            {"persona_id": "persona.alpha", "confidence": 2, "cost": "x", "window": 1.5},
            ["/input/confidence", "/input/cost", "/input/window"],
        ),
        ("journal.answer", {"persona_id": "persona.alpha"}, ["/input/text"]),
        ("worldview.suggest", {}, ["/input/persona_id"]),
        ("vibe.summarise", {}, ["/input/persona_id"]),
    ],
)
def test_it_points_into_the_input(
    api: ApiFor, dana: User, persona: Persona, kind: str, given: Any, expected: list[str]
) -> None:
    grant()
    client = api(dana)
    before = stored()
    refused = problem(act(client, kind, given, key="k"), 400)
    assert sorted(pointers(refused)) == expected
    assert stored() == before


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, ["/kind", "/input"]),
        ({"kind": "persona.create", "input": {}}, ["/kind"]),
        ({"kind": "persona.propose", "input": []}, ["/input"]),
        ({"kind": 5, "input": {}}, ["/kind"]),
        ([], [""]),
    ],
)
def test_it_refuses_what_is_no_action(
    api: ApiFor, alice: User, body: Any, expected: list[str]
) -> None:
    client = api(alice)
    before = stored()
    refused = problem(client.post("/actions", body), 400, "Invalid Action")
    assert pointers(refused) == expected
    assert stored() == before


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "é"])
def test_it_refuses_a_bad_key(api: ApiFor, alice: User, key: str) -> None:
    client = api(alice)
    before = stored()
    problem(act(client, "memory.upsert", ITEM, key=key), 400, "Invalid Action")
    assert stored() == before


def test_it_lets_no_stranger_do_anything(api: ApiFor, charlie: User, persona: Persona) -> None:
    grant()
    client = api(charlie)
    before = stored()
    for kind in KINDS:
        problem(act(client, kind, {"persona_id": persona.id}), 403)
        problem(act(client, kind, "no object"), 403)
    assert stored() == before
    assert not ActionRecord.objects.exists()


def test_it_is_off_with_the_feature(api: ApiFor, alice: User, settings: Settings) -> None:
    client = api(alice)
    settings.ARW_PERSONA_ENABLE = False
    problem(act(client, "memory.upsert", ITEM), 501, "Persona Disabled")
    problem(client.get("/api/actions"), 501, "Persona Disabled")
    assert not ActionRecord.objects.exists()


def test_it_keeps_others_items_from_being_replaced(api: ApiFor, alice: User, bob: User) -> None:
    item_id = act(api(alice), "memory.upsert", ITEM).json()["output"]["item_id"]
    client = api(bob)
    before = stored()
    given = {**ITEM, "item_id": item_id, "text": "Mine now."}
    problem(act(client, "memory.upsert", given), 404, "Memory Item Not Found")
    problem(act(client, "memory.erase", {"item_id": item_id}), 404)
    problem(act(client, "memory.erase", {"principal": "alice"}), 403, "Memory Forbidden")
    assert stored() == before


def test_it_tells_no_member_who_there_is(api: ApiFor, alice: User, bob: User) -> None:
    client = api(bob)
    act(client, "memory.upsert", ITEM)
    before = stored()
    refused = [
        problem(act(client, "memory.erase", {"principal": name, **more}), 403, "Memory Forbidden")
        for name in ("alice", str(alice.pk), "no.such", "")
        for more in ({}, {"item_id": 5})
    ]
    told = {json.dumps({**one, "trace_id": None}, sort_keys=True) for one in refused}
    assert len(told) == 1
    assert stored() == before
