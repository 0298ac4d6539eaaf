"""The table of samples: whoever holds no lease for the consent's scope sees an empty one."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from leases.models import Lease
from personas.models import Persona
from telemetry.models import VibeSample
from tests.people import make_persona, someone
from tests.telemetry.test_consent_page import client_of

TABLE = reverse("admin:telemetry_vibesample_changelist")


def keep(persona: Persona, signal: str) -> VibeSample:
    return VibeSample.objects.create(
        persona=persona,
        kind="tone",
        signal=signal,
        strength=0.7,
        note="She slowed down.",
        metadata={"surface": "desk\u202e"},
        principal=someone("alice"),
        recorded_at=timezone.now(),
    )


def test_it_lists_samples_under_a_lease(consented: Persona, telemetry_lease: Lease) -> None:
    keep(consented, "warmer")
    page = client_of("alice").get(TABLE)
    assert page.context["cl"].result_count == 1
    text = page.content.decode()
    assert "warmer" in text
    assert "&quot;surface&quot;: &quot;desk\\u202e&quot;" in text
    assert "\u202e" not in text
    assert "<bdi>She slowed down.</bdi>" in text
    assert VibeSample.objects.count() == 1


def test_it_lists_none_without_a_lease(consented: Persona) -> None:
    keep(consented, "warmer")
    page = client_of("dana").get(TABLE)
    assert page.context["cl"].result_count == 0
    assert "warmer" not in page.content.decode()
    assert VibeSample.objects.count() == 1


def test_it_names_who_gave_it_to_admins_only(consented: Persona, telemetry_lease: Lease) -> None:
    keep(consented, "warmer")
    for who, named in (("alice", False), ("bob", False), ("dana", True)):
        page = client_of(who).get(TABLE)
        assert page.context["cl"].result_count == 1
        assert ("field-principal" in page.content.decode()) is named
    assert VibeSample.objects.count() == 1


def test_it_judges_many_personas_at_once(consented: Persona, telemetry_lease: Lease) -> None:
    keep(consented, "warmer")
    client = client_of("bob")
    with CaptureQueriesContext(connection) as one:
        client.get(TABLE)
    for number in range(5):
        more = make_persona(f"persona.n{number}", preferences=consented.preferences)
        keep(more, "warmer")
    off = make_persona("persona.off")
    keep(off, "hidden")
    with CaptureQueriesContext(connection) as many:
        page = client.get(TABLE)
    assert page.context["cl"].result_count == 6
    assert "hidden" not in {row.signal for row in page.context["cl"].result_list}
    assert len(many) == len(one)


def test_it_shows_no_row_by_itself(consented: Persona, telemetry_lease: Lease) -> None:
    sample = keep(consented, "warmer")
    for page in ("change", "history", "delete"):
        address = reverse(f"admin:telemetry_vibesample_{page}", args=[sample.pk])
        for who in ("alice", "dana"):
            assert client_of(who).get(address).status_code == 403
            assert client_of(who).post(address).status_code == 403
    assert VibeSample.objects.get() == sample


def test_it_is_closed_to_strangers(consented: Persona, telemetry_lease: Lease) -> None:
    keep(consented, "warmer")
    answer = client_of("charlie").get(TABLE)
    assert answer.status_code == 403
    assert "warmer" not in answer.content.decode()
