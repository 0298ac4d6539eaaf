"""The kill switch: all telemetry stops on every node at once, and how it starts again (§6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from leases.errors import Fault, InvalidInput
from leases.halting import halt_alone
from leases.models import Control, Lease, User
from leases.models.control import THE_ROW
from leases.services.decision_log import refusals_kept
from leases.services.granting import managed, require_lease_manager
from leases.services.revoking import take_back
from leases.services.terms import reason_fault
from leases.signals import kill_switch_moved, lease_renewed, leases_moving, send_after_commit

TELEMETRY_PREFIX = "telemetry:"


@dataclass(frozen=True, slots=True)
class KillSwitch:
    """How the switch stands after a move, and the leases that the move took or gave back."""

    engaged: bool
    at: datetime | None
    by: User | None
    reason: str
    revoked: int = 0
    restored: int = 0


@refusals_kept
def kill_switch_set(
    *,
    actor: User,
    engaged: bool,
    now: datetime,
    reason: str = "",
    restore_leases: bool = False,
) -> KillSwitch:
    """Stop all telemetry and revoke the leases in force that lend it; or lift the stop.

    When this returns, no node takes feedback any more: what was being written is committed, and
    everything after is refused. ``reason`` is required to stop. Lifting with ``restore_leases``
    gives back exactly those leases that this stop took and whose time is not over. Asking for
    what is so already changes nothing. Raises ``LeaseManageForbidden``, ``InvalidInput``.
    """
    require_lease_manager(actor)
    message = reason_fault(reason, required=engaged)
    if message:
        raise InvalidInput(message, errors=[Fault("/reason", message)])
    with transaction.atomic():
        halt_alone()
        Control.objects.get_or_create(pk=THE_ROW)
        if engaged:
            revoked, restored = _engage(actor, reason.strip(), now), 0
        else:
            revoked, restored = 0, _lift(actor, reason.strip(), now, restore_leases)
        control = Control.objects.select_related("halted_by").get(pk=THE_ROW)
    return KillSwitch(
        control.halted_at is not None,
        control.halted_at,
        control.halted_by,
        control.halt_reason,
        revoked,
        restored,
    )


def _engage(actor: User, reason: str, now: datetime) -> int:
    running = Control.objects.filter(pk=THE_ROW, halted_at__isnull=True)
    if running.update(halted_at=now, halted_by=actor, halt_reason=reason) != 1:
        return 0
    found = Lease.objects.active_at(now).with_prefix(TELEMETRY_PREFIX)
    ids = list(found.order_by("pk").values_list("pk", flat=True))
    taken = take_back(ids, Lease.Revocation.KILL_SWITCH, actor, reason, now)
    _tell(True, actor, reason, now)
    return len(taken)


def _lift(actor: User, reason: str, now: datetime, restore_leases: bool) -> int:
    control = Control.objects.get(pk=THE_ROW)
    if control.halted_at is None:
        return 0
    stopped = Control.objects.filter(pk=THE_ROW, halted_at=control.halted_at)
    if stopped.update(halted_at=None, halted_by=None, halt_reason="") != 1:
        return 0
    restored = _give_back(actor, control.halted_at, now) if restore_leases else 0
    _tell(False, actor, reason, now)
    return restored


def _give_back(actor: User, halted_at: datetime, now: datetime) -> int:
    # The time of the stop names the stop: another one's leases were taken at another.
    taken = Lease.objects.filter(
        revocation=Lease.Revocation.KILL_SWITCH, revoked_at=halted_at, ttl_until__gt=now
    )
    ids = list(taken.order_by("pk").values_list("pk", flat=True))
    Lease.objects.filter(pk__in=ids).update(
        revoked_at=None, revoked_by=None, revocation="", revoke_reason="", updated=now
    )
    given = list(Lease.objects.filter(pk__in=ids).order_by("pk"))
    if given:
        leases_moving.send(Lease, leases=given, move="grant", actor=actor, now=now, again=True)
    for lease in given:
        send_after_commit(lease_renewed, Lease, lease=lease, actor=actor, now=now)
    return len(ids)


def _tell(engaged: bool, actor: User, reason: str, now: datetime) -> None:
    managed(actor, now)
    send_after_commit(
        kill_switch_moved, Control, engaged=engaged, reason=reason, actor=actor, now=now
    )
