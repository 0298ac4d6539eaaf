"""Writing the decision log (contract §6): refusals, and what let a change through.

An Allow is written in the transaction of the change that it lets through. A refusal is raised,
which takes its transaction back: it is written once that has happened, by the outermost service
that it leaves, or by the door in front of the services.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from leases.decisions import Allow, Deny, LeaseFacts
from leases.errors import DomainError, Forbidden
from leases.models import DecisionEntry, User
from leases.policy.question import is_telemetry

if TYPE_CHECKING:
    from leases.authorization import Judgement

MANAGE = "leases.manage"
REQUEST = "leases.request"
ROLE_RIGHT = "role_right"
RETENTION = timedelta(days=90)

logger = logging.getLogger(__name__)
_within: ContextVar[bool] = ContextVar("within_a_service", default=False)

P = ParamSpec("P")
R = TypeVar("R")


def decision_record(judgement: Judgement, *, now: datetime, count: int = 1) -> None:
    """Log a decision of policy or lease.

    One on telemetry is counted in the row of its hour, ``count`` times, whoever else counts
    there at the same moment. Call it in the transaction of the change that it lets through.
    """
    question, decision = judgement.question, judgement.decision
    resource = question.resource
    row = {
        "actor_id": question.subject,
        "action": question.action.name[:200],
        "persona_id": resource.persona_id[:128],
        "allowed": bool(decision),
        "reason": decision.reason,
        "policy_revision": judgement.policy_revision,
        "lease_id": (decision.via or "") if isinstance(decision, Allow) else "",
    }
    more = {
        "owner_kind": resource.owner_kind[:16],
        "owner_ref": resource.owner_ref[:300],
        "required_capability": decision.required_capability[:300]
        if isinstance(decision, Deny)
        else "",
        "inputs": decision_inputs(judgement),
    }
    if is_telemetry(question.action):
        _count(row, more, now, count)
    else:
        DecisionEntry.objects.create(at=now, count=count, **row, **more)


def role_decision_record(
    *, actor: User, action: str, allowed: bool, reason: str, now: datetime, persona_id: str = ""
) -> None:
    """Log what the role alone decided; no policy can flip it, so ``inputs`` is empty."""
    row = {
        "actor_id": actor.id,
        "action": action,
        "persona_id": persona_id[:128],
        "allowed": allowed,
        "reason": reason[:40],
        "policy_revision": "",
        "lease_id": "",
    }
    if action.startswith("telemetry."):
        _count(row, {}, now, 1)
    else:
        DecisionEntry.objects.create(at=now, **row)


def role_right_record(*, actor: User, action: str, now: datetime, persona_id: str = "") -> None:
    """Log that the right of the role let a change through; in the transaction of the change."""
    role_decision_record(
        actor=actor,
        action=action,
        allowed=True,
        reason=ROLE_RIGHT,
        now=now,
        persona_id=persona_id,
    )


def refusals_kept(service: Callable[P, R]) -> Callable[P, R]:
    """A service whose refusals are logged when the outermost such service is left by them.

    The service takes ``actor`` and ``now`` by keyword, as all public services do.
    """

    @wraps(service)
    def kept(*args: P.args, **kwargs: P.kwargs) -> R:
        with _outermost() as outermost:
            try:
                return service(*args, **kwargs)
            except DomainError as error:
                if outermost:
                    given: dict[str, Any] = kwargs
                    refusal_keep(
                        error,
                        actor=given.get("actor"),
                        now=given.get("now"),
                        persona_id=given.get("persona_id"),
                    )
                raise

    return kept


def refusal_keep(
    error: DomainError,
    *,
    actor: User | None,
    now: datetime | None = None,
    persona_id: str | None = None,
) -> None:
    """Log ``error`` if it is a refusal of policy, lease or role that is not logged yet.

    ``actor`` is whom the door let in. The refusal stands whether or not it could be written down.
    """
    if error.logged or (error.judgement is None and not error.refuses):
        return
    error.logged = True
    at = now or timezone.now()
    try:
        if connection.needs_rollback:
            raise DatabaseError("the surrounding transaction can write no more")
        with transaction.atomic():
            if error.judgement is not None:
                decision_record(error.judgement, now=at)
            elif isinstance(error, Forbidden) and actor is not None and actor.is_authenticated:
                role_decision_record(
                    actor=actor,
                    action=error.refuses,
                    allowed=False,
                    # What is about leases and policy is a right of the role, and of nothing else.
                    reason="role_required"
                    if error.refuses in {MANAGE, REQUEST}
                    else error.instance_code,
                    now=at,
                    persona_id=persona_id if isinstance(persona_id, str) else "",
                )
    except DatabaseError:
        logger.exception("refusal_not_logged", extra={"refused": error.refuses or error.code})


def decisions_prune(*, now: datetime) -> int:
    """Delete what is older than 90 days; returns how many rows that were."""
    deleted, _each = DecisionEntry.objects.older_than(now - RETENTION).delete()
    return deleted


def lease_facts_json(lease: LeaseFacts) -> dict[str, Any]:
    """A lease as the log keeps it, and as ``leases.policy.replay`` reads it back."""
    return {
        "id": lease.id,
        "subject": lease.subject,
        "capability": lease.capability,
        "scope": lease.scope,
        "ttl_until": lease.ttl_until.isoformat(),
        "remaining": lease.remaining,
        "revoked": lease.revoked,
    }


@contextmanager
def _outermost() -> Iterator[bool]:
    first = not _within.get()
    token = _within.set(True)
    try:
        yield first
    finally:
        _within.reset(token)


def decision_inputs(judgement: Judgement) -> dict[str, Any]:
    """What a row keeps of ``judgement``, so that another policy can be asked the same."""
    question, decision = judgement.question, judgement.decision
    if isinstance(decision, Deny):
        needed = decision.required_capability
    else:
        via = (one.capability for one in judgement.leases if one.id == decision.via)
        needed = next(via, question.action.capability)
    return {
        "groups": list(question.groups),
        "capability": question.action.capability,
        "needed": needed,
        "halted": judgement.halted,
        "leases": [lease_facts_json(one) for one in _telling(judgement.leases)],
    }


def _telling(leases: Iterable[LeaseFacts]) -> list[LeaseFacts]:
    """Of leases that say the same, the one that ends last: a replay needs no more of them.

    It keeps a row small whoever was lent the same thing a thousand times.
    """
    kept: dict[tuple[str, str | None, bool, bool | None], LeaseFacts] = {}
    for lease in leases:
        spendable = None if lease.remaining is None else lease.remaining > 0
        same = (lease.capability, lease.scope, lease.revoked, spendable)
        if same not in kept or kept[same].ttl_until < lease.ttl_until:
            kept[same] = lease
    return list(kept.values())


def _count(row: dict[str, Any], more: dict[str, Any], now: datetime, count: int) -> None:
    """Add ``count`` to the row of the hour, or begin it. ``at`` and inputs are of the newest."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    rows = DecisionEntry.objects.filter(hour=hour, **row)
    while True:
        if rows.filter(at__lte=now).update(count=F("count") + count, at=now, **more):
            return
        if rows.update(count=F("count") + count):
            return
        try:
            with transaction.atomic():
                DecisionEntry.objects.create(hour=hour, at=now, count=count, **row, **more)
        except IntegrityError:
            # Somebody else began the row meanwhile. Where they did not, the fault is another's.
            if not rows.exists():
                raise
        else:
            return
