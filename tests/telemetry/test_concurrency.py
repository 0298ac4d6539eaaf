"""Feedback from many threads at the same moment (contract §7)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from leases.models import User
from personas.models import Persona
from telemetry.errors import PersonaTelemetryForbidden, TelemetryDisabled
from telemetry.events.broadcaster import broadcaster
from telemetry.metrics.store import store
from telemetry.models import ConsentReceipt, VibeSample
from telemetry.services.consent import consent_set
from telemetry.services.erasure import samples_erase
from telemetry.services.feedback import feedback_record
from tests.people import grant, make_persona, someone
from tests.telemetry.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ON = {"telemetry": {"vibe": {"enabled": True}}}


@pytest.fixture
def alice(transactional_db: None) -> User:
    return someone("alice")


@pytest.fixture
def consented(transactional_db: None) -> Persona:
    return make_persona(preferences=ON)


def giving(actor: User, times: int, size: int) -> Callable[[], int]:
    def go() -> int:
        given = 0
        for _ in range(times):
            body = [{"signal": "warmer", "strength": 0.5}] * size
            given += feedback_record(
                actor=actor, persona_id="persona.alpha", body=body, now=timezone.now()
            )
        return given

    return go


def total() -> int:
    return store.read("persona.alpha", timezone.now())[0].total_feedback


def test_it_counts_and_publishes_each_sample_once(alice: User, consented: Persona) -> None:
    grant("telemetry:persona:workspace")
    before = broadcaster.last
    answers = at_once([giving(alice, 10, 7)] * 4)
    assert answers == [70] * 4
    assert total() == 280
    assert broadcaster.last - before == 280
    assert VibeSample.objects.count() == 50


def test_it_takes_exactly_as_much_as_the_lease_pays_for(alice: User, consented: Persona) -> None:
    lease = grant("telemetry:persona:workspace", budget=5)
    answers = at_once([giving(alice, 1, 1)] * 8)
    refused = [one for one in answers if isinstance(one, PersonaTelemetryForbidden)]
    assert answers.count(1) == 5
    assert len(refused) == 3
    assert VibeSample.objects.count() == total() == 5
    lease.refresh_from_db()
    assert lease.used == 5


def test_it_stores_nothing_after_a_withdrawal_was_answered(alice: User, consented: Persona) -> None:
    grant("telemetry:persona:workspace")
    grant()
    dana = someone("dana")

    def give_until_refused() -> int:
        given = 0
        try:
            while True:
                given += giving(alice, 1, 1)()
        except TelemetryDisabled:
            return given

    def withdraw() -> int:
        consent_set(actor=dana, persona_id=consented.id, enabled=False, now=timezone.now())
        return VibeSample.objects.count()

    given, more, at_withdrawal = at_once([give_until_refused, give_until_refused, withdraw])
    assert VibeSample.objects.count() == at_withdrawal
    assert at_withdrawal == min(given + more, 50)
    assert ConsentReceipt.objects.filter(move="withdrawal").count() == 1


def test_it_erases_what_is_stored_at_the_same_moment_or_keeps_it_whole(
    alice: User, consented: Persona
) -> None:
    grant("telemetry:persona:workspace")
    dana = someone("dana")

    def erase() -> int:
        return samples_erase(actor=dana, persona_id=consented.id, now=timezone.now())

    answers: list[Any] = at_once([giving(alice, 5, 2), giving(alice, 5, 2), erase])
    kept = VibeSample.objects.count()
    assert answers[:2] == [10, 10]
    assert kept + answers[2] == 20
    assert total() <= kept
