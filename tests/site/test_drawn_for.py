"""What one person's open page sends is never carried out, or answered, as somebody else."""

import pytest
from django.test import Client
from django.urls import reverse

from leases.models import Lease
from personas.models import Comment, Persona, Proposal
from tests.people import propose, someone, state_of
from tests.personas.test_review_page import form, page_of, signed_in

HTML = {"Accept": "text/html"}
TEXT = "Is this <b>what</b> she wants?"
HEADER = "X-Desk-Drawn-For"


@pytest.fixture
def proposal(persona: Persona, manage_lease: Lease) -> Proposal:
    return propose(persona)


@pytest.fixture
def bob() -> Client:
    return signed_in(someone("bob"))


def comment_address(proposal: Proposal) -> str:
    return reverse("admin:personas_proposal_comment", args=[proposal.pk])


def drawn_for(name: str) -> dict[str, str]:
    return {"drawn_for": str(someone(name).pk)}


def test_it_shows_what_the_page_of_another_sent(proposal: Proposal, bob: Client) -> None:
    review = page_of(proposal)
    before = state_of(proposal.persona)
    headers = {**HTML, "Referer": f"http://testserver{review}"}
    sent = {"text": TEXT, "kept": "yes", **drawn_for("alice")}
    page = bob.post(comment_address(proposal), sent, headers=headers)
    text = page.content.decode()
    assert page.status_code == 409
    assert "opened by another person than Bob" in text
    assert "Is this &lt;b&gt;what&lt;/b&gt; she wants?" in text
    assert f'href="{review}"' in text
    assert Comment.objects.count() == 0
    assert state_of(proposal.persona) == before


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_it_decides_nothing_for_another(proposal: Proposal, bob: Client, decision: str) -> None:
    before = state_of(proposal.persona)
    sent = {**form(proposal, decision, "I read it."), **drawn_for("dana")}
    page = bob.post(page_of(proposal), sent, headers=HTML)
    assert page.status_code == 409
    assert "I read it." in page.content.decode()
    proposal.refresh_from_db()
    assert (proposal.status, proposal.decided_by) == (Proposal.Status.PENDING, None)
    assert state_of(proposal.persona) == before


def test_it_takes_what_the_own_page_sends(proposal: Proposal, bob: Client) -> None:
    sent = {**form(proposal, "approve", "I read it."), **drawn_for("bob")}
    assert bob.post(page_of(proposal), sent, headers=HTML).status_code == 302
    proposal.refresh_from_db()
    assert proposal.decided_by == someone("bob")


def test_it_tells_a_script_and_shows_it_nothing(proposal: Proposal, bob: Client) -> None:
    about = {**HTML, "X-Desk-Refresh": "1"}
    other = {HEADER: str(someone("alice").pk)}
    for address in (page_of(proposal), reverse("admin:desk_badges")):
        own = bob.get(address, headers={**about, HEADER: str(someone("bob").pk)})
        assert own.status_code == 200
        page = bob.get(address, headers={**about, **other})
        assert page.status_code == 409
        assert "Bob" not in page.content.decode()
    found = bob.get(reverse("admin:desk_search_found"), {"q": "a"}, headers=other)
    assert found.status_code == 409
    assert found.json()["code"] == "drawn_for_another"


def test_it_previews_nothing_for_another(persona: Persona, bob: Client) -> None:
    before = state_of(persona)
    address = reverse("admin:personas_persona_propose", args=[persona.id])
    sent = {"step": "draft", "source": "patch", "text": "[]", **drawn_for("alice")}
    answer = bob.post(address, sent, headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert answer.json()["code"] == "drawn_for_another"
    assert state_of(persona) == before


def test_it_leads_who_is_signed_out_to_the_sign_in(proposal: Proposal) -> None:
    sent = {"text": TEXT, "kept": "yes", **drawn_for("alice")}
    answer = Client().post(comment_address(proposal), sent, headers=HTML)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")
    assert Comment.objects.count() == 0
