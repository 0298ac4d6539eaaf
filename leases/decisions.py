"""Decisions as values, and what a lease says. Pure (contract §6).

The whole judgement, with policy, is ``leases.policy.judgement``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from leases.capabilities import Resource

LOCAL_SUBJECT = "local"


@dataclass(frozen=True, slots=True)
class LeaseFacts:
    """What a decision needs to know of a lease. ``remaining`` is None for no budget."""

    id: str
    subject: str
    capability: str
    scope: str | None
    ttl_until: datetime
    remaining: int | None
    revoked: bool


@dataclass(frozen=True, slots=True)
class Allow:
    """The action may go on.

    ``reason`` is ``allow_all``, ``policy_permit`` or ``lease_satisfied``; ``via`` is the lease
    that allows it, and None where policy does.
    """

    reason: str
    via: str | None = None

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Deny:
    """The action may not go on; ``required_capability`` would allow it, unless policy forbids."""

    reason: str
    required_capability: str

    def __bool__(self) -> bool:
        return False


Decision = Allow | Deny


def lease_decision(
    capability: str, resource: Resource, leases: Iterable[LeaseFacts], *, now: datetime
) -> Decision:
    """Deny unless one of ``leases`` lends ``capability`` on ``resource`` at ``now``.

    ``leases`` are those the principal holds, its own and the ones of ``local``. Of those that
    hold, one with a budget is spent last, so that a lease without one costs nobody anything.
    The reason of a refusal names the nearest miss: expired or used up says more than none held.
    """
    misses: set[str] = set()
    holding: list[LeaseFacts] = []
    for lease in leases:
        if lease.capability != capability:
            continue
        miss = lease_miss(lease, resource, now)
        if miss is None:
            holding.append(lease)
        else:
            misses.add(miss)
    if holding:
        best = min(
            holding, key=lambda lease: (lease.remaining is not None, -lease.ttl_until.timestamp())
        )
        return Allow("lease_satisfied", best.id)
    for reason in ("lease_exhausted", "lease_expired", "lease_revoked", "lease_out_of_scope"):
        if reason in misses:
            return Deny(reason, capability)
    return Deny("lease_required", capability)


def lease_miss(lease: LeaseFacts, resource: Resource, now: datetime) -> str | None:
    """Why ``lease`` does not hold for ``resource`` at ``now``, or None when it does."""
    if lease.scope is not None and lease.scope not in resource.scopes:
        return "lease_out_of_scope"
    if lease.revoked:
        return "lease_revoked"
    if lease.ttl_until <= now:
        return "lease_expired"
    if lease.remaining is not None and lease.remaining <= 0:
        return "lease_exhausted"
    return None
