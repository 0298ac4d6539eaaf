"""Requests for leases in the inbox: who waits for an answer, and what it was (contract §6, §13)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from arw_site.addresses import SecretUrls
from leases.errors import LeaseRequestNotPending
from leases.models import LeaseRequest, User
from leases.services.requests import (
    lease_request,
    lease_request_cancel,
    lease_request_deny,
    lease_request_grant,
)
from personas.announcements import announcement
from personas.models import Notification, OutboxMessage, Persona
from personas.services.inbox import inbox_of
from personas.services.notifying import outcomes_announce
from tests.people import NOW, propose
from tests.telemetry.conftest import Committing

pytestmark = pytest.mark.django_db
Kind = Notification.Kind


@pytest.fixture
def committing(django_capture_on_commit_callbacks: Committing) -> Committing:
    return lambda: django_capture_on_commit_callbacks(execute=True)


def ask(actor: User, **terms: Any) -> LeaseRequest:
    wanted = {"capability": "persona:manage", "reason": "a private reason", "now": timezone.now()}
    return lease_request(actor=actor, **{**wanted, **terms})


def told() -> set[tuple[str, str]]:
    """Who was told what."""
    return set(Notification.objects.values_list("recipient__username", "kind"))


def test_it_tells_admins_of_a_request(
    alice: User, bob: User, charlie: User, dana: User, committing: Committing
) -> None:
    with committing():
        asked = ask(alice)
    assert told() == {("dana", "lease_requested")}
    news = inbox_of(dana).get()
    assert (news.about, news.actor, news.proposal) == (asked, alice, None)
    assert (news.title, news.read_at) == ("A lease for persona:manage", None)


def test_it_does_not_tell_an_admin_of_their_own(dana: User, committing: Committing) -> None:
    with committing():
        asked = ask(dana)
        lease_request_grant(actor=dana, request_id=asked.id, now=timezone.now())
    assert outcomes_announce(now=timezone.now()) == 0
    assert told() == set()


@pytest.mark.parametrize("answer", ["granted", "denied"])
def test_it_tells_whoever_asked_of_the_answer(
    alice: User, bob: User, dana: User, committing: Committing, answer: str
) -> None:
    asked = ask(alice)
    with committing():
        about = {"actor": dana, "request_id": asked.id, "now": timezone.now(), "reason": "why not"}
        service = lease_request_grant if answer == "granted" else lease_request_deny
        service(**about)
    assert told() == {("alice", f"lease_{answer}")}
    assert outcomes_announce(now=timezone.now()) == 0
    with committing(), pytest.raises(LeaseRequestNotPending):
        service(**about)
    assert Notification.objects.count() == 1


def test_it_tells_nobody_of_what_was_taken_back(
    alice: User, dana: User, committing: Committing
) -> None:
    asked = ask(alice)
    with committing():
        lease_request_cancel(actor=alice, request_id=asked.id, now=timezone.now())
    with committing(), transaction.atomic():
        ask(alice)
        transaction.set_rollback(True)
    assert outcomes_announce(now=timezone.now()) == 0
    assert told() == set()


def test_it_makes_up_for_an_answer_whose_news_was_lost(alice: User, dana: User) -> None:
    granted, denied, _waiting = ask(alice), ask(alice), ask(alice)
    now = timezone.now()
    lease_request_grant(actor=dana, request_id=granted.id, now=now)
    lease_request_deny(actor=dana, request_id=denied.id, reason="no", now=now)
    assert told() == set(), "the process ended before it told anybody"
    assert outcomes_announce(now=now) == 2
    assert told() == {("alice", "lease_granted"), ("alice", "lease_denied")}
    assert outcomes_announce(now=now + timedelta(hours=1)) == 0
    assert Notification.objects.count() == 2


def test_it_shows_both_sides_in_their_inboxes(
    client: Client, alice: User, dana: User, committing: Committing
) -> None:
    with committing():
        asked = ask(alice)
    client.force_login(dana)
    page = client.get(reverse("admin:desk_inbox")).content.decode()
    assert "A lease for persona:manage" in page
    assert "was asked for, and waits for your answer" in page
    assert asked.get_absolute_url() in page
    with committing():
        lease_request_grant(actor=dana, request_id=asked.id, now=timezone.now())
    client.force_login(alice)
    page = client.get(reverse("admin:desk_inbox")).content.decode()
    assert "was granted to you" in page
    assert client.get(asked.get_absolute_url()).status_code == 200


def test_it_goes_to_the_outbox_without_names_or_reasons(
    alice: User, dana: User, committing: Committing, settings: Any
) -> None:
    settings.ARW_NOTIFY_URLS = SecretUrls(["json://127.0.0.1:1/"])
    settings.ARW_BASE_URL = "https://desk.example.org"
    with committing():
        asked = ask(alice, capability="persona:manage <@here>")
    message = OutboxMessage.objects.get()
    assert message.title == "A request for a lease waits for an answer"
    assert message.body == (
        "A lease for persona:manage here was asked for.\n"
        f"https://desk.example.org{asked.get_absolute_url()}"
    )


@pytest.mark.parametrize("kind", [one for one in Kind if one.startswith("lease_")])
def test_it_has_words_for_each(alice: User, kind: Kind, settings: Any) -> None:
    settings.ARW_BASE_URL = ""
    words = announcement(kind, ask(alice))
    assert words.title
    assert words.body.count("persona:manage") == 1


@pytest.mark.parametrize("both", [True, False])
def test_it_is_about_one_thing(alice: User, persona: Persona, both: bool) -> None:
    proposal, asked = propose(persona), ask(alice)
    wrong = {"lease_request": asked} if both else {"proposal": None}
    with pytest.raises(IntegrityError), transaction.atomic():
        Notification.objects.create(
            **{
                "recipient": alice,
                "kind": Kind.COMMENTED,
                "proposal": proposal,
                "key": "x",
                "created_at": NOW,
                **wrong,
            }
        )
    assert not Notification.objects.filter(recipient=alice).exists()
