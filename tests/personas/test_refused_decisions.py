"""Decisions that came too late or without a lease: who came first, and what was typed is kept."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import Lease
from leases.services.revoking import lease_revoke
from personas.models import HistoryEntry, Persona, Proposal
from personas.services.proposals import proposal_revise
from tests.people import NOW, WARMER, grant, lent, propose, someone, state_of
from tests.personas.test_review_page import form, page_of, repaint, signed_in

TYPED = "I read all of it, and it fits."


def alert(text: str) -> str:
    """What the page says of the refusal, without its tags."""
    found = re.search(r'<div class="callout callout-error refusal".*?</div>', text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def opened(text: str) -> bool:
    """Whether a confirmation is open on the page."""
    return "data-confirm-open" in text


def test_it_says_who_decided_and_when_and_links_the_result(
    persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona)
    signed_in(someone("bob")).post(page_of(proposal), form(proposal, "approve"))
    before = state_of(persona)
    late = signed_in(someone("dana")).post(page_of(proposal), form(proposal, "reject", TYPED))
    text = late.content.decode()
    assert late.status_code == 409
    assert "Somebody else decided first. Approved by Bob, just now" in alert(text)
    assert "Nothing was applied twice" in alert(text)
    compared = reverse("admin:personas_persona_compare", args=[persona.id])
    assert f"{compared}?from=1&amp;to=2" in text
    assert TYPED in text
    assert state_of(persona) == before


def test_it_tells_the_second_window_of_the_same_person(
    persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona)
    client = signed_in(someone("bob"))
    client.post(page_of(proposal), form(proposal, "reject", "No."))
    before = state_of(persona)
    text = client.post(page_of(proposal), form(proposal, "approve", TYPED)).content.decode()
    assert "You decided already" in alert(text)
    assert "Rejected by Bob" in alert(text)
    assert TYPED in text
    assert state_of(persona) == before


def test_it_says_that_the_time_ran_out(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona, now=NOW)
    before = state_of(persona)
    page = signed_in(someone("bob")).post(page_of(proposal), form(proposal, "approve", TYPED))
    text = page.content.decode()
    assert page.status_code == 409
    assert "It expired before you decided. Its time ran out" in alert(text)
    assert "Somebody else" not in alert(text)
    assert reverse("admin:personas_persona_propose", args=[persona.id]) in alert_links(text)
    assert TYPED in text
    assert state_of(persona) == before


def test_it_names_the_revision_that_came_between(persona: Persona, manage_lease: Lease) -> None:
    shown = propose(persona)
    gentle = [{**WARMER[0], "value": "gentle"}]
    proposal_revise(actor=someone("alice"), proposal_id=shown.pk, diff=gentle, now=timezone.now())
    before = state_of(persona)
    page = signed_in(someone("bob")).post(page_of(shown), form(shown, "approve", TYPED))
    text = page.content.decode()
    assert page.status_code == 409
    assert "Alice wrote revision 2." in alert(text)
    compared = reverse("admin:personas_proposal_revisions", args=[shown.pk])
    assert f"{compared}?from=1&amp;to=2" in text
    assert TYPED in text
    assert state_of(persona) == before


@pytest.mark.parametrize("decision", ["approve", "reject", "request_changes"])
def test_it_opens_no_confirmation_on_what_nobody_saw(
    persona: Persona, manage_lease: Lease, decision: str
) -> None:
    shown = propose(persona)
    gentle = [{**WARMER[0], "value": "gentle"}]
    revised = proposal_revise(
        actor=someone("alice"), proposal_id=shown.pk, diff=gentle, now=timezone.now()
    )
    before = state_of(persona)
    sent = form(shown, decision, TYPED)
    page = signed_in(someone("bob")).post(page_of(shown), {**sent, "attested": "yes"})
    text = page.content.decode()
    assert page.status_code == 409
    assert not opened(text)
    assert "Look again, then decide." in alert(text)
    assert f'aria-labelledby="unsent-label">\n{TYPED}</textarea>' in text
    assert revised.digest in text
    assert " checked" not in text
    revised.refresh_from_db()
    assert revised.status == Proposal.Status.PENDING
    assert state_of(persona) == before


def test_it_closes_a_rejection_without_a_reason_on_another_version(
    persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona)
    repaint(persona, "/traits/pace", "slow")
    before = state_of(persona)
    page = signed_in(someone("bob")).post(page_of(proposal), form(proposal, "reject", " "))
    text = page.content.decode()
    assert page.status_code == 400
    assert not opened(text)
    assert "is at version 2 now." in alert(text)
    assert state_of(persona) == before


def test_it_says_that_the_persona_moved_on(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona)
    repaint(persona, "/traits/pace", "slow")
    before = state_of(persona)
    client = signed_in(someone("bob"))
    stale = client.post(page_of(proposal), form(proposal, "approve", TYPED)).content.decode()
    assert "is at version 2 now." in alert(stale)
    compared = reverse("admin:personas_persona_compare", args=[persona.id])
    assert f"{compared}?from=1&amp;to=2" in stale
    assert TYPED in stale
    assert state_of(persona) == before


def test_it_leads_from_a_stale_change_to_the_conflict(
    persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona)
    repaint(persona, "/traits/tone", "stern")
    before = state_of(persona)
    sent = form(proposal, "approve", TYPED, version=2)
    page = signed_in(someone("bob")).post(page_of(proposal), sent)
    text = page.content.decode()
    assert page.status_code == 409
    assert "does not fit it any more" in alert(text)
    assert 'href="#q-true"' in text
    assert reverse("admin:personas_proposal_revise", args=[proposal.pk]) in alert_links(text)
    assert TYPED in text
    assert state_of(persona) == before


def alert_links(text: str) -> list[str]:
    found = re.search(r'<ul class="refusal-links">.*?</ul>', text, re.DOTALL)
    return re.findall(r'href="([^"]+)"', found[0]) if found else []


def without_lease(client: Client, proposal: Proposal, decision: str) -> str:
    """The page after a decision whose lease ran out in the meantime."""
    answer = client.post(page_of(proposal), form(proposal, decision, TYPED))
    assert answer.status_code == 403
    return answer.content.decode()


@pytest.mark.parametrize("decision", ["approve", "reject", "request_changes"])
def test_it_keeps_the_decision_until_the_lease_is_there(persona: Persona, decision: str) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    client = signed_in(someone("dana"))
    text = without_lease(client, proposal, decision)
    assert "A lease that this needs ran out or is missing." in alert(text)
    (way,) = alert_links(text)
    assert way.startswith(reverse("admin:leases_lease_grant"))
    assert TYPED in text
    back = f"{page_of(proposal)}?resume=1"
    assert not opened(client.get(back).content.decode())
    assert TYPED in client.get(back).content.decode()
    assert state_of(persona) == before
    grant()
    resumed = client.get(back).content.decode()
    assert opened(resumed)
    assert f'name="decision" value="{decision}"' in resumed
    assert TYPED in resumed
    done = client.post(page_of(proposal), form(proposal, decision, TYPED))
    assert done.status_code == 302
    assert TYPED not in client.get(f"{back}&view=patch").content.decode().partition("q-decide")[2]


def test_it_offers_the_request_to_who_may_not_grant(persona: Persona) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    client = signed_in(someone("bob"))
    (way,) = alert_links(without_lease(client, proposal, "reject"))
    assert way.startswith(reverse("admin:leases_leaserequest_ask"))
    answer = client.post(
        way.replace("&amp;", "&"),
        {
            "capability": "persona:manage",
            "scope": f"persona:{persona.id}",
            "ttl_minutes": "60",
            "reason": "To decide.",
        },
    )
    assert (answer.status_code, answer["Location"]) == (302, f"{page_of(proposal)}?resume=1#decide")
    text = client.get(answer["Location"]).content.decode()
    assert TYPED in text
    assert not opened(text)
    assert state_of(persona) == before


def test_it_keeps_nothing_for_another_proposal_or_person(persona: Persona) -> None:
    first, second = propose(persona), propose(persona, [{**WARMER[0], "value": "kind"}])
    client = signed_in(someone("dana"))
    without_lease(client, first, "reject")
    assert TYPED not in client.get(f"{page_of(second)}?resume=1").content.decode()
    other = signed_in(someone("bob"))
    assert TYPED not in other.get(f"{page_of(first)}?resume=1").content.decode()


def test_it_does_not_resume_on_another_revision(persona: Persona) -> None:
    proposal = propose(persona)
    client = signed_in(someone("dana"))
    without_lease(client, proposal, "approve")
    gentle = [{**WARMER[0], "value": "gentle"}]
    now = timezone.now()
    with lent(now=now):
        proposal_revise(actor=someone("alice"), proposal_id=proposal.pk, diff=gentle, now=now)
    grant()
    text = client.get(f"{page_of(proposal)}?resume=1").content.decode()
    assert not opened(text)
    assert "Alice wrote revision 2." in alert(text)
    assert TYPED in text
    assert HistoryEntry.objects.count() == 1


def test_it_offers_the_grant_when_a_lease_was_taken_away(
    persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona)
    client = signed_in(someone("dana"))
    assert client.get(page_of(proposal)).status_code == 200
    lease_revoke(
        actor=someone("dana"), lease_id=manage_lease.pk, reason="Over.", now=timezone.now()
    )
    before = state_of(persona)
    assert alert_links(without_lease(client, proposal, "approve"))
    assert state_of(persona) == before
