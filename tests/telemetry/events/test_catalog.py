"""Events as they are published after commit, and their documentation (contract §8)."""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from leases.models import User
from leases.policy.faults import InvalidPolicy
from leases.pseudonyms import actor_ref
from leases.services.policy_loading import policy_in_force, policy_load_own, policy_reload
from personas.models import HistoryEntry, Persona
from personas.services.decisions import proposal_approve, proposal_reject
from telemetry.events.broadcaster import broadcaster
from telemetry.events.catalog import EVENTS, Event
from telemetry.events.reader import CONNECTED, DEGRADED, GAP, RECOVERED
from telemetry.services.consent import consent_set
from telemetry.services.feedback import feedback_record
from tests.people import grant, make_persona, propose
from tests.telemetry.conftest import Committing

DOCS = Path(__file__).resolve().parents[3] / "docs" / "events.md"
ON = {"preferences": {"telemetry": {"vibe": {"enabled": True}}}}


class Undo(Exception):
    """Takes a transaction back."""


class Heard:
    """The events published since it was made."""

    def __init__(self) -> None:
        self.position = broadcaster.last

    def envelopes(self) -> list[dict[str, Any]]:
        return [json.loads(one.data) for one in broadcaster.after(self.position, 1000) or []]

    def payload(self, topic: str) -> dict[str, Any]:
        (found,) = [one for one in self.envelopes() if one["kind"] == topic]
        assert found.keys() == {"time", "kind", "payload"}
        payload: dict[str, Any] = found["payload"]
        return payload


def test_it_tells_of_proposals_without_their_diff(
    alice: User, bob: User, persona: Persona, manage_lease: object, committing: Committing
) -> None:
    heard = Heard()
    with committing():
        proposal = propose(persona, ON, rationale="because of hunter")
    ids = {
        "proposal_id": str(proposal.proposal_id),
        "persona_id": "persona.alpha",
        "base_version": 1,
        "digest": proposal.digest,
    }
    mine = {**ids, "actor": actor_ref(alice.id)}
    assert heard.payload("persona.proposal.submitted") == mine
    heard = Heard()
    with committing():
        proposal_approve(actor=bob, proposal_id=proposal.proposal_id, now=timezone.now())
    his = {**ids, "actor": actor_ref(bob.id)}
    assert heard.payload("persona.proposal.approved") == his
    entry = HistoryEntry.objects.get(version=2)
    assert heard.payload("persona.updated") == {
        "persona_id": "persona.alpha",
        "version": 2,
        "kind": "proposal",
        "proposal_id": str(proposal.proposal_id),
        "document_digest": entry.document_digest,
        "actor": actor_ref(bob.id),
    }
    assert heard.payload("persona.telemetry.updated") == {
        "persona_id": "persona.alpha",
        "enabled": True,
        "scope": "workspace",
        "actor": actor_ref(bob.id),
    }
    assert "hunter" not in str(heard.envelopes())


def test_it_tells_of_a_rejection_without_the_reason(
    bob: User, persona: Persona, manage_lease: object, committing: Committing
) -> None:
    proposal = propose(persona)
    heard = Heard()
    with committing():
        proposal_reject(
            actor=bob, proposal_id=proposal.proposal_id, rationale="hunter", now=timezone.now()
        )
    assert [one["kind"] for one in heard.envelopes()] == ["persona.proposal.rejected"]
    assert "hunter" not in str(heard.envelopes())


def test_it_tells_of_creation_and_of_the_switch(
    dana: User, manage_lease: object, committing: Committing
) -> None:
    heard = Heard()
    with committing():
        make_persona()
    assert heard.payload("persona.updated")["kind"] == "create"
    heard = Heard()
    with committing():
        consent_set(actor=dana, persona_id="persona.alpha", enabled=True, now=timezone.now())
        consent_set(actor=dana, persona_id="persona.alpha", enabled=True, now=timezone.now())
    kinds = sorted(one["kind"] for one in heard.envelopes())
    assert kinds == ["persona.telemetry.updated", "persona.updated"]


def test_it_tells_of_feedback_as_it_was_stored(
    alice: User, consented: Persona, telemetry_lease: object, committing: Committing
) -> None:
    secret = "ghp_" + "aB3x" * 9
    heard = Heard()
    with committing():
        body = {"signal": "warmer", "strength": 1, "note": f"key {secret}", "id": "1"}
        for _ in range(2):
            feedback_record(
                actor=alice, persona_id=consented.id, body=[body], kind="q", now=timezone.now()
            )
    payload = heard.payload("persona.feedback")
    assert payload == {
        "persona_id": "persona.alpha",
        "kind": "q",
        "signal": "warmer",
        "strength": 1.0,
        "note": consented.vibe_samples.get().note,
        "metadata": None,
        "actor": actor_ref(alice.id),
    }
    assert secret not in payload["note"]


def test_it_tells_of_leases_without_reason_and_names(alice: User, committing: Committing) -> None:
    heard = Heard()
    with committing():
        lease = grant(
            "persona:manage", subject="alice", scope="workspace", budget=3, reason="hunter"
        )
    payload = heard.payload("leases.created")
    assert payload["id"] == str(lease.id)
    assert payload["subject"] == actor_ref(alice.id)
    assert (payload["capability"], payload["scope"], payload["budget"]) == (
        "persona:manage",
        "workspace",
        3,
    )
    assert payload["ttl_until"].endswith("Z")
    text = str(heard.envelopes())
    assert not any(name in text for name in ("alice", "dana", "hunter", str(alice.id)))


def test_it_tells_nothing_of_what_was_rolled_back(
    alice: User, consented: Persona, telemetry_lease: object, committing: Committing
) -> None:
    def undone() -> None:
        with transaction.atomic():
            feedback_record(actor=alice, persona_id=consented.id, body={}, now=timezone.now())
            raise Undo

    heard = Heard()
    with committing(), pytest.raises(Undo):
        undone()
    assert heard.envelopes() == []
    assert not consented.vibe_samples.exists()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.topic)
def test_it_is_documented(event: type[Event]) -> None:
    text = DOCS.read_text(encoding="utf-8")
    section = text.split(f"### `{event.topic}`", 1)[1].split("\n### ", 1)[0]
    assert f"version {event.schema_version}" in section
    for field in dataclasses.fields(event):
        assert f"`{field.name}`" in section
    assert event.__doc__
    first = " ".join(re.split(r"\.\s", event.__doc__)[0].split()).replace("``", "`")
    assert first in " ".join(section.split())


def test_it_documents_no_event_that_is_not_there() -> None:
    headings = [
        line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("### `")
    ]
    known = {event.topic for event in EVENTS} | {CONNECTED, GAP, DEGRADED, RECOVERED}
    assert {line.strip("# `") for line in headings} == known


def test_it_tells_of_a_policy_that_is_loaded(
    dana: User, tmp_path: Path, settings: Settings, committing: Committing
) -> None:
    path = tmp_path / "policy.json"
    settings.ARW_POLICY_FILE = str(path)
    path.write_text('{"allow_all": true}')
    heard = Heard()
    with committing():
        policy_load_own(now=timezone.now())
        policy_load_own(now=timezone.now())
    first = policy_in_force().revision
    system = {"revision": first, "previous": None, "actor": "actor:system"}
    assert heard.payload("policy.loaded") == system
    path.write_text("{}")
    heard = Heard()
    with committing():
        policy_reload(actor=dana, now=timezone.now())
    second = policy_in_force().revision
    moved = {"revision": second, "previous": first, "actor": actor_ref(dana.id)}
    assert heard.payload("policy.loaded") == moved
    path.write_text("{")
    heard = Heard()
    with committing(), pytest.raises(InvalidPolicy):
        policy_reload(actor=dana, now=timezone.now())
    assert heard.envelopes() == []
    assert policy_in_force().revision == second
