"""What waits for one viewer: for the badge, for home, and for what comes after a decision."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from leases.models import Lease, User
from personas.admin.queue_waiting import next_after, waits_for
from personas.models import ApproverRule, Persona, Proposal
from personas.services.decisions import proposal_request_changes
from personas.services.proposals import proposal_revise
from tests.people import make_persona, propose, state_of
from tests.personas.test_review_page import form, page_of, repaint, signed_in
from tests.personas.workflow import approve, approver, replace

pytestmark = pytest.mark.django_db
NEXT = "Next in the queue"


def waiting(viewer: User) -> list[Proposal]:
    return list(waits_for(viewer, now=timezone.now()).oldest_first())


def three(persona: Persona, **more: Any) -> list[Proposal]:
    return [propose(persona, replace("/traits/tone", tone), **more) for tone in "abc"]


def ask(bob: User, proposal: Proposal) -> None:
    now = timezone.now()
    proposal_request_changes(actor=bob, proposal_id=proposal.pk, text="More.", now=now)


def home(viewer: User) -> str:
    text = signed_in(viewer).get("/admin/").content.decode()
    return " ".join(text.partition('id="home-count"')[2].partition("</p>")[0].split())


def badge(viewer: User) -> str:
    text = signed_in(viewer).get("/admin/badges/").content.decode()
    return text.partition('id="badge-queue"')[2].partition("</span></span>")[0]


def test_it_is_what_the_viewer_can_decide(
    persona: Persona, manage_lease: Lease, alice: User, bob: User, dana: User
) -> None:
    first, asked, last = three(persona)
    own = propose(persona, replace("/name", "Other"), actor=bob)
    ask(bob, asked)
    assert waiting(bob) == [first, last]
    assert waiting(dana) == [first, last, own]
    assert waiting(alice) == []
    assert Proposal.objects.pending_at(timezone.now()).count() == 4


def test_it_takes_ones_own_where_the_operator_lets_it(
    persona: Persona, bob: User, settings: Any
) -> None:
    own = propose(persona, actor=bob)
    assert waiting(bob) == []
    settings.ARW_PERSONA_SELF_APPROVAL = "allow"
    assert waiting(bob) == [own]


def test_it_leaves_out_what_the_viewer_revised(
    persona: Persona, manage_lease: Lease, bob: User, dana: User
) -> None:
    proposal = propose(persona)
    diff = replace("/traits/tone", "wry")
    proposal_revise(
        actor=bob, proposal_id=proposal.pk, diff=diff, rationale="So.", now=timezone.now()
    )
    assert waiting(bob) == []
    assert waiting(dana) == [proposal]


def test_it_leaves_out_what_others_are_named_for(persona: Persona, bob: User, dana: User) -> None:
    proposal = propose(persona)
    elsewhere = propose(make_persona("persona.beta", owner_ref="museum"))
    rule = ApproverRule.objects.create(owner_kind="workspace", owner_ref="local")
    erin = approver("erin")
    rule.principals.add(erin)
    assert (waiting(bob), waiting(erin)) == ([elsewhere], [proposal, elsewhere])
    assert waiting(dana) == [proposal, elsewhere]
    rule.group = Group.objects.get(name="approvers")
    rule.save()
    assert waiting(bob) == waiting(erin) == [proposal, elsewhere]


def test_it_leaves_out_what_the_viewer_approved_while_that_counts(
    persona: Persona, bob: User, dana: User, settings: Any
) -> None:
    settings.ARW_PERSONA_APPROVALS_REQUIRED = 2
    proposal = propose(persona)
    approve(bob, proposal)
    assert (waiting(bob), waiting(dana)) == ([], [proposal])
    repaint(persona, "/traits/pace", "slow")
    assert waiting(bob) == waiting(dana) == [proposal]


def test_it_goes_on_after_this_one_and_begins_anew_at_the_end(persona: Persona, bob: User) -> None:
    first, second, third = three(persona)
    found = waits_for(bob, now=timezone.now())
    assert [next_after(found, one) for one in (first, second, third)] == [second, third, first]
    assert next_after(found.filter(pk=first.pk), first) is None


def test_it_leads_on_after_asking_for_changes(
    persona: Persona, manage_lease: Lease, bob: User
) -> None:
    first, second, third = three(persona)
    client = signed_in(bob)
    assert NEXT not in client.get(page_of(first)).content.decode()
    asked = form(first, "request_changes", "More.")
    page = client.post(page_of(first), asked, follow=True)
    assert (page.context["next_proposal"], page.context["waiting"]) == (page_of(second), 2)
    assert NEXT in page.content.decode()
    before = state_of(persona)["record"]
    page = client.post(page_of(second), form(second, "reject", "No."), follow=True)
    assert (page.context["next_proposal"], page.context["waiting"]) == (page_of(third), 1)
    page = client.post(page_of(third), form(third, "reject", "No."), follow=True)
    assert (page.context["next_proposal"], page.context["waiting"]) == ("", 0)
    assert "Nothing else waits for you." in page.content.decode()
    assert state_of(persona)["record"] == before


def test_it_leads_on_after_an_approval_that_needs_others(
    persona: Persona, manage_lease: Lease, bob: User, dana: User, settings: Any
) -> None:
    settings.ARW_PERSONA_APPROVALS_REQUIRED = 2
    first, second, _third = three(persona)
    before = state_of(persona)["record"]
    client = signed_in(bob)
    page = client.post(page_of(first), form(first, "approve"), follow=True)
    text = page.content.decode()
    assert "Your approval is recorded: 1 of 2." in text
    assert (page.context["next_proposal"], page.context["waiting"]) == (page_of(second), 2)
    led = text.partition("You approved it")[2].partition("</section>")[0]
    assert f'href="{page_of(second)}">{NEXT}' in led
    assert "2 wait for you" in led
    other = signed_in(dana).get(page_of(first)).content.decode()
    assert "You approved it" not in other
    assert NEXT not in other
    assert state_of(persona)["record"] == before
    repaint(persona, "/traits/pace", "slow")
    assert "You approved it" not in client.get(page_of(first)).content.decode()


def test_it_says_what_waits_for_whom(
    persona: Persona, manage_lease: Lease, alice: User, bob: User
) -> None:
    _first, asked, _last = three(persona)
    propose(persona, replace("/name", "Other"), actor=bob)
    ask(bob, asked)
    assert "2 proposals wait for your decision." in home(bob)
    assert "1 of your proposals waits for an approver." in home(bob)
    assert "your revision" not in home(bob)
    assert "2 of your proposals wait for an approver." in home(alice)
    assert "1 waits for your revision." in home(alice)
    assert f"?who={alice.pk}" in home(alice)
    assert "your decision" not in home(alice)
    assert ">2<" in badge(bob)
    assert "unread" not in badge(alice).partition('id="badge-inbox"')[0].partition(">")[2]
