"""The feedback widget as a form post, judged as the API judges (contract §7)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import Lease
from personas.models import Persona
from telemetry.models import VibeSample
from telemetry.services.consent import consent_set
from tests.people import someone, state_of
from tests.telemetry.test_consent_page import client_of

PART = {"X-Desk-Part": "feedback"}
WARMER = {"warmth": "warmer", "pace": "", "formality": "less_formal", "strength": "0.8"}


def send(persona: Persona, form: dict[str, str], *, by: str | Client = "alice", **headers: str) -> Any:  # fmt: skip
    client = client_of(by) if isinstance(by, str) else by
    address = reverse("admin:telemetry_feedback_give", args=[persona.id])
    return client.post(address, form, headers=headers)


def kept() -> list[tuple[Any, ...]]:
    rows = VibeSample.objects.order_by("pk")
    return list(rows.values_list("kind", "signal", "strength", "note", "principal__username"))


def test_it_stores_one_sample_for_each_answer(consented: Persona, telemetry_lease: Lease) -> None:
    client = client_of("alice")
    answer = send(consented, {**WARMER, "note": "He listened."}, by=client)
    assert answer.status_code == 302
    assert answer["Location"] == f"{consented.get_absolute_url()}#feedback"
    assert kept() == [
        ("vibe", "warmer", 0.8, "He listened.", "alice"),
        ("vibe", "less_formal", 0.8, "He listened.", "alice"),
    ]
    page = client.get(consented.get_absolute_url())
    assert page.context["feedback"].given == "Stored: warmer, less formal. Thank you."
    assert client.get(consented.get_absolute_url()).context["feedback"].given == ""


def test_it_answers_the_widget_alone_to_the_script(
    consented: Persona, telemetry_lease: Lease
) -> None:
    answer = send(consented, WARMER, **PART)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert text.lstrip().startswith("<section")
    assert "Stored: warmer, less formal. Thank you." in text
    assert len(kept()) == 2


def test_it_counts_a_form_that_is_sent_twice_once(
    consented: Persona, telemetry_lease: Lease
) -> None:
    form = {**WARMER, "key": str(uuid.uuid4())}
    assert [send(consented, form).status_code for _ in range(2)] == [302, 302]
    assert len(kept()) == 2
    changed = send(consented, {**form, "warmth": "cooler"})
    assert changed.status_code == 409
    assert changed.context["feedback"].key != form["key"]
    assert len(kept()) == 2


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"strength": "0.8", "note": "Only words."}, "signal_error"),
        ({"warmth": "purple", "strength": "0.8"}, "signal_error"),
        ({**WARMER, "strength": "9"}, "strength_error"),
        ({**WARMER, "note": "x" * 2001}, "note_error"),
    ],
)
def test_it_says_beside_the_field_what_is_wrong(
    consented: Persona, telemetry_lease: Lease, form: dict[str, str], error: str
) -> None:
    before = state_of(consented)
    page = send(consented, form)
    assert page.status_code == 400
    shown = page.context["feedback"]
    assert getattr(shown, error)
    assert getattr(shown, error) in page.content.decode()
    assert shown.note == form.get("note", "")
    assert (kept(), state_of(consented)) == ([], before)


def test_it_says_when_to_try_again(
    consented: Persona, telemetry_lease: Lease, settings: Any
) -> None:
    settings.ARW_PERSONA_FEEDBACK_RATE = 1
    client = client_of("alice")
    answers = [send(consented, {**WARMER, "note": "Mine."}, by=client) for _ in range(3)]
    refused = answers[-1]
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) >= 1
    assert "Try again in" in refused.context["feedback"].error
    assert refused.context["feedback"].note == "Mine."
    assert "Mine." in refused.content.decode()


def test_it_refuses_without_consent_and_keeps_what_was_typed(
    consented: Persona, telemetry_lease: Lease, manage_lease: Lease
) -> None:
    dana = someone("dana")
    consent_set(actor=dana, persona_id=consented.id, enabled=False, now=timezone.now())
    page = send(consented, {**WARMER, "note": "Too late."})
    assert page.status_code == 412
    assert "Too late." in page.content.decode()
    assert "data-feedback-form" not in page.content.decode()
    assert kept() == []


def test_it_refuses_without_a_lease_and_says_where_to_ask(consented: Persona) -> None:
    page = send(consented, {**WARMER, "note": "Mine."})
    assert page.status_code == 403
    text = page.content.decode()
    assert "Ask for it" in text
    assert "Mine." in text
    assert kept() == []


def test_it_turns_strangers_away(consented: Persona, telemetry_lease: Lease) -> None:
    assert send(consented, WARMER, by="charlie").status_code == 403
    assert send(consented, WARMER, by=Client()).status_code == 302
    assert kept() == []


def test_it_knows_no_other_persona(consented: Persona, telemetry_lease: Lease) -> None:
    address = reverse("admin:telemetry_feedback_give", args=["persona.nobody"])
    assert client_of("alice").post(address, WARMER).status_code == 404
