"""Reminding people of prompts that wait for them (contract §10)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from leases.instants import to_milliseconds
from leases.roles import Right
from personas.models import Notification
from personas.services.approvers import holders
from personas.services.inbox import reminders_settle
from personas.services.notifying import News, announce
from telemetry.journal.reading import rhythms_due
from telemetry.journal.rhythm import DAILY, WEEKLY, period_of
from telemetry.models import JournalRhythm

# Whoever has just asked to be asked is looking at the prompt.
SETTLED = timedelta(hours=1)
BATCH = 500


def reflections_remind(*, now: datetime) -> int:
    """Tell people of prompts that are due, once per prompt; how many prompts.

    Nothing is told where the answer is there, and never for a rhythm that is off. Taking the
    reminder and telling of it are one transaction, so that of any number of workers one reminds.
    """
    now = to_milliseconds(now)
    untold = _untold(now)
    reminded = 0
    for pk in list(untold.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            if untold.filter(pk=pk).update(reminded_at=now) == 1:
                reminded += 1
                _tell(JournalRhythm.objects.select_related("person", "persona").get(pk=pk), now)
    return reminded


def _untold(now: datetime) -> QuerySet[JournalRhythm]:
    earlier = Q(reminded_at__isnull=True)
    for cadence in (DAILY, WEEKLY):
        earlier |= Q(cadence=cadence, reminded_at__lt=period_of(cadence, now).starts)
    people = holders(Right.READ).filter(interactive=True)
    settled = rhythms_due(now).filter(started_at__lte=now - SETTLED)
    return settled.filter(earlier, person__in=people.values("pk"))


def _tell(rhythm: JournalRhythm, now: datetime) -> None:
    """The newest reminder of a persona stands alone: those before it ask for what is past."""
    reminders_settle(person=rhythm.person, persona_id=rhythm.persona_id, now=now)
    occasion = period_of(rhythm.cadence, now).key
    kind = Notification.Kind.REFLECTION_DUE
    announce(News(kind, rhythm.persona, None, now, occasion, to=rhythm.person))
