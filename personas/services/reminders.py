"""Reminding of proposals that are about to expire undecided."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from leases.instants import to_milliseconds
from personas.models import Notification, Proposal
from personas.selectors import proposal_get
from personas.services.notifying import News, announce

LONGEST = timedelta(hours=24)
BATCH = 500


def reminder_window() -> timedelta:
    """How long before its end a proposal is reminded of: a day, or a quarter of its time."""
    quarter: timedelta = settings.ARW_PERSONA_PROPOSAL_TTL / 4
    return min(LONGEST, quarter)


def proposals_remind(*, now: datetime) -> int:
    """Remind proposer and approvers of what expires soon, once per revision; how many proposals.

    Taking the reminder and telling of it are one transaction, so that of any number of workers
    exactly one reminds, and a worker that dies leaves it to the next.
    """
    now = to_milliseconds(now)
    due = Proposal.objects.pending_at(now).filter(
        expires_at__lte=now + reminder_window(), reminded_at__isnull=True
    )
    reminded = 0
    for proposal_id in list(due.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            if due.filter(pk=proposal_id).update(reminded_at=now) != 1:
                continue
            reminded += 1
            proposal = proposal_get(proposal_id)
            occasion = str(proposal.revision)
            announce(News(Notification.Kind.EXPIRING, proposal, None, now, occasion))
    return reminded
