"""The outbox: messages to services outside, written with the news and sent later by a worker.

Nothing is sent in a request or inside a transaction. A message goes to each service on its own,
so that one service that is down is tried again without repeating the message to the others.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F

from leases.models import LeaseRequest
from leases.pseudonyms import keyed_digest
from personas.announcements import announcement
from personas.delivery import DeliveryError, deliver
from personas.models import Notification, OutboxMessage, Persona, Proposal

logger = logging.getLogger(__name__)

FIRST_WAIT = timedelta(seconds=30)
GROWTH = 3
# Far above what one send may take: a message comes free again only when its sender is dead.
CLAIM = timedelta(minutes=5)
PASS_SECONDS = 60.0
BATCH = 50
# What could not be sent for so long is no news any more.
FRESH = timedelta(days=2)


def outbox_post(
    *, key: str, kind: Notification.Kind, about: Proposal | LeaseRequest | Persona, now: datetime
) -> None:
    """Put the message into the outbox, once per service; nothing when none is configured.

    Call it in the transaction that writes the news.
    """
    targets = _targets()
    if not targets:
        return
    words = announcement(kind, about)
    OutboxMessage.objects.bulk_create(
        (
            OutboxMessage(
                key=key,
                target=target,
                title=words.title,
                body=words.body,
                created_at=now,
                next_attempt_at=now,
            )
            for target in targets
        ),
        ignore_conflicts=True,
    )


def outbox_drain(*, now: datetime) -> int:
    """Send what is due; how many messages were delivered. Never call it inside a transaction.

    Each message is claimed by a conditional update first: of any number of workers one sends it.
    What fails is tried again after 30 seconds, then three times as long each time, 8 times in all.
    """
    targets = _targets()
    if not targets:
        return 0
    clock = _clock(now)
    due = OutboxMessage.objects.due(now, targets).filter(created_at__gt=now - FRESH)
    sent = 0
    for pk in list(due.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:BATCH]):
        if clock() - now > timedelta(seconds=PASS_SECONDS):
            break
        message = _claim(pk, clock(), list(targets))
        if message is not None:
            sent += _send(message, targets[message.target], clock)
    return sent


def wait_after(attempts: int) -> timedelta:
    """How long to wait after that many attempts failed."""
    return FIRST_WAIT * GROWTH ** (attempts - 1)


def _targets() -> dict[str, str]:
    """The configured addresses by the digest that stands for each in the database."""
    return {keyed_digest(f"outbox {url}")[:16]: url for url in settings.ARW_NOTIFY_URLS}


def _claim(pk: int, moment: datetime, targets: list[str]) -> OutboxMessage | None:
    message = OutboxMessage.objects.filter(pk=pk).first()
    if message is None:
        return None
    mine = OutboxMessage.objects.due(moment, targets).filter(pk=pk, attempts=message.attempts)
    if mine.update(attempts=F("attempts") + 1, next_attempt_at=moment + CLAIM) != 1:
        return None
    message.attempts += 1
    return message


def _send(message: OutboxMessage, url: str, clock: Callable[[], datetime]) -> bool:
    # While the number of attempts is the one of this claim, nobody else has claimed it since.
    held = OutboxMessage.objects.filter(pk=message.pk, attempts=message.attempts)
    try:
        deliver(url, title=message.title, body=message.body)
    except DeliveryError as error:
        name = type(error).__name__
        held.update(next_attempt_at=clock() + wait_after(message.attempts), last_error=name)
        facts = {"target": message.target, "attempts": message.attempts, "error": name}
        logger.warning("message_not_sent", extra=facts)
        return False
    held.update(sent_at=clock(), last_error="")
    return True


def _clock(now: datetime) -> Callable[[], datetime]:
    """``now``, moving on with the time that sending takes."""
    began = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - began)
