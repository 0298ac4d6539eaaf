"""Each kind does what its own door does, and keeps ids only (contract §10)."""

import json
import uuid
from typing import Any

import jsonschema_rs
import pytest

from leases.models import DecisionEntry, Lease, User
from personas.models import HistoryEntry, Persona, Proposal
from telemetry.actions.schemas import DIALECT
from telemetry.actions.table import KINDS
from telemetry.models import (
    ActionRecord,
    JournalAnswer,
    MemoryItem,
    SelfModelReport,
    VibeSample,
)
from tests.fixtures import ApiFor
from tests.people import WARMER, grant, propose
from tests.telemetry.actions.calls import ITEM, OWNER, act, done

pytestmark = pytest.mark.django_db
SECRET = "quarterly"  # a word that is looked for afterwards


def fits(kind: str, output: dict[str, Any]) -> None:
    jsonschema_rs.validate(KINDS[kind].output, output)


def test_it_proposes_approves_and_rejects(
    api: ApiFor, alice: User, bob: User, persona: Persona, manage_lease: Lease
) -> None:
    given = {
        "persona_id": persona.id,
        "diff": WARMER,
        "rationale": "Warmer.",
        "submitted_by": "a script",
    }
    made = done(act(api(alice), "persona.propose", given))
    proposal = Proposal.objects.get()
    assert made["output"] == {"proposal_id": str(proposal.pk)}
    assert (proposal.submitted_by, proposal.on_behalf_of) == (alice, "a script")
    reviewed = {"digest": proposal.digest, "version": 1.0}
    given = {"proposal_id": str(proposal.pk), "reviewed": reviewed, "diff": WARMER}
    approved = done(act(api(bob), "persona.approve", given))["output"]
    assert (approved["status"], approved["version"], approved["approvals"]) == ("approved", 2, 1)
    assert HistoryEntry.objects.get(version=2).applied_by == bob
    other = propose(persona, {"traits": {"tone": "dry"}})
    given = {"proposal_id": str(other.pk), "rationale": "Too dry."}
    rejected = done(act(api(bob), "persona.reject", given))["output"]
    assert (rejected["status"], rejected["version"]) == ("rejected", 2)
    for kind, output in (
        ("persona.propose", made["output"]),
        ("persona.approve", approved),
        ("persona.reject", rejected),
    ):
        fits(kind, output)
    assert ActionRecord.objects.count() == 3
    allowed = DecisionEntry.objects.filter(action="persona.manage", allowed=True)
    assert allowed.filter(lease_id=str(manage_lease.pk)).count() == 3


def test_it_gives_feedback(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: object
) -> None:
    samples = [{"signal": "warmer", "strength": 0.5}, {"signal": "cooler", "kind": "own"}]
    given = {"persona_id": consented.id, "feedback": samples, "kind": "vibe"}
    answer = done(act(api(alice), "persona.feedback", given))
    assert answer["output"] == {"status": "accepted", "count": 2}
    fits("persona.feedback", answer["output"])
    kinds = set(VibeSample.objects.values_list("signal", "kind"))
    assert kinds == {("warmer", "vibe"), ("cooler", "own")}
    one = {"persona_id": consented.id, "feedback": {"signal": "slower"}}
    assert done(act(api(alice), "persona.feedback", one))["output"]["count"] == 1


def test_it_keeps_finds_opens_and_erases_memory(
    api: ApiFor, alice: User, bob: User, persona: Persona
) -> None:
    mine = api(alice)
    given = {**ITEM, "text": f"The {SECRET} figures.", "tags": ["figures"], "confidence": 0.8}
    kept = done(act(mine, "memory.upsert", given))
    item_id = kept["output"]["item_id"]
    assert MemoryItem.objects.get().principal == alice
    asked = {"text": SECRET, "lane": "episodic", "persona_id": persona.id, "limit": 5.0}
    found = done(act(mine, "memory.search", asked))
    assert found["output"]["item_ids"] == [item_id]
    (hit,) = found["output"]["items"]
    assert SECRET in hit["item"]["text"]
    assert hit["item"]["tags"] == ["figures"]
    assert hit["relevance"] is not None
    opened = done(act(mine, "memory.rehydrate", {"item_id": item_id}))
    assert (opened["output"]["state"], opened["output"]["item"]["id"]) == ("present", item_id)
    # It is private: bob finds nothing, and is told no more than that something is there.
    his = api(bob)
    assert done(act(his, "memory.search", {"text": SECRET}))["output"]["items"] == []
    withheld = done(act(his, "memory.rehydrate", {"item_id": item_id}))["output"]
    assert (withheld["state"], withheld["item"]) == ("withheld", None)
    erased = done(act(mine, "memory.erase", {"item_id": item_id}))
    assert erased["output"] == {"item_id": item_id}
    for reader in (mine, his):
        left = done(act(reader, "memory.rehydrate", {"item_id": item_id}))["output"]
        fits("memory.rehydrate", left)
        assert (left["state"], left["item"]["text"]) == ("erased", "")
        # It was private: nobody is told now whose it was.
        assert str(alice.pk) not in json.dumps(left)
    for answer in (kept, found, opened, erased):
        fits(answer["kind"], answer["output"])
    assert SECRET not in json.dumps(list(ActionRecord.objects.values()), default=str)


def test_it_replaces_ones_own_item_and_erases_all_of_it(
    api: ApiFor, alice: User, dana: User
) -> None:
    mine = api(alice)
    item_id = str(uuid.uuid4())
    for text in ("First.", "Second."):
        given = {**ITEM, "item_id": item_id, "text": text}
        assert done(act(mine, "memory.upsert", given))["output"] == {"item_id": item_id}
    assert MemoryItem.objects.get().text == "Second."
    act(mine, "memory.upsert", ITEM)
    theirs = done(act(api(dana), "memory.upsert", ITEM))["output"]["item_id"]
    gone = done(act(mine, "memory.erase", {"principal": "alice"}))["output"]
    assert gone == {"erased": 2}
    fits("memory.erase", gone)
    assert [str(one.pk) for one in MemoryItem.objects.present()] == [theirs]


def test_it_reports_on_a_self_model(api: ApiFor, alice: User, persona: Persona) -> None:
    grant()
    given = {"persona_id": persona.id, "confidence": 0.75, "window": 60.0}
    output = done(act(api(alice), "self_model.report", given))["output"]
    drift = {"score": 0.0, "baseline": {"confidence": 0.75}, "outside": False}
    report = SelfModelReport.objects.get()
    assert output == {
        "persona_id": persona.id, "report_id": report.pk, "drift": drift, "version": 2,
    }  # fmt: skip
    fits("self_model.report", output)
    assert Persona.objects.get().calibration["confidence"] == 0.75
    again = done(act(api(alice), "self_model.report", given))["output"]
    assert again["version"] is None


def test_it_answers_the_journal(api: ApiFor, alice: User, persona: Persona) -> None:
    given = {"persona_id": persona.id, "text": f"It found the {SECRET} figures."}
    output = done(act(api(alice), "journal.answer", given))["output"]
    fits("journal.answer", output)
    answer = JournalAnswer.objects.get()
    assert output["item_id"] == str(answer.item_id)
    assert SECRET in answer.item.text
    assert SECRET not in json.dumps(list(ActionRecord.objects.values()), default=str)


def test_it_asks_the_bridge(api: ApiFor, alice: User, persona: Persona) -> None:
    grant()
    grant("share:persona")
    given = {"persona_id": persona.id}
    nothing = done(act(api(alice), "worldview.suggest", given))["output"]
    assert nothing == {"proposal_id": None}
    item = {**ITEM, "lane": "worldview", "text": "Sources matter most.", "confidence": 1}
    item_id = done(act(api(alice), "memory.upsert", item))["output"]["item_id"]
    output = done(act(api(alice), "worldview.suggest", given))["output"]
    fits("worldview.suggest", output)
    proposal = Proposal.objects.get()
    assert output == {"proposal_id": str(proposal.pk)}
    assert item_id in json.dumps(proposal.diff)
    assert proposal.submitted_by != alice


def test_it_asks_the_bridge_for_a_summary(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: object
) -> None:
    grant()
    given = {"persona_id": consented.id}
    nothing = done(act(api(alice), "vibe.summarise", given))["output"]
    assert nothing == {"proposal_id": None}
    feedback = {**given, "feedback": {"signal": "warmer", "strength": 0.8}}
    done(act(api(alice), "persona.feedback", feedback))
    output = done(act(api(alice), "vibe.summarise", given))["output"]
    fits("vibe.summarise", output)
    proposal = Proposal.objects.get()
    assert output == {"proposal_id": str(proposal.pk)}
    assert [op["path"] for op in proposal.diff] == ["/vibe_profile/summary"]


def test_it_lists_its_kinds(api: ApiFor, alice: User) -> None:
    listed = api(alice).get("/api/actions").json()
    assert listed["next"] is None
    assert [one["kind"] for one in listed["items"]] == list(KINDS)
    assert set(KINDS) == {
        *(f"persona.{verb}" for verb in ("propose", "approve", "reject", "feedback")),
        *(f"memory.{verb}" for verb in ("upsert", "search", "rehydrate", "erase")),
        *("self_model.report", "journal.answer", "worldview.suggest", "vibe.summarise"),
    }
    for one in listed["items"]:
        assert one["summary"]
        assert one["right"]
        for schema in (one["input"], one["output"]):
            assert schema["$schema"] == DIALECT
            jsonschema_rs.Draft202012Validator(schema)
    needs = {one["kind"]: one["capability"] for one in listed["items"]}
    assert needs["persona.approve"] == "persona:manage"
    assert needs["persona.feedback"] == "telemetry:persona:{scope}"
    assert needs["memory.upsert"] is None


def test_it_shows_ones_own_actions_alone(
    api: ApiFor, alice: User, bob: User, dana: User, charlie: User
) -> None:
    item = {**ITEM, **OWNER}
    made = done(act(api(alice), "memory.upsert", item))
    shown = api(alice).get(f"/actions/{made['id']}")
    assert (shown.status_code, shown.json()) == (200, made)
    for other in (bob, dana, charlie):
        refused = api(other).get(f"/actions/{made['id']}")
        assert (refused.status_code, refused.json()["title"]) == (404, "Action Not Found")
    assert api(alice).get(f"/actions/{uuid.uuid4()}").status_code == 404
