"""Writing down what time has decided (contract §4)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from leases.instants import to_milliseconds
from leases.signals import send_after_commit
from personas.models import Proposal
from personas.selectors import proposal_get
from personas.signals import proposal_expired

BATCH = 500


def proposals_expire(*, now: datetime) -> int:
    """Mark every overdue proposal as expired and announce each once; how many were marked.

    They are expired already for whoever asks; this writes it down. Each is moved by a conditional
    update, so that of any number of workers exactly one announces it.
    """
    now = to_milliseconds(now)
    overdue = Proposal.objects.filter(status=Proposal.Status.PENDING, expires_at__lte=now)
    marked = 0
    for proposal_id in list(overdue.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            won = overdue.filter(pk=proposal_id).update(
                status=Proposal.Status.EXPIRED, decided_by=None, decided_at=now, updated_at=now
            )
            if won != 1:
                continue
            marked += 1
            proposal = proposal_get(proposal_id)
            send_after_commit(proposal_expired, Proposal, proposal=proposal, actor=None, now=now)
    return marked
