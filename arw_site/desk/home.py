"""Home: what waits for the viewer, what changed lately, where consent is in force."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db.models import Q

from arw_site.desk.pulse import pulse_for
from leases.admin.policy_in_view import policy_in_view
from leases.models import LeaseRequest, User
from leases.roles import Right
from personas.admin.queue_page import SOON, cut_context, queue_rows
from personas.admin.queue_waiting import own_waiting, waits_for
from personas.models import HistoryEntry, Persona, Proposal
from personas.models.proposal import ProposalQuerySet

WAITING, EXPIRING, CHANGES, CONSENTS, REQUESTS = 6, 5, 8, 12, 5


def home_context(viewer: User, *, now: datetime) -> dict[str, Any]:
    """What the template ``desk/home.html`` shows: approvers see the queue, others their own."""
    decides = viewer.has_right(Right.DECIDE)
    own = own_waiting(viewer, now=now)
    waiting = waits_for(viewer, now=now) if decides else own
    shown = list(waiting.select_related("persona", "submitted_by").oldest_first()[:WAITING])
    involved = Proposal.objects.filter(Q(pk__in=waiting.values("pk")) | Q(pk__in=own.values("pk")))
    to_revise = own.exclude(changes_requested_at=None).count()
    consenting = Persona.objects.filter(preferences__telemetry__vibe__enabled=True)
    consents = consenting.count()
    rows = queue_rows(shown, now=now)
    return {
        "decides": decides,
        "waiting": rows,
        **cut_context(rows),
        "waiting_count": waiting.count() if decides else 0,
        "own_count": own.count() - to_revise,
        "revise_count": to_revise,
        "pending_any": Proposal.objects.pending_at(now).exists(),
        "expiring": _expiring(involved, {one.pk for one in shown}, now),
        "pulse": pulse_for(viewer, now=now),
        "soon_count": involved.filter(expires_at__lt=now + SOON).count(),
        "history": HistoryEntry.objects.select_related("persona", "applied_by").order_by("-pk")[
            :CHANGES
        ],
        "consents": consenting.order_by("name", "id")[:CONSENTS],
        "consents_more": max(0, consents - CONSENTS),
        "personas_count": Persona.objects.count(),
        **_access(viewer),
    }


def _expiring(waiting: ProposalQuerySet, shown: set[uuid.UUID], now: datetime) -> list[Proposal]:
    """What expires within a day and is not among the oldest that are shown anyway."""
    soon = waiting.filter(expires_at__lt=now + SOON).exclude(pk__in=shown)
    return list(soon.select_related("persona").order_by("expires_at")[:EXPIRING])


def _access(viewer: User) -> dict[str, Any]:
    """Who waits for a lease, and whether telemetry runs: for who manages them."""
    if not viewer.has_right(Right.MANAGE_LEASES):
        return {"may_manage": False}
    pending = LeaseRequest.objects.pending().select_related("requester").order_by("created")
    return {
        "may_manage": True,
        "requests": pending[:REQUESTS],
        "requests_count": pending.count(),
        "policy": policy_in_view(),
    }
