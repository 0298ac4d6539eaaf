"""Letting a lease go on (contract §6)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from leases.errors import Fault, InvalidLease, LeaseNotFound, LeaseNotLive
from leases.models import Lease, User
from leases.services.decision_log import refusals_kept
from leases.services.granting import managed, require_lease_manager
from leases.services.terms import DEFAULT_TTL_SECS, last_end, reason_fault, ttl_clamped, ttl_fault
from leases.signals import lease_renewed, send_after_commit


@refusals_kept
def lease_renew(
    *,
    actor: User,
    lease_id: uuid.UUID | str,
    now: datetime,
    ttl_secs: int = DEFAULT_TTL_SECS,
    reason: str = "",
) -> Lease:
    """Let a live lease end at ``now + ttl_secs``, but not beyond its maximum life.

    The maximum is ``ARW_LEASE_MAX_LIFE`` after it was granted. It never ends earlier than before:
    a shorter time changes nothing and tells nobody. A ``reason`` takes the place of the one it
    was granted for. What is left of a budget stays. Raises ``LeaseManageForbidden``,
    ``InvalidLease``, ``LeaseNotFound``, ``LeaseNotLive`` (code ``max_life_reached`` at its
    maximum life); a lease that was revoked at the same moment stays revoked.
    """
    require_lease_manager(actor)
    _check(ttl_secs, reason)
    with transaction.atomic():
        lease = lease_get(lease_id)
        _require_renewable(lease, now)
        until = min(now + timedelta(seconds=ttl_clamped(ttl_secs)), last_end(lease.created))
        changes = {"ttl_until": until, "updated": now} | ({"reason": reason} if reason else {})
        # An expiry that was told stands, also for a clock that is behind the one that told it.
        live = Lease.objects.active_at(now).filter(pk=lease.pk, expiry_told_at__isnull=True)
        renewed = live.filter(ttl_until__lt=until).update(**changes)
        lease = lease_get(lease_id)
        if renewed:
            managed(actor, now)
            send_after_commit(lease_renewed, Lease, lease=lease, actor=actor, now=now)
        else:
            # It ends later already, or it was revoked, used up or told expired meanwhile.
            _require_live(lease, now)
    return lease


def lease_get(lease_id: uuid.UUID | str) -> Lease:
    """The lease with that id; raises ``LeaseNotFound``."""
    try:
        return Lease.objects.get(pk=uuid.UUID(str(lease_id)))
    except (Lease.DoesNotExist, ValueError):
        raise LeaseNotFound from None


def _check(ttl_secs: int, reason: str) -> None:
    found = {"/ttl_secs": ttl_fault(ttl_secs), "/reason": reason_fault(reason)}
    faults = [Fault(pointer, message) for pointer, message in found.items() if message]
    if faults:
        raise InvalidLease(faults[0].message, errors=faults)


def _require_live(lease: Lease, now: datetime) -> None:
    state = "expired" if lease.expiry_told_at else lease.state_at(now)
    if state != "live":
        raise LeaseNotLive(f"the lease is {state.replace('_', ' ')} already", state=state)


def _require_renewable(lease: Lease, now: datetime) -> None:
    _require_live(lease, now)
    if lease.ttl_until >= last_end(lease.created):
        raise LeaseNotLive(
            "the lease is at its maximum life (ARW_LEASE_MAX_LIFE): grant a new one",
            code="max_life_reached",
        )
