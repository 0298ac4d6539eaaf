"""As many pass as a limit holds, of any number at once."""

from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from leases.models import Lease
from personas.errors import QuotaExceeded
from personas.models import DailyUse, Persona, Proposal
from personas.services.proposals import proposal_submit
from personas.services.quotas import quota_take
from telemetry.models import VibeSample
from telemetry.services.feedback import feedback_record
from tests.people import NOW, grant, make_persona, someone
from tests.personas.workflow import add
from tests.telemetry.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ON = {"telemetry": {"vibe": {"enabled": True}}}


def outcomes(results: list[Any]) -> tuple[int, int]:
    """How many passed and how many were refused; anything else fails."""
    refused = [one for one in results if isinstance(one, QuotaExceeded)]
    passed = [one for one in results if not isinstance(one, Exception)]
    assert len(refused) + len(passed) == len(results), results
    return len(passed), len(refused)


def test_it_takes_exactly_the_limit(settings: Settings) -> None:
    settings.ARW_PERSONA_MEMORY_PER_DAY = 7
    persona = make_persona(now=NOW)

    def take() -> None:
        with transaction.atomic():
            quota_take(persona_id=persona.id, kind=DailyUse.Kind.MEMORY, amount=2, now=NOW)

    assert outcomes(at_once([take] * 8)) == (3, 5)
    assert DailyUse.objects.get().used == 6


def test_it_takes_exactly_as_many_proposals(settings: Settings) -> None:
    settings.ARW_PERSONA_PROPOSALS_PER_DAY = 5
    persona, alice = make_persona(), someone("alice")
    lease = grant(budget=20)
    now = timezone.now()
    done = at_once(
        [
            lambda at=at: proposal_submit(
                actor=alice, persona_id=persona.id, diff=add(f"/traits/t{at}"), now=now
            )
            for at in range(8)
        ]
    )
    assert outcomes(done) == (5, 3)
    assert Proposal.objects.count() == DailyUse.objects.get().used == 5
    assert Lease.objects.get(pk=lease.pk).used == 5
    assert Persona.objects.get().version == 1


def test_it_takes_exactly_as_many_samples(settings: Settings) -> None:
    settings.ARW_PERSONA_SAMPLES_PER_DAY = 10
    persona, alice = make_persona(preferences=ON), someone("alice")
    lease = grant("telemetry:persona:workspace", budget=20)
    now = timezone.now()
    body = [{"signal": "warmer"}, {"signal": "cooler"}, {"signal": "slower"}]

    def give() -> int:
        return feedback_record(actor=alice, persona_id=persona.id, body=body, now=now)

    assert outcomes(at_once([give] * 8)) == (3, 5)
    assert VibeSample.objects.count() == DailyUse.objects.get().used == 9
    assert Lease.objects.get(pk=lease.pk).used == 3
