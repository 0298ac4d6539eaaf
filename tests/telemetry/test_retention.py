"""How much is kept: by count and by age (contract §7)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from leases.models import User
from personas.models import Persona
from telemetry.errors import ReceiptIsAppendOnly
from telemetry.models import IdempotencyRecord, VibeSample
from telemetry.selectors import vibe_history
from telemetry.services.feedback import feedback_record
from telemetry.signals import samples_recorded
from tests.people import NOW, SECOND, grant, make_persona
from tests.telemetry.samples import everything, signals


@pytest.fixture(autouse=True)
def long_lease(db: None) -> None:
    for days in range(12):
        grant("telemetry:persona:workspace", now=NOW + days * timedelta(days=1), ttl_secs=86_400)


def give(actor: User, body: Any, now: Any = NOW, persona_id: str = "persona.alpha") -> None:
    feedback_record(actor=actor, persona_id=persona_id, body=body, now=now)


def test_it_keeps_the_newest_of_each_persona(
    alice: User, consented: Persona, settings: Any
) -> None:
    settings.ARW_PERSONA_VIBE_HISTORY_RETAIN = 3
    make_persona("persona.beta", preferences=consented.preferences)
    give(alice, {"signal": "beta"}, persona_id="persona.beta")
    for turn in range(5):
        give(alice, {"signal": f"s{turn}"}, NOW + turn * SECOND)
    give(alice, [{"signal": f"b{turn}"} for turn in range(2)], NOW + 9 * SECOND)
    assert signals() == ["beta", "s4", "b0", "b1"]


def test_it_keeps_the_newest_by_time_and_not_by_arrival(
    alice: User, consented: Persona, settings: Any
) -> None:
    settings.ARW_PERSONA_VIBE_HISTORY_RETAIN = 2
    give(alice, {"signal": "third"}, NOW + 3 * SECOND)
    give(alice, {"signal": "second"}, NOW + 2 * SECOND)
    give(alice, {"signal": "first"}, NOW + SECOND)
    assert signals() == ["second", "third"]


def test_it_keeps_none_beyond_the_maximum_age(
    alice: User, consented: Persona, settings: Any
) -> None:
    settings.ARW_PERSONA_VIBE_MAX_AGE = timedelta(days=7)
    give(alice, {"signal": "old"})
    week = NOW + timedelta(days=7)
    assert [one.signal for one in vibe_history(consented.id, limit=50, now=week)] == ["old"]
    assert vibe_history(consented.id, limit=50, now=week + SECOND) == []
    assert signals() == ["old"]
    give(alice, {"signal": "new"}, week + SECOND)
    assert signals() == ["new"]


def test_it_prunes_personas_at_rest(
    alice: User, consented: Persona, capsys: pytest.CaptureFixture[str]
) -> None:
    give(alice, {"signal": "old", "id": "1"})
    receipts = consented.receipts.count()
    call_command("prune_telemetry")
    assert "1 samples and 1 keys" in capsys.readouterr().out
    assert not VibeSample.objects.exists()
    assert not IdempotencyRecord.objects.exists()
    assert consented.receipts.count() == receipts


def test_it_stores_nothing_when_retention_fails(alice: User, consented: Persona) -> None:
    def fail(**_: Any) -> None:
        raise ReceiptIsAppendOnly("any error will do")

    before = everything()
    samples_recorded.connect(fail)
    try:
        with pytest.raises(ReceiptIsAppendOnly):
            give(alice, {"signal": "x", "id": "1"})
    finally:
        samples_recorded.disconnect(fail)
    assert everything() == before
