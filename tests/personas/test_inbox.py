"""The inbox: who is told what, once, and nobody else's news (contract §4; ui: inbox)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from leases.models import Lease, User
from personas.errors import PersonaReadForbidden
from personas.models import ApproverRule, Notification, Persona, Proposal
from personas.services.decisions import (
    proposal_approve,
    proposal_reject,
    proposal_request_changes,
)
from personas.services.discussion import proposal_comment
from personas.services.expiry import proposals_expire
from personas.services.inbox import (
    inbox_of,
    inbox_unread_count,
    news_prune,
    notifications_mark_read,
)
from personas.services.notifying import News, announce, outcomes_announce
from personas.services.proposals import proposal_revise, proposal_withdraw
from personas.services.reminders import proposals_remind, reminder_window
from tests.people import grant, make_persona, propose
from tests.telemetry.conftest import Committing

COOLER = [{"op": "replace", "path": "/traits/tone", "value": "icy"}]
DAY = timedelta(days=1)


@pytest.fixture
def committing(django_capture_on_commit_callbacks: Committing) -> Committing:
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def erin(db: None, bob: User) -> User:
    """A second approver."""
    user = User.objects.create_user("erin")
    user.groups.set(bob.groups.all())
    return user


@pytest.fixture
def proposal(
    alice: User, bob: User, charlie: User, dana: User, persona: Persona, manage_lease: Lease
) -> Proposal:
    """By alice, and nobody was told of it."""
    return propose(persona)


def told() -> set[tuple[str, str]]:
    """Who was told what."""
    return set(Notification.objects.values_list("recipient__username", "kind"))


def about(proposal: Proposal, actor: User) -> dict[str, Any]:
    return {"actor": actor, "proposal_id": proposal.pk, "now": timezone.now()}


def test_it_tells_approvers_of_a_proposal(
    alice: User, bob: User, charlie: User, dana: User, persona: Persona, committing: Committing
) -> None:
    with committing():
        proposal = propose(persona)
    assert told() == {("bob", "submitted"), ("dana", "submitted")}
    news = inbox_of(bob).get()
    assert (news.proposal, news.actor, news.read_at) == (proposal, alice, None)


def test_it_tells_only_whom_a_rule_names(
    bob: User, dana: User, erin: User, persona: Persona, committing: Committing
) -> None:
    rule = ApproverRule.objects.create(owner_kind="workspace", owner_ref="local")
    rule.principals.add(erin, bob)
    with committing():
        propose(persona, actor=bob)
    assert told() == {("erin", "submitted")}


def test_it_tells_nobody_of_what_was_rolled_back(
    bob: User, persona: Persona, committing: Committing
) -> None:
    with committing(), transaction.atomic():
        propose(persona)
        transaction.set_rollback(True)
    assert told() == set()


def test_it_tells_the_proposer_of_the_decision(
    bob: User, proposal: Proposal, committing: Committing
) -> None:
    with committing():
        proposal_approve(**about(proposal, bob))
    assert told() == {("alice", "approved")}


def test_it_tells_of_each_approval_that_is_not_the_last(
    bob: User, erin: User, dana: User, proposal: Proposal, committing: Committing, settings: Any
) -> None:
    settings.ARW_PERSONA_APPROVALS_REQUIRED = settings.ARW_PERSONA_APPROVALS_REQUIRED_HIGH = 3
    with committing():
        proposal_approve(**about(proposal, bob))
        proposal_approve(**about(proposal, erin))
    assert told() == {("alice", "approval_recorded")}
    assert Notification.objects.count() == 2
    with committing():
        proposal_approve(**about(proposal, dana))
    others = {("alice", "approved"), ("bob", "approved"), ("erin", "approved")}
    assert told() == {("alice", "approval_recorded"), *others}


def test_it_tells_of_rejection_and_withdrawal(
    alice: User, bob: User, dana: User, proposal: Proposal, committing: Committing
) -> None:
    other = propose(proposal.persona)
    with committing():
        proposal_comment(text="why?", **about(other, bob))
        proposal_reject(rationale="no", **about(proposal, dana))
        proposal_withdraw(**about(other, alice))
    assert told() == {("alice", "commented"), ("alice", "rejected"), ("bob", "withdrawn")}


def test_it_carries_a_thread_to_all_in_it(
    alice: User, bob: User, dana: User, proposal: Proposal, committing: Committing
) -> None:
    with committing():
        proposal_request_changes(text="warmer please", **about(proposal, bob))
    assert told() == {("alice", "changes_requested")}
    for author, text in ((alice, "like this?"), (dana, "I would wait"), (alice, "thanks")):
        with committing():
            proposal_comment(text=text, **about(proposal, author))
    mine = Notification.objects.filter(kind="commented").values_list("recipient__username")
    assert sorted(name for (name,) in mine) == ["alice", "bob", "bob", "bob", "dana"]
    with committing():
        proposal_revise(diff=COOLER, **about(proposal, alice))
    revised = Notification.objects.filter(kind="revised")
    assert {news.recipient.username for news in revised} == {"bob", "dana"}


def test_it_tells_of_expiry_once(bob: User, proposal: Proposal, committing: Committing) -> None:
    due = proposal.expires_at
    with committing():
        assert proposals_expire(now=due - timedelta(milliseconds=1)) == 0
    assert told() == set()
    for marked in (1, 0):
        with committing():
            assert proposals_expire(now=due) == marked
        assert outcomes_announce(now=due) == 0
    assert told() == {("alice", "expired")}
    assert Notification.objects.get().actor is None


def test_it_reminds_once_of_what_expires_soon(
    alice: User, bob: User, proposal: Proposal, committing: Committing
) -> None:
    soon = proposal.expires_at - reminder_window()
    assert proposals_remind(now=soon - timedelta(milliseconds=1)) == 0
    assert told() == set()
    assert [proposals_remind(now=soon) for _ in range(3)] == [1, 0, 0]
    assert told() == {("alice", "expiring"), ("bob", "expiring"), ("dana", "expiring")}
    assert Notification.objects.count() == 3
    grant(now=soon)
    with committing():
        revised = proposal_revise(
            actor=alice, proposal_id=proposal.pk, diff=COOLER, now=soon + timedelta(seconds=1)
        )
    assert proposals_remind(now=soon + timedelta(hours=1)) == 0, "it has time again"
    assert proposals_remind(now=revised.expires_at - timedelta(seconds=1)) == 1
    assert Notification.objects.filter(kind="expiring").count() == 6
    assert proposals_remind(now=revised.expires_at) == 0


@pytest.mark.parametrize(("ttl", "window"), [(7 * DAY, DAY), (2 * DAY, DAY / 2), (8 * DAY, DAY)])
def test_it_reminds_a_day_or_a_quarter_before(
    settings: Any, ttl: timedelta, window: timedelta
) -> None:
    settings.ARW_PERSONA_PROPOSAL_TTL = ttl
    assert reminder_window() == window


def test_it_makes_up_for_news_that_was_lost(
    alice: User, bob: User, dana: User, proposal: Proposal, committing: Committing
) -> None:
    rejected = propose(make_persona("persona.beta"))
    own = propose(make_persona("persona.gamma"), actor=dana)
    proposal_approve(**about(proposal, bob))
    proposal_reject(rationale="no", **about(rejected, bob))
    proposal_reject(rationale="no", **about(own, dana))
    assert told() == set(), "the process ended before it told anybody"
    now = timezone.now()
    assert outcomes_announce(now=now) == 2
    assert told() == {("alice", "approved"), ("alice", "rejected")}
    assert outcomes_announce(now=now) == 0
    Notification.objects.all().delete()
    assert outcomes_announce(now=now + DAY + timedelta(seconds=1)) == 0, "that is no news any more"
    assert told() == set()


def test_it_tells_the_same_news_once(alice: User, proposal: Proposal) -> None:
    for _ in range(3):
        announce(News(Notification.Kind.EXPIRED, proposal, None, timezone.now()))
    assert told() == {("alice", "expired")}
    assert Notification.objects.count() == 1


def test_it_leaves_out_who_may_not_read(
    bob: User, erin: User, persona: Persona, committing: Committing
) -> None:
    robot = User.objects.create_user("robot", interactive=False)
    robot.groups.set(bob.groups.all())
    User.objects.filter(pk=bob.pk).update(is_active=False)
    proposal = propose(persona)
    proposal_comment(text="I am leaving", **about(proposal, erin))
    erin.groups.clear()
    alice = proposal.submitted_by
    with committing():
        propose(persona, COOLER)
        proposal_comment(text="hello?", **about(proposal, alice))
    assert told() <= {("dana", "submitted")}


def test_it_is_read_by_its_owner_alone(
    alice: User, bob: User, charlie: User, dana: User, persona: Persona, committing: Committing
) -> None:
    with committing():
        propose(persona)
        propose(persona, COOLER)
    first, second = inbox_of(bob).reverse()
    foreign = list(inbox_of(dana).values_list("pk", flat=True))
    assert [inbox_unread_count(user) for user in (bob, dana, alice)] == [2, 2, 0]
    now = timezone.now()
    assert notifications_mark_read(actor=bob, ids=[first.pk, *foreign], now=now) == 1
    assert (inbox_unread_count(bob), inbox_unread_count(dana)) == (1, 2)
    assert notifications_mark_read(actor=bob, ids=[first.pk], now=now + DAY) == 0
    first.refresh_from_db()
    assert first.read_at == now, "when it was first read"
    assert notifications_mark_read(actor=bob, now=now) == 1
    assert inbox_unread_count(bob) == 0
    assert inbox_unread_count(dana) == 2
    with pytest.raises(PersonaReadForbidden):
        inbox_of(charlie)
    assert list(inbox_of(bob)) == [second, first]


def test_it_forgets_old_news(
    bob: User, dana: User, persona: Persona, committing: Committing
) -> None:
    with committing():
        proposal = propose(persona)
    kept = Notification.objects.filter(recipient=bob)
    assert news_prune(now=proposal.created_at + 90 * DAY) == 0
    assert kept.count() == 1
    assert news_prune(now=proposal.created_at + 90 * DAY + timedelta(seconds=1)) == 2
    assert not kept.exists()
    assert Proposal.objects.filter(pk=proposal.pk).exists()
