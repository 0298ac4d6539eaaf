"""A person's inbox: what happened to the proposals and requests that concern them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import QuerySet

from leases.models import User
from personas.models import Notification, OutboxMessage
from personas.services.rights import require_reader

INBOX_KEPT = timedelta(days=90)
OUTBOX_KEPT = timedelta(days=7)


def inbox_of(user: User) -> QuerySet[Notification]:
    """The user's own news, newest first, with all that the inbox shows of it joined.

    Raises ``PersonaReadForbidden`` for who may not read personas.
    """
    require_reader(user)
    joined = Notification.objects.select_related(
        "proposal__persona", "lease_request", "persona", "actor"
    )
    return joined.of(user).newest_first()


def inbox_unread_count(user: User) -> int:
    """How many of the user's news are unread."""
    return Notification.objects.of(user).unread().count()


def notifications_mark_read(
    *, actor: User, now: datetime, ids: Collection[int] | None = None
) -> int:
    """Mark the actor's own news as read, all of it or those of ``ids``; how many were unread.

    Ids of other people's news are passed over.
    """
    unread = Notification.objects.of(actor).unread()
    if ids is not None:
        unread = unread.filter(pk__in=ids)
    return unread.update(read_at=now)


def reminders_settle(*, person: User, persona_id: str, now: datetime) -> int:
    """Mark what asks ``person`` for a reflection on a persona as read: it is no longer asked for."""
    asking = Notification.objects.of(person).unread().filter(kind=Notification.Kind.REFLECTION_DUE)
    return asking.filter(persona_id=persona_id).update(read_at=now)


def news_prune(*, now: datetime) -> int:
    """Delete news after 90 days and messages of the outbox after 7, sent or not."""
    news, _ = Notification.objects.older_than(now - INBOX_KEPT).delete()
    messages, _ = OutboxMessage.objects.older_than(now - OUTBOX_KEPT).delete()
    return news + messages
