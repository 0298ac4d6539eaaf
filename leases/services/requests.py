"""Asking for a lease, and the answer (contract §6, §13)."""

from __future__ import annotations

import uuid
from datetime import datetime
from types import EllipsisType
from typing import Any, NoReturn

from django.db import transaction

from leases.errors import (
    Fault,
    InvalidLease,
    LeaseRequestForbidden,
    LeaseRequestLimit,
    LeaseRequestNotFound,
    LeaseRequestNotPending,
)
from leases.models import Lease, LeaseRequest, User
from leases.roles import Right
from leases.services.decision_log import REQUEST, refusals_kept, role_right_record
from leases.services.granting import lease_grant, managed, require_lease_manager, term_faults
from leases.services.terms import DEFAULT_TTL_SECS, reason_fault, ttl_clamped
from leases.signals import lease_request_decided, lease_requested, send_after_commit

# Of one principal at a time, so that nobody floods the queue.
PENDING_AT_MOST = 20


@refusals_kept
def lease_request(
    *,
    actor: User,
    capability: str,
    reason: str,
    now: datetime,
    scope: str | None = None,
    ttl_secs: int = DEFAULT_TTL_SECS,
    budget: int | None = None,
) -> LeaseRequest:
    """Ask for a lease of one's own; ``reason`` is required. A right of members.

    ``ttl_secs`` is clamped as in a grant; the time starts when it is granted. At most 20 requests
    of one principal wait at a time. Raises ``LeaseRequestForbidden``, ``InvalidLease``,
    ``LeaseRequestLimit``.
    """
    require_asker(actor)
    faults = term_faults(capability, scope, ttl_secs, budget, reason)
    if not reason.strip():
        faults.append(Fault("/reason", "a reason is required", "required"))
    if faults:
        raise InvalidLease(faults[0].message, errors=faults)
    with transaction.atomic():
        _require_room(actor)
        asked = LeaseRequest.objects.create(
            requester=actor,
            capability=capability,
            scope=scope,
            ttl_secs=ttl_clamped(ttl_secs),
            budget=budget,
            reason=reason.strip(),
            created=now,
        )
        role_right_record(actor=actor, action=REQUEST, now=now)
        send_after_commit(lease_requested, LeaseRequest, request=asked, actor=actor, now=now)
    return asked


@refusals_kept
def lease_request_grant(
    *,
    actor: User,
    request_id: uuid.UUID | str,
    now: datetime,
    ttl_secs: int | None = None,
    budget: int | EllipsisType | None = ...,
    reason: str = "",
) -> Lease:
    """Lend what was asked for to whoever asked; the time runs from ``now``.

    ``ttl_secs`` and ``budget`` take the place of what was asked for. Of any number of answers at
    once exactly one counts. Raises ``LeaseManageForbidden``, ``LeaseRequestNotFound``,
    ``LeaseRequestNotPending``, ``InvalidLease``; then nothing was lent.
    """
    require_lease_manager(actor)
    asked = lease_request_get(request_id)
    _require_pending(asked)
    with transaction.atomic():
        lease = lease_grant(
            actor=actor,
            capability=asked.capability,
            scope=asked.scope,
            subject=str(asked.requester_id),
            ttl_secs=asked.ttl_secs if ttl_secs is None else ttl_secs,
            budget=asked.budget if isinstance(budget, EllipsisType) else budget,
            reason=reason.strip() or asked.reason,
            now=now,
        )
        _decide(asked, LeaseRequest.Status.GRANTED, actor, reason, now, lease=lease)
    return lease


@refusals_kept
def lease_request_deny(
    *, actor: User, request_id: uuid.UUID | str, reason: str, now: datetime
) -> LeaseRequest:
    """Refuse a request, with a reason for whoever asked.

    Raises ``LeaseManageForbidden``, ``LeaseRequestNotFound``, ``LeaseRequestNotPending``,
    ``InvalidLease``.
    """
    require_lease_manager(actor)
    asked = lease_request_get(request_id)
    _require_pending(asked)
    message = reason_fault(reason, required=True)
    if message:
        raise InvalidLease(message, errors=[Fault("/reason", message)])
    with transaction.atomic():
        denied = _decide(asked, LeaseRequest.Status.DENIED, actor, reason, now)
        managed(actor, now)
    return denied


@refusals_kept
def lease_request_cancel(
    *, actor: User, request_id: uuid.UUID | str, now: datetime
) -> LeaseRequest:
    """Take one's own request back. Raises ``LeaseRequestNotFound``, also for somebody else's,
    and ``LeaseRequestForbidden``, ``LeaseRequestNotPending``.
    """
    asked = own_request_get(actor=actor, request_id=request_id)
    _require_pending(asked)
    with transaction.atomic():
        cancelled = _decide(asked, LeaseRequest.Status.CANCELLED, actor, "", now)
        role_right_record(actor=actor, action=REQUEST, now=now)
    return cancelled


def require_asker(actor: User) -> None:
    """Raise ``LeaseRequestForbidden`` unless the role of ``actor`` may ask for leases."""
    if not actor.has_right(Right.READ):
        raise LeaseRequestForbidden


def lease_request_get(request_id: uuid.UUID | str) -> LeaseRequest:
    """The request with that id; raises ``LeaseRequestNotFound``."""
    try:
        return LeaseRequest.objects.get(pk=uuid.UUID(str(request_id)))
    except (LeaseRequest.DoesNotExist, ValueError):
        raise LeaseRequestNotFound from None


def own_request_get(*, actor: User, request_id: uuid.UUID | str) -> LeaseRequest:
    """The request if ``actor`` made it; raises ``LeaseRequestForbidden``, ``LeaseRequestNotFound``."""
    asked = lease_request_get(request_id)
    require_asker(actor)
    if asked.requester_id != actor.id:
        raise LeaseRequestNotFound("you have made no request with that id")
    return asked


def _decide(
    asked: LeaseRequest,
    status: LeaseRequest.Status,
    actor: User,
    reason: str,
    now: datetime,
    **more: Any,
) -> LeaseRequest:
    claimed = LeaseRequest.objects.pending().filter(pk=asked.pk)
    changes = {"decided_by": actor, "decided_at": now, "decision_reason": reason.strip(), **more}
    if claimed.update(status=status, **changes) != 1:
        _refuse(asked.pk)
    decided = lease_request_get(asked.pk)
    send_after_commit(lease_request_decided, LeaseRequest, request=decided, actor=actor, now=now)
    return decided


def _require_room(actor: User) -> None:
    # Requests of the same principal wait for each other here, so that no two take the last place.
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    waiting = LeaseRequest.objects.pending().of(actor).count()
    if waiting >= PENDING_AT_MOST:
        raise LeaseRequestLimit(
            f"{waiting} of your requests wait for an answer already; "
            "take one back, or wait until one is answered",
            pending=waiting,
            limit=PENDING_AT_MOST,
        )


def _require_pending(asked: LeaseRequest) -> None:
    if asked.status != LeaseRequest.Status.PENDING:
        _refuse(asked.pk)


def _refuse(request_id: uuid.UUID) -> NoReturn:
    status = str(lease_request_get(request_id).status)
    raise LeaseRequestNotPending(f"the request is {status} already", request_status=status)
