"""Lending a capability (contract §6). Admin, API and CLI all come through here."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from leases.capabilities import capability_fault, scope_fault
from leases.decisions import LOCAL_SUBJECT
from leases.errors import Fault, InvalidLease, LeaseManageForbidden
from leases.models import Lease, User
from leases.roles import Right
from leases.services.decision_log import MANAGE, refusals_kept, role_right_record
from leases.services.terms import DEFAULT_TTL_SECS, budget_fault, first_end, reason_fault, ttl_fault
from leases.signals import lease_created, leases_moving, send_after_commit


def require_lease_manager(actor: User) -> None:
    """Raise ``LeaseManageForbidden`` unless the role of ``actor`` manages leases."""
    if not actor.has_right(Right.MANAGE_LEASES):
        raise LeaseManageForbidden


def managed(actor: User, now: datetime) -> None:
    """Log the change that the role of ``actor`` let through; in the change's transaction.

    The other half of ``require_lease_manager``, for what really changed something.
    """
    role_right_record(actor=actor, action=MANAGE, now=now)


@refusals_kept
def lease_grant(
    *,
    actor: User,
    capability: str,
    now: datetime,
    scope: str | None = None,
    subject: str = LOCAL_SUBJECT,
    ttl_secs: int = DEFAULT_TTL_SECS,
    budget: int | None = None,
    reason: str = "",
) -> Lease:
    """Lend ``capability`` to ``subject`` until ``now + ttl_secs``.

    ``ttl_secs`` above 86,400 is clamped and 0 becomes 1. ``subject`` is ``local`` (anyone signed
    in) or a principal's user name or id. Raises ``LeaseManageForbidden``, ``InvalidLease``.
    """
    require_lease_manager(actor)
    holder = _subject_id(subject)
    faults = term_faults(capability, scope, ttl_secs, budget, reason)
    if holder is None:
        faults.append(Fault("/subject", "no principal has that name or id", "unknown_subject"))
    if faults or holder is None:
        raise InvalidLease(faults[0].message, errors=faults)
    with transaction.atomic():
        lease = Lease.objects.create(
            subject=holder,
            capability=capability,
            scope=scope,
            reason=reason,
            ttl_until=first_end(now, ttl_secs),
            budget=budget,
            granted_by=actor,
            created=now,
            updated=now,
        )
        managed(actor, now)
        leases_moving.send(Lease, leases=[lease], move="grant", actor=actor, now=now, again=False)
        send_after_commit(lease_created, Lease, lease=lease, actor=actor, now=now)
    return lease


def term_faults(
    capability: str, scope: str | None, ttl_secs: int, budget: int | None, reason: str
) -> list[Fault]:
    """What is wrong with the terms of a lease, or of a request for one."""
    found = {
        "/capability": capability_fault(capability),
        "/scope": None if scope is None else scope_fault(scope),
        "/ttl_secs": ttl_fault(ttl_secs),
        "/budget": budget_fault(budget),
        "/reason": reason_fault(reason),
    }
    return [Fault(pointer, message) for pointer, message in found.items() if message is not None]


def _subject_id(subject: str) -> str | None:
    if subject == LOCAL_SUBJECT:
        return LOCAL_SUBJECT
    found = User.objects.named(subject)
    return None if found is None else str(found.id)
