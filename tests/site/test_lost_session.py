"""A form that is sent after its session ended leads to the sign-in, and no text is lost."""

import pytest
from django.test import Client
from django.urls import reverse

from leases.models import Lease
from personas.models import Comment, Persona, Proposal
from tests.people import propose, someone, state_of

HTML = {"Accept": "text/html"}
TEXT = "Is this <b>what</b> she wants?"


@pytest.fixture
def proposal(persona: Persona) -> Proposal:
    return propose(persona)


def comment_address(proposal: Proposal) -> str:
    return reverse("admin:personas_proposal_comment", args=[proposal.pk])


def test_it_shows_what_was_typed(proposal: Proposal) -> None:
    before = state_of(proposal.persona)
    review = proposal.get_absolute_url()
    headers = {**HTML, "Referer": f"http://testserver{review}?about=/name"}
    page = Client().post(comment_address(proposal), {"text": TEXT}, headers=headers)
    assert page.status_code == 403
    assert "nothing was sent" in page.content.decode()
    assert "Is this &lt;b&gt;what&lt;/b&gt; she wants?" in page.content.decode()
    assert page.context["sign_in"].startswith("/admin/login/?next=%2Fadmin%2Fpersonas%2Fproposal")
    assert page.context["sign_in"].endswith("review%2F%3Fabout%3D%2Fname")
    assert "Companion" not in page.content.decode()
    assert Comment.objects.count() == 0
    assert state_of(proposal.persona) == before


@pytest.mark.parametrize(
    ("sent", "headers"),
    [
        ({"text": TEXT, "kept": "yes"}, HTML),
        ({"text": "   "}, HTML),
        ({}, HTML),
        ({"text": TEXT}, {}),
    ],
)
def test_it_leads_to_the_sign_in(
    proposal: Proposal, sent: dict[str, str], headers: dict[str, str]
) -> None:
    review = proposal.get_absolute_url()
    answer = Client().post(
        comment_address(proposal),
        sent,
        headers={**headers, "Referer": f"http://testserver{review}"},
    )
    assert answer.status_code == 302
    assert answer["Location"] == f"/admin/login/?next={review}"
    assert Comment.objects.count() == 0


@pytest.mark.parametrize("referer", ["https://elsewhere.example/x", "", "javascript:1", "//evil"])
def test_it_goes_back_to_no_other_site(proposal: Proposal, referer: str) -> None:
    where = comment_address(proposal)
    answer = Client().post(where, {}, headers={**HTML, "Referer": referer})
    assert answer["Location"] == f"/admin/login/?next={where}"


def test_it_shows_nothing_of_a_forged_request(proposal: Proposal) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post(comment_address(proposal), {"text": TEXT}, headers=HTML)
    assert page.status_code == 403
    assert "Nothing was sent" in page.content.decode()
    assert "she wants" not in page.content.decode()


def test_it_is_not_met_by_who_is_signed_in(proposal: Proposal) -> None:
    client = Client()
    client.force_login(someone("bob"), backend="leases.authentication.PeopleBackend")
    answer = client.post(comment_address(proposal), {"text": TEXT}, headers=HTML)
    assert answer["Location"].startswith(proposal.get_absolute_url())
    assert Comment.objects.get().text == TEXT


def test_it_shows_every_field_of_a_grant(db: None) -> None:
    sent = {
        "capability": "share:notes",
        "scope": "workspace:atelier",
        "subject": "alice",
        "ttl_minutes": "45",
        "budget": "",
        "reason": "For the audit.",
    }
    page = Client().post(reverse("admin:leases_lease_grant"), sent, headers=HTML)
    assert page.status_code == 403
    shown = {name: (value, lines) for name, _label, value, lines in page.context["texts"]}
    assert shown == {
        "capability": ("share:notes", 1),
        "scope": ("workspace:atelier", 1),
        "subject": ("alice", 1),
        "ttl_minutes": ("45", 1),
        "reason": ("For the audit.", 8),
    }
    assert Lease.objects.count() == 0
