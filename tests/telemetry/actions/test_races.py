"""The same action at the same moment: done once, and answered alike (contract §10)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from leases.models import Lease, User
from personas.models import Persona, Proposal
from telemetry.actions.running import Answer, action_run
from telemetry.actions.table import KINDS
from telemetry.errors import IdempotencyConflict
from telemetry.models import ActionRecord, MemoryItem, VibeSample
from tests.people import WARMER, grant, make_persona, propose, someone
from tests.personas.workflow import is_sound
from tests.telemetry.actions.calls import ITEM
from tests.telemetry.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ON = {"telemetry": {"vibe": {"enabled": True}}}


def calling(actor: User, name: str, given: Any, key: str) -> Callable[[], Answer]:
    # Each request has its own principal object, as requests have.
    return lambda: action_run(
        actor=User.objects.get(pk=actor.pk),
        kind=KINDS[name],
        given=given,
        key=key,
        now=timezone.now(),
    )


def alike(answers: list[Any]) -> Answer:
    """All of them are answers, and the same."""
    assert all(isinstance(one, Answer) for one in answers), answers
    assert len({one.record.pk for one in answers}) == 1
    assert all(one.output == answers[0].output for one in answers)
    first: Answer = answers[0]
    return first


def test_it_does_concurrent_repeats_once() -> None:
    persona, alice, bob = make_persona(preferences=ON), someone("alice"), someone("bob")
    manage = grant(budget=10)
    telemetry = grant("telemetry:persona:workspace", budget=10)
    rounds = 4
    for turn in range(rounds):
        key = f"k{turn}"
        diff = {"traits": {"tone": f"t{turn}"}}
        given: Any = {"persona_id": persona.id, "diff": diff}
        made = alike(at_once([calling(alice, "persona.propose", given, key)] * 4))
        decide = {"proposal_id": made.output["proposal_id"]}
        alike(at_once([calling(bob, "persona.approve", decide, key)] * 4))
        sample = {"persona_id": persona.id, "feedback": {"signal": "warmer"}}
        alike(at_once([calling(alice, "persona.feedback", sample, key)] * 4))
        alike(at_once([calling(alice, "memory.upsert", ITEM, key)] * 4))
    assert Proposal.objects.filter(status="approved").count() == rounds
    assert is_sound(persona.id).version == rounds + 1
    assert VibeSample.objects.count() == MemoryItem.objects.count() == rounds
    assert ActionRecord.objects.count() == 4 * rounds
    assert Lease.objects.get(pk=manage.pk).used == 2 * rounds
    assert Lease.objects.get(pk=telemetry.pk).used == rounds


def test_it_does_one_of_two_inputs_under_one_key() -> None:
    alice = someone("alice")
    for turn in range(5):
        texts = [{**ITEM, "text": f"{turn} {number}"} for number in range(3)]
        answers = at_once([calling(alice, "memory.upsert", one, f"k{turn}") for one in texts])
        conflicts = [one for one in answers if isinstance(one, IdempotencyConflict)]
        assert (len(conflicts), len(answers)) == (2, 3), answers
    assert MemoryItem.objects.count() == ActionRecord.objects.count() == 5


def test_it_does_all_of_different_keys() -> None:
    persona, alice = make_persona(), someone("alice")
    grant()
    proposal = propose(persona)
    given = {"persona_id": persona.id, "diff": WARMER}
    answers = at_once([calling(alice, "persona.propose", given, f"k{n}") for n in range(6)])
    assert all(isinstance(one, Answer) for one in answers), answers
    assert len({one.output["proposal_id"] for one in answers}) == 6
    assert Proposal.objects.exclude(pk=proposal.pk).count() == 6
    assert Persona.objects.get().version == 1
