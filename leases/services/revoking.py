"""Taking leases back: one, or all whose capability starts alike (contract §6)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from leases.errors import Fault, InvalidLease
from leases.models import Lease, User
from leases.services.decision_log import refusals_kept
from leases.services.granting import managed, require_lease_manager
from leases.services.renewing import lease_get
from leases.services.terms import reason_fault
from leases.signals import lease_revoked, leases_moving, send_after_commit

MAX_PREFIX = 200
AT_ONCE = 500


@refusals_kept
def lease_revoke(
    *, actor: User, lease_id: uuid.UUID | str, now: datetime, reason: str = ""
) -> Lease:
    """Take one lease back; from then on it allows nothing, on any node.

    Repeating it changes nothing and tells nobody, and so does revoking what has expired. Raises
    ``LeaseManageForbidden``, ``InvalidLease``, ``LeaseNotFound``.
    """
    require_lease_manager(actor)
    _check_reason(reason)
    with transaction.atomic():
        lease = lease_get(lease_id)
        taken = take_back([lease.pk], Lease.Revocation.SINGLE, actor, reason, now)
        if taken:
            managed(actor, now)
    return taken[0] if taken else lease_get(lease_id)


@refusals_kept
def leases_revoke_prefix(
    *, actor: User, prefix: str, now: datetime, reason: str = ""
) -> list[Lease]:
    """Take back every lease in force whose capability starts with ``prefix``; those it took.

    Raises ``LeaseManageForbidden``, and ``InvalidLease`` for an empty prefix, which would take
    everything.
    """
    require_lease_manager(actor)
    message = _prefix_fault(prefix)
    if message:
        raise InvalidLease(message, errors=[Fault("/prefix", message)])
    _check_reason(reason)
    with transaction.atomic():
        found = Lease.objects.active_at(now).with_prefix(prefix)
        ids = list(found.order_by("pk").values_list("pk", flat=True))
        taken = take_back(ids, Lease.Revocation.PREFIX, actor, reason, now)
        if taken:
            managed(actor, now)
    return taken


def take_back(
    lease_ids: list[uuid.UUID],
    how: Lease.Revocation,
    actor: User,
    reason: str,
    now: datetime,
) -> list[Lease]:
    """Revoke those of the leases that are not over, and tell of each.

    Inside a transaction. ``lease_ids`` are sorted, so that two who revoke the same leases do not
    wait for each other crosswise. No right is asked for.
    """
    changes = {
        "revoked_at": now,
        "revoked_by": actor,
        "revocation": how,
        "revoke_reason": reason.strip(),
        "updated": now,
    }
    lasting = Lease.objects.filter(revoked_at__isnull=True, ttl_until__gt=now)
    taken: list[Lease] = []
    for begin in range(0, len(lease_ids), AT_ONCE):
        found = lasting.filter(pk__in=lease_ids[begin : begin + AT_ONCE]).order_by("pk")
        # Held until the transaction ends: SQLite has one writer at a time, PostgreSQL locks rows.
        won = list(found.select_for_update().values_list("pk", flat=True))
        lasting.filter(pk__in=won).update(**changes)
        taken += Lease.objects.filter(pk__in=won).order_by("pk")
    if taken:
        leases_moving.send(
            Lease, leases=taken, move="withdrawal", actor=actor, now=now, again=False
        )
    for lease in taken:
        send_after_commit(lease_revoked, Lease, lease=lease, actor=actor, now=now)
    return taken


def _prefix_fault(prefix: str) -> str | None:
    if not prefix.strip():
        return "the prefix must not be empty: it would take every lease"
    if len(prefix) > MAX_PREFIX or "\x00" in prefix:
        return f"the prefix has at most {MAX_PREFIX} characters, and no U+0000"
    return None


def _check_reason(reason: str) -> None:
    message = reason_fault(reason)
    if message:
        raise InvalidLease(message, errors=[Fault("/reason", message)])
