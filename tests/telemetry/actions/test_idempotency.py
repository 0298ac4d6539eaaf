"""A repeat is answered with what was answered, and does nothing again (contract §10)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from leases.models import ApiToken, Lease, User
from leases.pseudonyms import keyed_digest
from personas.models import Persona, Proposal
from telemetry.actions.kind import Call, Done, Kind
from telemetry.actions.running import action_run, actions_prune
from telemetry.actions.table import KINDS
from telemetry.models import ActionRecord, MemoryItem, VibeSample
from tests.fixtures import ApiFor
from tests.people import NOW, WARMER, grant, problem, propose
from tests.telemetry.actions.calls import ITEM, act, done, stored

pytestmark = pytest.mark.django_db


class Broken(Exception):
    """What ends an action half way."""


def test_it_does_a_keyed_action_once(api: ApiFor, alice: User, persona: Persona) -> None:
    lease = grant(budget=1)
    client = api(alice)
    given = {"persona_id": persona.id, "diff": WARMER}
    first = done(act(client, "persona.propose", given, key="k"))
    before = stored()
    # Also under a lease that is used up, and with the members in another order.
    turned = {"diff": WARMER, "persona_id": persona.id}
    assert done(act(client, "persona.propose", turned, key="k")) == first
    assert stored() == before
    assert Lease.objects.get(pk=lease.pk).used == 1
    problem(act(client, "persona.propose", given, key="other"), 403)
    problem(act(client, "persona.propose", given), 403)
    assert stored() == before
    record = ActionRecord.objects.get()
    assert record.key == keyed_digest("k")
    assert "tone" not in str(ActionRecord.objects.values().get())


def test_it_refuses_the_key_for_another_input(api: ApiFor, alice: User) -> None:
    client = api(alice)
    done(act(client, "memory.upsert", ITEM, key="k"))
    before = stored()
    other = {**ITEM, "text": "Something else."}
    problem(act(client, "memory.upsert", other, key="k"), 409, "Idempotency Conflict")
    problem(act(client, "memory.upsert", {}, key="k"), 409, "Idempotency Conflict")
    assert stored() == before


def test_it_tells_keys_apart_by_principal_and_kind(
    api: ApiFor, alice: User, bob: User, consented: Persona, telemetry_lease: object
) -> None:
    one = done(act(api(alice), "memory.upsert", ITEM, key="k"))
    two = done(act(api(bob), "memory.upsert", ITEM, key="k"))
    given = {"persona_id": consented.id, "feedback": {"signal": "warmer"}}
    three = done(act(api(alice), "persona.feedback", given, key="k"))
    assert len({one["id"], two["id"], three["id"]}) == 3
    assert MemoryItem.objects.count() == 2
    assert done(act(api(alice), "persona.feedback", given, key="k")) == three
    assert VibeSample.objects.count() == 1


def test_it_does_an_action_without_a_key_each_time(api: ApiFor, alice: User) -> None:
    ids = {done(act(api(alice), "memory.upsert", ITEM))["id"] for _ in range(2)}
    assert len(ids) == MemoryItem.objects.count() == 2


def test_it_answers_a_repeated_decision(api: ApiFor, bob: User, persona: Persona) -> None:
    grant()
    given = {"proposal_id": str(propose(persona).pk)}
    client = api(bob)
    first = done(act(client, "persona.approve", given, key="k"))
    assert done(act(client, "persona.approve", given, key="k")) == first
    problem(act(client, "persona.approve", given, key="l"), 409, "Proposal Not Pending")
    assert Persona.objects.get().version == 2


def test_it_reads_content_anew_for_a_repeat(api: ApiFor, alice: User) -> None:
    client = api(alice)
    item_id = done(act(client, "memory.upsert", ITEM))["output"]["item_id"]
    asked: list[tuple[str, dict[str, Any]]] = [
        ("memory.search", {"text": "sources"}),
        ("memory.rehydrate", {"item_id": item_id}),
    ]
    first = {kind: done(act(client, kind, given, key="k")) for kind, given in asked}
    done(act(client, "memory.upsert", {**ITEM, "text": "More sources."}))
    done(act(client, "memory.erase", {"item_id": item_id}))
    for kind, given in asked:
        again = done(act(client, kind, given, key="k"))
        assert again["id"] == first[kind]["id"]
        shown = again["output"]["items"][0] if kind == "memory.search" else again["output"]
        assert (shown["state"], shown["item"]["text"]) == ("erased", "")
        if kind == "memory.search":
            assert again["output"]["item_ids"] == [item_id]


def test_it_shows_a_repeat_to_nobody_who_lost_the_role(
    api: ApiFor, alice: User, persona: Persona
) -> None:
    done(act(api(alice), "memory.upsert", ITEM, key="k"))
    alice.groups.clear()
    before = stored()
    problem(act(api(User.objects.get(pk=alice.pk)), "memory.upsert", ITEM, key="k"), 403)
    assert {**stored(), "leases.ApiToken": 0} == {**before, "leases.ApiToken": 0}
    assert ApiToken.objects.exists()


@pytest.fixture
def broken() -> Callable[[str], Kind]:
    """A kind that does all of its work, and then ends before anything is committed."""

    def break_(name: str) -> Kind:
        def run(call: Call) -> Done:
            KINDS[name].run(call)
            raise Broken

        return replace(KINDS[name], run=run)

    return break_


def test_it_commits_the_record_with_the_effect_or_neither(
    alice: User, consented: Persona, telemetry_lease: object, broken: Callable[[str], Kind]
) -> None:
    grant(now=NOW, ttl_secs=86_400)
    telemetry = grant("telemetry:persona:workspace", now=NOW)
    calls: dict[str, dict[str, Any]] = {
        "persona.propose": {"persona_id": consented.id, "diff": WARMER},
        "persona.feedback": {"persona_id": consented.id, "feedback": {"signal": "warmer"}},
        "memory.upsert": ITEM,
        "self_model.report": {"persona_id": consented.id, "confidence": 0.5},
    }
    for name, given in calls.items():
        before = stored()
        with pytest.raises(Broken):
            action_run(actor=alice, kind=broken(name), given=given, key="k", now=NOW)
        assert stored() == before, name
        first = action_run(actor=alice, kind=KINDS[name], given=given, key="k", now=NOW)
        after = stored()
        again = action_run(actor=alice, kind=broken(name), given=given, key="k", now=NOW)
        assert (again.record.pk, again.output) == (first.record.pk, first.output)
        assert stored() == after, name
    assert (Proposal.objects.count(), VibeSample.objects.count()) == (1, 1)
    assert telemetry.budget is None


def test_it_forgets_records_and_keys_after_ninety_days(alice: User) -> None:
    kind = KINDS["memory.upsert"]
    first = action_run(actor=alice, kind=kind, given=ITEM, key="k", now=NOW)
    assert actions_prune(now=NOW + timedelta(days=90)) == 0
    later = NOW + timedelta(days=90, seconds=1)
    assert actions_prune(now=later) == 1
    second = action_run(actor=alice, kind=kind, given=ITEM, key="k", now=later)
    assert second.record.pk != first.record.pk
    assert MemoryItem.objects.count() == 2
