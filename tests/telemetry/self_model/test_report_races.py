"""Reports at the same moment: none is lost, and the record is calibrated once (contract §10)."""

from datetime import timedelta

import pytest

from leases.models import Lease
from personas.models import Persona
from telemetry.models import DriftState, SelfModelReport
from telemetry.self_model.reporting import self_model_report
from tests.people import NOW, grant, make_persona, someone
from tests.personas.workflow import is_sound
from tests.telemetry.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_calibrates_once_of_many_at_once() -> None:
    persona, alice = make_persona(now=NOW), someone("alice")
    lease = grant(now=NOW, budget=100, ttl_secs=86_400)
    for turn in range(3):
        now = NOW + timedelta(hours=turn)
        done = at_once(
            [
                lambda value=0.5 + turn / 100 + at / 1000, now=now: self_model_report(
                    actor=alice, persona_id=persona.id, confidence=value, now=now
                )
                for at in range(6)
            ]
        )
        assert not [one for one in done if isinstance(one, Exception)], done
        assert sum(one.entry is not None for one in done) == 1
        assert is_sound(persona.id).version == turn + 2
    assert SelfModelReport.objects.count() == 18
    assert DriftState.objects.count() == 1
    assert Lease.objects.get(pk=lease.pk).used == 18
    assert Persona.objects.get().calibration["drift"]["outside"] is False
