"""The second gate: does a lease allow this action now? (contract §6)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q

from leases.capabilities import Action, Resource
from leases.decisions import Allow, Decision, decide
from leases.models import Lease, User


def action_decision(*, actor: User, action: Action, resource: Resource, now: datetime) -> Decision:
    """Judge ``action`` for ``actor`` from the leases as they stand; nothing is written."""
    rows = Lease.objects.for_subject(actor.id).filter(capability=action.capability)
    return decide(action, resource, (lease.facts() for lease in rows), now=now)


def action_spend(*, actor: User, action: Action, resource: Resource, now: datetime) -> Decision:
    """Judge ``action`` and take one use from the budget of the lease that allows it.

    Call it inside the transaction of the write that the lease pays for, so that a refusal costs
    nothing. The budget is taken by a conditional update: of any number of concurrent uses,
    exactly as many pass as the budget holds.
    """
    while True:
        decision = action_decision(actor=actor, action=action, resource=resource, now=now)
        if not isinstance(decision, Allow) or _spend(decision.via, now):
            return decision


def _spend(lease_id: str, now: datetime) -> bool:
    live = Lease.objects.active_at(now).filter(pk=lease_id)
    if live.filter(budget__isnull=True).exists():
        return True
    return live.filter(Q(budget__gt=F("used"))).update(used=F("used") + 1) == 1
