"""What a report is on the persona's page: in words and numbers, not in colour alone."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from leases.models import User
from personas.models import Persona
from telemetry.self_model.reporting import self_model_report
from tests.people import NOW, grant, make_persona

pytestmark = pytest.mark.django_db


def sureness(client: Client, persona: Persona) -> str:
    page = client.get(persona.get_absolute_url()).content.decode()
    return page.split("How sure it is", 1)[1].split("</section>", 1)[0]


def test_it_shows_confidence_competence_cost_and_drift(alice: User) -> None:
    persona = make_persona(now=NOW)
    grant(now=NOW, ttl_secs=86_400)
    client = Client()
    client.force_login(alice, backend="leases.authentication.PeopleBackend")

    def report(confidence: float, now: datetime) -> None:
        self_model_report(
            actor=alice,
            persona_id=persona.id,
            confidence=confidence,
            competence=0.72,
            cost=1450.5,
            now=now,
        )

    report(0.81, NOW)
    calm = sureness(client, persona)
    for text in ("0.81", "0.72", "1,450.50", "0.00", "near its baseline"):
        assert text in calm
    report(0.4, NOW + timedelta(hours=2))
    moved = sureness(client, persona)
    assert "away from its baseline" in moved
    assert "near its baseline" not in moved
    for text in ("0.40", "0.41"):
        assert text in moved
