"""Messages to services outside: off by default, after commit, retried, never twice (contract §4)."""

import json
import logging
import os
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from arw_site.addresses import SecretUrls
from leases.models import User
from personas.announcements import announcement, persona_label
from personas.delivery import ServiceRefused, ServiceUnknown, deliver
from personas.models import Notification, OutboxMessage, Persona
from personas.services.decisions import proposal_reject
from personas.services.inbox import news_prune
from personas.services.outbox import outbox_drain, wait_after
from tests.people import grant, propose
from tests.services.http_receiver import HttpReceiver, http_receiver
from tests.services.server import run

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)


@pytest.fixture
def service() -> Iterator[HttpReceiver]:
    with http_receiver() as receiver:
        yield receiver


@pytest.fixture
def configured(service: HttpReceiver, settings: Any) -> HttpReceiver:
    settings.ARW_NOTIFY_URLS = SecretUrls([service.url])
    settings.ARW_BASE_URL = "https://desk.example.org"
    return service


def waiting() -> list[tuple[int, bool, str]]:
    """Attempts, whether sent, and the last error of each message."""
    messages = OutboxMessage.objects.order_by("pk")
    return [(one.attempts, one.sent_at is not None, one.last_error) for one in messages]


def drain(now: datetime | None = None) -> int:
    return outbox_drain(now=now or timezone.now())


def test_it_is_off_by_default(service: HttpReceiver, persona: Persona, bob: User) -> None:
    propose(persona)
    assert Notification.objects.filter(recipient=bob).exists()
    assert not OutboxMessage.objects.exists()
    assert drain() == 0
    assert service.received == []


def test_it_sends_what_happened_and_a_link(configured: HttpReceiver, persona: Persona) -> None:
    proposal = propose(persona, rationale="a private reason")
    assert configured.received == [], "never in the request"
    assert waiting() == [(0, False, "")]
    assert drain() == 1
    assert waiting() == [(1, True, "")]
    (message,) = configured.received
    assert message["title"] == "A proposal waits for a decision"
    assert message["message"] == (
        "A change to Companion (persona.alpha) was proposed.\n"
        f"https://desk.example.org{proposal.get_absolute_url()}"
    )
    told = json.dumps(message)
    for secret in ("alice", "Alice", "private", "warm", "/traits", proposal.digest):
        assert secret not in told
    assert drain() == 0
    assert len(configured.received) == 1


def test_it_writes_nothing_that_was_rolled_back(configured: HttpReceiver, persona: Persona) -> None:
    with transaction.atomic():
        propose(persona)
        transaction.set_rollback(True)
    assert waiting() == []


def test_it_tries_again_until_it_arrives(configured: HttpReceiver, persona: Persona) -> None:
    configured.answers = [500, 503]
    now = timezone.now() + SECOND
    propose(persona)
    assert drain(now) == 0
    assert waiting() == [(1, False, "ServiceRefused")]
    assert drain(now + SECOND) == 0
    assert len(configured.received) == 1, "not before its time"
    assert drain(now + 40 * SECOND) == 0
    assert waiting() == [(2, False, "ServiceRefused")]
    assert drain(now + 140 * SECOND) == 1
    assert waiting() == [(3, True, "")]
    assert [one["title"] for one in configured.received] == ["A proposal waits for a decision"] * 3
    assert drain(now + timedelta(days=1)) == 0


def test_it_gives_up_after_eight_attempts(configured: HttpReceiver, persona: Persona) -> None:
    configured.answers = [500] * 20
    now = timezone.now() + SECOND
    propose(persona)
    for attempt in range(1, 9):
        assert drain(now) == 0
        assert waiting() == [(attempt, False, "ServiceRefused")]
        now += wait_after(attempt) + SECOND
    assert drain(now) == 0
    assert len(configured.received) == 8
    assert (
        timedelta(hours=9)
        < sum((wait_after(n) for n in range(1, 8)), timedelta())
        < timedelta(hours=10)
    )


def test_it_does_not_repeat_itself_to_services_that_took_it(
    configured: HttpReceiver, persona: Persona, settings: Any
) -> None:
    with http_receiver() as other:
        settings.ARW_NOTIFY_URLS = SecretUrls([configured.url, other.url])
        other.answers = [500]
        now = timezone.now() + SECOND
        propose(persona)
        assert drain(now) == 1
        assert drain(now + 40 * SECOND) == 1
        assert (len(configured.received), len(other.received)) == (1, 2)


def test_it_drops_what_is_no_news_any_more(configured: HttpReceiver, persona: Persona) -> None:
    propose(persona)
    assert drain(timezone.now() + timedelta(days=2, seconds=1)) == 0
    assert configured.received == []
    assert waiting() == [(0, False, "")]
    assert news_prune(now=timezone.now() + timedelta(days=7, seconds=1)) >= 1
    assert waiting() == []


def test_it_sends_nothing_to_a_service_that_was_taken_away(
    configured: HttpReceiver, persona: Persona, settings: Any
) -> None:
    propose(persona)
    with http_receiver() as other:
        settings.ARW_NOTIFY_URLS = SecretUrls([other.url])
        assert drain() == 0
        assert (configured.received, other.received) == ([], [])
    assert waiting() == [(0, False, "")]


def test_it_sends_each_message_once_with_many_workers(
    configured: HttpReceiver, persona: Persona
) -> None:
    for number in range(6):
        propose(persona, [{"op": "add", "path": f"/traits/t{number}", "value": number}])
    configured.gate.clear()
    sent: list[int] = []
    start = threading.Barrier(4)

    def work() -> None:
        try:
            start.wait(60)
            sent.append(drain())
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    assert all(configured.arrived.acquire(timeout=60) for _ in range(4)), "all at once"
    configured.gate.set()
    for worker in workers:
        worker.join(30)
    assert sum(sent) == 6
    assert len(configured.received) == 6
    assert waiting() == [(1, True, "")] * 6


def test_it_holds_no_transaction_while_it_sends(
    configured: HttpReceiver, persona: Persona, bob: User
) -> None:
    proposal = propose(persona)
    grant()
    configured.gate.clear()
    worker = threading.Thread(target=lambda: (drain(), connections.close_all()))
    worker.start()
    assert configured.arrived.acquire(timeout=60)
    # SQLite has one writer at a time: this would wait for a transaction and fail.
    proposal_reject(actor=bob, proposal_id=proposal.pk, rationale="no", now=timezone.now())
    assert waiting()[0] == (1, False, "")
    configured.gate.set()
    worker.join(30)
    assert waiting() == [(1, True, ""), (0, False, "")]


def test_it_takes_over_from_a_worker_that_died(configured: HttpReceiver, persona: Persona) -> None:
    propose(persona)
    now = timezone.now() + SECOND
    (message,) = OutboxMessage.objects.all()
    # What a claim leaves behind when its process is killed.
    OutboxMessage.objects.update(attempts=1, next_attempt_at=now + timedelta(minutes=5))
    assert drain(now + timedelta(minutes=4)) == 0
    assert configured.received == []
    assert drain(now + timedelta(minutes=5)) == 1
    assert [one["title"] for one in configured.received] == [message.title]
    assert waiting() == [(2, True, "")]


def test_it_keeps_addresses_to_itself(
    configured: HttpReceiver,
    persona: Persona,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    unknown = "no-such-service://hook-path"
    nobody = "json://127.0.0.1:1/hook-path"
    settings.ARW_NOTIFY_URLS = SecretUrls([configured.url, unknown, nobody])
    propose(persona)
    assert drain() == 1
    errors = {error for _, _, error in waiting()}
    assert errors == {"", "ServiceUnknown", "ServiceRefused"}
    stored = json.dumps(list(OutboxMessage.objects.values()), default=str)
    printed = "".join(capfd.readouterr())
    for place in (caplog.text, stored, printed, repr(settings.ARW_NOTIFY_URLS)):
        assert "hook-path" not in place
    assert "message_not_sent" in caplog.text


@pytest.mark.parametrize(
    ("address", "error"),
    [("no-such-service://x", ServiceUnknown), ("json://127.0.0.1:1/", ServiceRefused)],
)
def test_it_says_why_without_saying_where(address: str, error: type[Exception]) -> None:
    with pytest.raises(error) as failure:
        deliver(address, title="t", body="b")
    assert str(failure.value) == ""


@pytest.mark.parametrize(
    ("name", "label"),
    [
        (None, "persona.alpha"),
        ("Companion", "Companion (persona.alpha)"),
        ("@everyone <!here>\n[x](http://a)", "everyone here x (http a) (persona.alpha)"),
        ("*" * 90, "persona.alpha"),
        ("Ω" * 90, "Ω" * 80 + " (persona.alpha)"),
    ],
)
def test_it_mentions_nobody_through_a_name(persona: Persona, name: str, label: str) -> None:
    persona.name = name
    assert persona_label(persona) == label


@pytest.mark.parametrize("kind", [one for one in Notification.Kind if not one.startswith("lease_")])
def test_it_has_words_for_everything(persona: Persona, kind: Any, settings: Any) -> None:
    settings.ARW_BASE_URL = ""
    words = announcement(kind, propose(persona))
    assert words.title
    assert words.body.count("Companion (persona.alpha)") == 1
    assert "http" not in words.body


def test_it_loads_apprise_only_to_send() -> None:
    program = "import arw_site.asgi, sys; print('apprise' in sys.modules)"
    done = run([sys.executable, "-W", "ignore", "-c", program], dict(os.environ), check=True)
    assert done.stdout.strip() == "False"
