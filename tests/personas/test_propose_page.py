"""The page that proposes a change."""

import pytest
from django.test import Client
from django.urls import reverse

from leases.models import Lease
from personas.models import Persona, Proposal
from tests.people import someone, state_of

CHANGE = '{"traits": {"tone": "warm"}}'


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(someone(name), backend="leases.authentication.PeopleBackend")
    return client


def address(persona: Persona) -> str:
    return reverse("admin:personas_persona_propose", args=[persona.id])


def test_it_previews_without_writing(persona: Persona, manage_lease: Lease) -> None:
    before = state_of(persona)
    page = client_of("alice").post(address(persona), {"diff": CHANGE, "step": "preview"})
    assert page.status_code == 200
    assert "Preview: 1 changed" in page.content.decode()
    assert state_of(persona) == before


def test_it_submits(persona: Persona, manage_lease: Lease) -> None:
    sent = {"diff": CHANGE, "rationale": "Warmer.", "step": "submit"}
    answer = client_of("alice").post(address(persona), sent)
    proposal = Proposal.objects.get()
    assert answer["Location"] == proposal.get_absolute_url()
    assert (proposal.rationale, proposal.submitted_by) == ("Warmer.", someone("alice"))


@pytest.mark.parametrize("step", ["preview", "submit"])
@pytest.mark.parametrize(
    "diff",
    [
        "",
        "{",
        "NaN",
        "7",
        "{}",
        "[" * 5000,
        '{"traits": {"tone": "cool"}}',
        '{"version": 9}',
        '[{"op": "remove", "path": "/traits/none"}]',
        '{"name": "\\u0000"}',
        '{"name": "\\ud800"}',
    ],
)
def test_it_keeps_what_was_typed_and_says_what_is_wrong(
    persona: Persona, manage_lease: Lease, diff: str, step: str
) -> None:
    before = state_of(persona)
    sent = {"diff": diff, "rationale": "Kept words.", "step": step}
    page = client_of("alice").post(address(persona), sent)
    assert page.status_code == 400
    assert 'id="diff-error"' in page.content.decode()
    assert page.context["form"].diff == diff
    assert "Kept words." in page.content.decode()
    assert state_of(persona) == before


def test_it_says_beside_the_reason_that_it_is_too_long(
    persona: Persona, manage_lease: Lease
) -> None:
    sent = {"diff": CHANGE, "rationale": "x" * 10_001, "step": "submit"}
    page = client_of("alice").post(address(persona), sent)
    assert page.status_code == 400
    assert 'id="rationale-error"' in page.content.decode()
    assert Proposal.objects.count() == 0


def test_it_refuses_without_a_lease(persona: Persona) -> None:
    page = client_of("alice").post(address(persona), {"diff": CHANGE, "step": "submit"})
    assert page.status_code == 403
    assert CHANGE.replace('"', "&quot;") in page.content.decode()
    assert Proposal.objects.count() == 0


def test_it_refuses_strangers(persona: Persona, manage_lease: Lease) -> None:
    page = client_of("charlie").post(address(persona), {"diff": CHANGE, "step": "submit"})
    assert page.status_code == 403
    assert Proposal.objects.count() == 0


def test_it_has_no_page_for_an_unknown_persona(db: None) -> None:
    unknown = reverse("admin:personas_persona_propose", args=["persona.none"])
    assert client_of("alice").get(unknown).status_code == 404


@pytest.mark.parametrize("diff", ["{\n  tone: 1}", '{\n  "tone" 1}', "{\n  "])
def test_it_says_in_its_own_words_where_json_ends(persona: Persona, diff: str) -> None:
    before = state_of(persona)
    page = client_of("alice").post(address(persona), {"diff": diff, "step": "preview"})
    text = page.content.decode()
    assert "no JSON from line 2, column" in text.lower().replace("no json", "no JSON")
    assert "Expecting" not in text
    assert "delimiter" not in text
    assert state_of(persona) == before
