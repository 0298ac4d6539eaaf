"""Talking about a proposal on its page: comments, asking for changes, withdrawing, several yeses."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import Lease, User
from personas.models import Approval, Comment, HistoryEntry, Persona, Proposal
from personas.services.decisions import proposal_approve
from personas.services.proposals import proposal_revise
from tests.people import WARMER, propose, someone, state_of

CONSENT = {"preferences": {"telemetry": {"vibe": {"enabled": True}}}}


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(someone(name), backend="leases.authentication.PeopleBackend")
    return client


def comment_on(proposal: Proposal) -> str:
    return reverse("admin:personas_proposal_comment", args=[proposal.pk])


def decision(proposal: Proposal, which: str, text: str = "", **more: str) -> dict[str, str]:
    bound = {"digest": proposal.digest, "version": str(proposal.persona.version)}
    return {"decision": which, "rationale": text, **bound, **more}


def text_of(name: str, proposal: Proposal, **query: str) -> str:
    return str(client_of(name).get(proposal.get_absolute_url(), query).content.decode())


def test_it_shows_a_comment_beside_its_change(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona)
    for path in ("", "/traits/tone", "/traits/tone/deep", "/name"):
        sent = {"text": f"About {path or 'all'}.", "path": path}
        answer = client_of("alice").post(comment_on(proposal), sent)
        assert answer["Location"].startswith(f"{proposal.get_absolute_url()}#comment-")
    page = client_of("bob").get(proposal.get_absolute_url())
    beside = [comment.text for comment in page.context["rows"][0].comments]
    assert beside == ["About /traits/tone.", "About /traits/tone/deep."]
    assert [one.text for one in page.context["comments"]] == ["About all.", "About /name."]
    other_tab = client_of("bob").get(proposal.get_absolute_url(), {"view": "patch"})
    assert len(other_tab.context["comments"]) == 4


@pytest.mark.parametrize(
    ("text", "path"), [(" ", ""), ("x" * 10_001, ""), ("Fine.", "no-pointer"), ("Fine.", "/~7")]
)
def test_it_refuses_a_comment_and_keeps_the_text(persona: Persona, text: str, path: str) -> None:
    proposal = propose(persona)
    page = client_of("alice").post(comment_on(proposal), {"text": text, "path": path})
    assert page.status_code == 400
    assert 'id="comment-error"' in page.content.decode()
    assert page.context["comment_form"].text == text
    assert Comment.objects.count() == 0


def test_it_leads_from_the_address_of_a_comment_to_the_form(persona: Persona) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    for method in ("get", "head"):
        answer = getattr(client_of("alice"), method)(comment_on(proposal))
        assert answer.status_code == 302
        assert answer["Location"] == f"{proposal.get_absolute_url()}#comment"
    assert client_of("alice").put(comment_on(proposal)).status_code == 405
    assert Comment.objects.count() == 0
    assert state_of(persona) == before


def test_it_blocks_approval_until_it_is_revised(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona)
    sent = decision(proposal, "request_changes", "Say how warm.")
    assert client_of("bob").post(proposal.get_absolute_url(), sent).status_code == 302
    text = text_of("dana", proposal)
    assert "Bob asked for changes" in text
    assert "Say how warm." in text
    before = state_of(persona)
    refused = client_of("dana").post(proposal.get_absolute_url(), decision(proposal, "approve"))
    assert refused.status_code == 409
    assert state_of(persona) == before
    queue = client_of("bob").get(reverse("admin:personas_proposal_queue")).content.decode()
    assert "changes asked for" in queue


def test_it_asks_what_should_change(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    sent = decision(proposal, "request_changes", "  ")
    page = client_of("bob").post(proposal.get_absolute_url(), sent)
    assert page.status_code == 400
    assert 'id="inline-error"' in page.content.decode()
    assert state_of(persona) == before
    assert Comment.objects.count() == 0


@pytest.mark.parametrize(("name", "status"), [("alice", 302), ("bob", 302), ("charlie", 403)])
def test_it_withdraws(persona: Persona, manage_lease: Lease, name: str, status: int) -> None:
    proposal = propose(persona)
    before = state_of(persona)
    sent = decision(proposal, "withdraw", "A slip.")
    assert client_of(name).post(proposal.get_absolute_url(), sent).status_code == status
    proposal.refresh_from_db()
    assert proposal.status == ("pending" if status == 403 else "withdrawn")
    assert state_of(persona)["record"] == before["record"]
    if status == 302:
        assert f"Withdrawn by {name.title()}" in text_of("bob", proposal)


def test_it_lets_the_author_withdraw_without_a_lease(persona: Persona) -> None:
    proposal = propose(persona)
    page = client_of("alice").get(proposal.get_absolute_url())
    allowed = {option.name for option in page.context["options"] if option.allowed}
    assert allowed == {"withdraw"}
    sent = decision(proposal, "withdraw")
    assert client_of("alice").post(proposal.get_absolute_url(), sent).status_code == 302
    stranger = propose(persona, actor=someone("bob"))
    refused = client_of("alice").post(
        stranger.get_absolute_url(), decision(stranger, "withdraw", "Mine.")
    )
    assert refused.status_code == 403
    assert Proposal.objects.get(pk=stranger.pk).status == "pending"


def test_it_tells_the_second_tab_that_it_was_withdrawn(
    persona: Persona, manage_lease: Lease
) -> None:
    proposal = propose(persona)
    client_of("alice").post(proposal.get_absolute_url(), decision(proposal, "withdraw"))
    before = state_of(persona)
    late = client_of("bob").post(
        proposal.get_absolute_url(), decision(proposal, "request_changes", "Late words.")
    )
    assert late.status_code == 409
    assert "Somebody else decided first" in late.content.decode()
    assert "Late words." in late.content.decode()
    assert state_of(persona) == before


def test_it_counts_approvals(persona: Persona, manage_lease: Lease, settings: Any) -> None:
    settings.ARW_PERSONA_APPROVALS_REQUIRED = settings.ARW_PERSONA_APPROVALS_REQUIRED_HIGH = 2
    proposal = propose(persona)
    asked = {"confirm": "approve", "digest": proposal.digest, "version": "1"}
    assert "stays at version 1 until the others" in text_of("bob", proposal, **asked)
    answer = client_of("bob").post(
        proposal.get_absolute_url(), decision(proposal, "approve", "One."), follow=True
    )
    assert "Your approval is recorded: 1 of 2." in answer.content.decode()
    assert "1 of 2" in client_of("bob").get("/admin/personas/proposal/queue/").content.decode()
    assert "goes from version 1 to version 2" in text_of("dana", proposal, **asked)
    client_of("dana").post(proposal.get_absolute_url(), decision(proposal, "approve"))
    persona.refresh_from_db()
    assert persona.version == 2
    rows = client_of("bob").get(proposal.get_absolute_url()).context["approvals"]
    assert [(row.approval.approver.username, row.counts) for row in rows] == [
        ("bob", True),
        ("dana", True),
    ]


def test_it_says_which_approvals_count_no_more(
    persona: Persona, manage_lease: Lease, settings: Any
) -> None:
    settings.ARW_PERSONA_APPROVALS_REQUIRED = settings.ARW_PERSONA_APPROVALS_REQUIRED_HIGH = 2
    proposal, now = propose(persona), timezone.now()
    proposal_approve(actor=someone("bob"), proposal_id=proposal.pk, now=now)
    gentle = [{**WARMER[0], "value": "gentle"}]
    proposal_revise(actor=someone("alice"), proposal_id=proposal.pk, diff=gentle, now=now)
    text = text_of("dana", proposal)
    assert "0 of 2" in text
    assert "no longer counts" in text
    assert "It was given to revision 1; the proposal is at revision 2 now." in text
    assert Approval.objects.count() == 1


def test_it_lists_proposals_that_overlap(persona: Persona, manage_lease: Lease) -> None:
    one = propose(persona)
    other = propose(persona, [{**WARMER[0], "value": "gentle"}])
    apart = propose(persona, {"name": "Other"})
    assert other.get_absolute_url() in text_of("bob", one)
    assert one.get_absolute_url() in text_of("bob", other)
    page = client_of("bob").get(reverse("admin:personas_proposal_queue"))
    assert {row.proposal.pk: row.overlaps for row in page.context["rows"]} == {
        one.pk: 1,
        other.pk: 1,
        apart.pk: 0,
    }


def test_it_asks_for_the_attestation(persona: Persona, manage_lease: Lease, settings: Any) -> None:
    settings.ARW_PERSONA_ACCESSIBILITY = "attest"
    proposal = propose(persona, CONSENT)
    assert 'name="attested"' in text_of("bob", proposal)
    before = state_of(persona)
    page = client_of("bob").post(proposal.get_absolute_url(), decision(proposal, "approve", "Yes."))
    assert page.status_code == 400
    assert "with this box ticked" in page.content.decode()
    assert state_of(persona) == before
    sent = decision(proposal, "approve", "Yes.", attested="yes")
    assert client_of("bob").post(proposal.get_absolute_url(), sent).status_code == 302
    persona.refresh_from_db()
    assert persona.consent.enabled
    assert HistoryEntry.objects.count() == 2


@pytest.mark.parametrize(("diff", "mode"), [(CONSENT, "off"), (WARMER, "attest")])
def test_it_asks_for_no_attestation_otherwise(
    persona: Persona, manage_lease: Lease, settings: Any, diff: Any, mode: str
) -> None:
    settings.ARW_PERSONA_ACCESSIBILITY = mode
    assert 'name="attested"' not in text_of("bob", propose(persona, diff))


def test_it_keeps_reasons_readable_in_the_queue(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona)
    client_of("bob").post(proposal.get_absolute_url(), decision(proposal, "reject", "Leave him."))
    address = reverse("admin:personas_proposal_queue")
    rejected = client_of("alice").get(address, {"status": "rejected"}).content.decode()
    assert "Leave him." in rejected
    assert "Leave him." not in client_of("alice").get(address).content.decode()


def test_it_escapes_the_thread(persona: Persona, bob: User) -> None:
    proposal = propose(persona)
    evil = "<script>alert(1)</script>"
    path = f"/traits/{evil.replace('/', '~1')}"
    client_of("bob").post(comment_on(proposal), {"text": evil, "path": path})
    text = text_of("alice", proposal, about=path)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


@pytest.mark.parametrize("which", ["approve", "reject", "request_changes", "withdraw"])
def test_it_decides_only_on_the_revision_that_was_shown(
    persona: Persona, manage_lease: Lease, which: str
) -> None:
    shown = propose(persona)
    gentle = [{**WARMER[0], "value": "gentle"}]
    now = timezone.now()
    proposal_revise(actor=someone("alice"), proposal_id=shown.pk, diff=gentle, now=now)
    before = state_of(persona)
    page = client_of("bob").post(shown.get_absolute_url(), decision(shown, which, "Typed."))
    assert page.status_code == 409
    assert "It changed while you were looking." in page.content.decode()
    assert "Typed." in page.content.decode()
    assert state_of(persona) == before


def test_it_lets_nobody_approve_what_they_revised(persona: Persona, manage_lease: Lease) -> None:
    proposal = propose(persona)
    gentle = [{**WARMER[0], "value": "gentle"}]
    now = timezone.now()
    proposal_revise(actor=someone("bob"), proposal_id=proposal.pk, diff=gentle, now=now)
    assert "You revised this proposal." in text_of("bob", proposal)
    before = state_of(persona)
    fresh = Proposal.objects.get()
    refused = client_of("bob").post(fresh.get_absolute_url(), decision(fresh, "approve"))
    assert refused.status_code == 403
    assert state_of(persona) == before
