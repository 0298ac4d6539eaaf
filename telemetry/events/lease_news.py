"""News of leases, of requests for them, and of policy, as events (contract §8)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from leases.decisions import LOCAL_SUBJECT
from leases.instants import rfc3339
from leases.models import Lease, LeaseRequest, PolicyRevision, User
from leases.pseudonyms import actor_ref
from leases.signals import (
    kill_switch_moved,
    lease_created,
    lease_expired,
    lease_renewed,
    lease_request_decided,
    lease_requested,
    lease_revoked,
    policy_loaded,
)
from telemetry.events import catalog
from telemetry.events.broadcaster import broadcaster


@receiver(lease_created)
def leased(*, lease: Lease, actor: User, now: datetime, **_: Any) -> None:
    _moved(catalog.LeaseCreated(actor=actor_ref(actor.id), **_terms(lease)), now)


@receiver(lease_renewed)
def renewed(*, lease: Lease, actor: User, now: datetime, **_: Any) -> None:
    _moved(catalog.LeaseRenewed(actor=actor_ref(actor.id), **_terms(lease)), now)


@receiver(lease_revoked)
def revoked(*, lease: Lease, actor: User, now: datetime, **_: Any) -> None:
    event = catalog.LeaseRevoked(
        actor=actor_ref(actor.id),
        **_named(lease),
        revocation=str(lease.revocation),
        revoked_at=rfc3339(lease.revoked_at or now),
    )
    _moved(event, now)


@receiver(lease_expired)
def expired(*, lease: Lease, now: datetime, **_: Any) -> None:
    event = catalog.LeaseExpired(
        actor=actor_ref(None), **_named(lease), ttl_until=rfc3339(lease.ttl_until)
    )
    _moved(event, now)


@receiver(lease_requested)
def requested(*, request: LeaseRequest, actor: User, now: datetime, **_: Any) -> None:
    event = catalog.LeaseRequested(
        actor=actor_ref(actor.id),
        id=str(request.id),
        capability=request.capability,
        scope=request.scope,
        ttl_secs=request.ttl_secs,
        budget=request.budget,
    )
    broadcaster.publish([event], now)


@receiver(lease_request_decided)
def request_decided(*, request: LeaseRequest, actor: User, now: datetime, **_: Any) -> None:
    event = catalog.LeaseRequestDecided(
        actor=actor_ref(actor.id),
        id=str(request.id),
        requester=actor_ref(request.requester_id),
        capability=request.capability,
        scope=request.scope,
        status=str(request.status),
        lease_id=None if request.lease_id is None else str(request.lease_id),
    )
    broadcaster.publish([event], now)


@receiver(policy_loaded)
def loaded(
    *,
    policy_revision: PolicyRevision | None,
    previous: PolicyRevision | None,
    actor: User | None,
    now: datetime,
    **_: Any,
) -> None:
    event = catalog.PolicyLoaded(
        actor=actor_ref(None if actor is None else actor.id),
        revision=None if policy_revision is None else policy_revision.revision,
        previous=None if previous is None else previous.revision,
    )
    _moved(event, now)


@receiver(kill_switch_moved)
def switched(*, engaged: bool, actor: User, now: datetime, **_: Any) -> None:
    _moved(catalog.KillSwitchMoved(actor=actor_ref(actor.id), engaged=engaged), now)


def _moved(event: catalog.Event, now: datetime) -> None:
    # Verdicts first: from here on no reader is shown feedback on the strength of an older one.
    broadcaster.rights_moved()
    broadcaster.publish([event], now)


def _named(lease: Lease) -> dict[str, Any]:
    subject = lease.subject
    return {
        "id": str(lease.id),
        "subject": subject if subject == LOCAL_SUBJECT else actor_ref(uuid.UUID(subject)),
        "capability": lease.capability,
        "scope": lease.scope,
    }


def _terms(lease: Lease) -> dict[str, Any]:
    return {
        **_named(lease),
        "ttl_until": rfc3339(lease.ttl_until),
        "budget": lease.budget,
        "created": rfc3339(lease.created),
    }
