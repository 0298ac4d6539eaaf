"""The page that revises a proposal, and the page that compares two revisions."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import Lease
from personas.models import HistoryEntry, Persona, Proposal, ProposalRevision
from personas.services.proposals import proposal_revise
from personas.services.records import record_apply
from tests.people import NOW, propose, someone, state_of

GENTLE = '[{"op": "replace", "path": "/traits/tone", "value": "gentle"}]'


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(someone(name), backend="leases.authentication.PeopleBackend")
    return client


def page_of(proposal: Proposal, page: str = "revise") -> str:
    return reverse(f"admin:personas_proposal_{page}", args=[proposal.pk])


def sent(proposal: Proposal, diff: str = GENTLE, step: str = "submit") -> dict[str, str]:
    return {"diff": diff, "rationale": "Softer.", "digest": proposal.digest, "step": step}


def test_it_begins_with_what_is_asked_for(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona, rationale="Too cool.")
    page = client_of("alice").get(page_of(proposal))
    form = page.context["form"]
    assert json.loads(form.diff) == proposal.diff
    assert form.rationale == "Too cool."
    assert f'name="digest" value="{proposal.digest}"' in page.content.decode()


@pytest.mark.parametrize("name", ["alice", "bob", "dana"])
def test_it_makes_a_revision(persona: Persona, manage_lease: Lease, name: str) -> None:
    proposal = propose(persona)
    answer = client_of(name).post(page_of(proposal), sent(proposal))
    assert answer["Location"] == proposal.get_absolute_url()
    revised = Proposal.objects.get()
    assert (revised.revision, revised.rationale) == (2, "Softer.")
    assert revised.diff == json.loads(GENTLE)
    assert ProposalRevision.objects.count() == 2
    persona.refresh_from_db()
    assert (persona.version, persona.traits["tone"]) == (1, "cool")


def test_it_previews_without_writing(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    page = client_of("alice").post(page_of(proposal), sent(proposal, step="preview"))
    assert "Preview: 1 changed" in page.content.decode()
    assert page.context["form"].diff == GENTLE
    assert state_of(persona) == before


def test_it_lets_no_second_editor_overwrite(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona)
    theirs = json.loads(GENTLE.replace("gentle", "stern"))
    proposal_revise(actor=someone("bob"), proposal_id=proposal.pk, diff=theirs, now=timezone.now())
    before = state_of(persona)
    page = client_of("alice").post(page_of(proposal), sent(proposal))
    text = page.content.decode()
    assert page.status_code == 409
    assert "Somebody else revised the proposal" in text
    assert page.context["form"].diff == GENTLE
    assert "stern" in page.context["current_diff"]
    assert f'name="digest" value="{Proposal.objects.get().digest}"' in text
    assert state_of(persona) == before


def test_it_refuses_a_form_without_a_digest(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    page = client_of("alice").post(page_of(proposal), sent(proposal) | {"digest": ""})
    assert page.status_code == 409
    assert state_of(persona) == before


@pytest.mark.parametrize("diff", ["", "{", "7", '{"version": 9}', '{"traits": {"tone": "cool"}}'])
def test_it_keeps_what_was_typed(persona: Persona, manage_lease: Lease, diff: str) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    page = client_of("alice").post(page_of(proposal), sent(proposal, diff))
    assert page.status_code == 400
    assert 'id="diff-error"' in page.content.decode()
    assert page.context["form"].diff == diff
    assert state_of(persona) == before


def test_it_carries_the_change_over_when_the_record_moved(
    persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona)
    record_apply(
        persona_id=persona.id,
        base_version=1,
        ops=[{"op": "add", "path": "/traits/pace", "value": 9}],
        kind=HistoryEntry.Kind.CONSENT,
        actor=someone("dana"),
        now=timezone.now(),
    )
    page = client_of("alice").get(page_of(proposal))
    assert "The change was carried over" in page.content.decode()
    answer = client_of("alice").post(page_of(proposal), sent(proposal))
    assert answer.status_code == 302
    assert Proposal.objects.get().base_version == 2


def test_it_refuses_members_who_are_not_the_author(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona, actor=someone("bob"))
    before = state_of(persona)
    assert client_of("alice").get(page_of(proposal)).status_code == 403
    assert client_of("alice").post(page_of(proposal), sent(proposal)).status_code == 403
    assert state_of(persona) == before


@pytest.mark.parametrize("page", ["revise", "revisions", "comment"])
def test_it_refuses_strangers(persona: Persona, manage_lease: Lease, page: str) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    for method in ("get", "post"):
        answer = getattr(client_of("charlie"), method)(page_of(proposal, page), sent(proposal))
        assert answer.status_code == 403
        assert "Companion" not in answer.content.decode()
    assert state_of(persona) == before


def test_it_refuses_without_a_lease(persona: Persona) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    page = client_of("alice").post(page_of(proposal), sent(proposal))
    assert page.status_code == 403
    assert page.context["form"].diff == GENTLE
    assert state_of(persona) == before


def test_it_is_over_once_decided(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona, now=NOW)
    before = state_of(persona)
    answer = client_of("alice").get(page_of(proposal))
    assert answer["Location"] == proposal.get_absolute_url()
    page = client_of("alice").post(page_of(proposal), sent(proposal))
    assert page.status_code == 409
    assert page.context["form"].diff == GENTLE
    assert state_of(persona) == before


def test_it_compares_two_revisions(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona, rationale="Too cool.")
    client_of("alice").post(page_of(proposal), sent(proposal))
    page = client_of("bob").get(page_of(proposal, "revisions"))
    assert [(row.path, row.before, row.after) for row in page.context["rows"]] == [
        ("/traits/tone", "warm", "gentle")
    ]
    assert [row.path for row in page.context["asked_rows"]] == ["/rationale"]
    same = client_of("bob").get(page_of(proposal, "revisions"), {"from": "1", "to": "1"})
    assert same.context["rows"] == same.context["asked_rows"] == []


@pytest.mark.parametrize("asked", ["0", "3", "x", "-1", "9" * 40, ""])
def test_it_has_no_revision_that_never_was(persona: Persona, asked: str) -> None:
    proposal = propose(persona)
    page = client_of("bob").get(page_of(proposal, "revisions"), {"from": asked, "to": "1"})
    assert page.status_code == 404
    assert "There is no such revision." in page.content.decode()
