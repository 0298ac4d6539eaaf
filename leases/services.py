"""Changing leases (contract §6). Admin, API and CLI all come through here."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from leases.capabilities import capability_fault, scope_fault
from leases.decisions import LOCAL_SUBJECT
from leases.errors import Fault, InvalidLease, LeaseManageForbidden
from leases.models import Lease, User
from leases.roles import Right
from leases.signals import lease_created, send_after_commit

DEFAULT_TTL_SECS = 3600
MAX_TTL_SECS = 86_400
MAX_BUDGET = 2_147_483_647


def require_lease_manager(actor: User) -> None:
    """Raise ``LeaseManageForbidden`` unless the role of ``actor`` manages leases."""
    if not actor.has_right(Right.MANAGE_LEASES):
        raise LeaseManageForbidden


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
    faults = [
        *_fault("/capability", capability_fault(capability)),
        *_fault("/scope", scope_fault(scope) if scope is not None else None),
        *_fault("/ttl_secs", "ttl_secs must not be negative" if ttl_secs < 0 else None),
        *_fault("/budget", _budget_fault(budget)),
    ]
    holder = _subject_id(subject)
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
            ttl_until=now + timedelta(seconds=min(max(ttl_secs, 1), MAX_TTL_SECS)),
            budget=budget,
            granted_by=actor,
            created=now,
            updated=now,
        )
        send_after_commit(lease_created, Lease, lease=lease, actor=actor, now=now)
    return lease


def _fault(pointer: str, message: str | None) -> list[Fault]:
    return [] if message is None else [Fault(pointer, message)]


def _budget_fault(budget: int | None) -> str | None:
    if budget is not None and not 1 <= budget <= MAX_BUDGET:
        return f"budget must be a whole number from 1 to {MAX_BUDGET}, or null for no limit"
    return None


def _subject_id(subject: str) -> str | None:
    if subject == LOCAL_SUBJECT:
        return LOCAL_SUBJECT
    found = User.objects.named(subject)
    return None if found is None else str(found.id)
