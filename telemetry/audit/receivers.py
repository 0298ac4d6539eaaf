"""From news to rows of the server's own log: written after commit (contract §5, §9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from axes.signals import user_locked_out
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest

from leases.models import Lease, User
from leases.signals import lease_created, lease_renewed, lease_revoked
from personas.documents.chain import Anchor
from personas.models import HistoryEntry
from personas.signals import anchor_asked, persona_updated
from telemetry.audit import anchors
from telemetry.audit.writing import acting, record
from telemetry.eventlog.persona_anchors import anchor_event
from telemetry.eventlog.rows import Event


@receiver(persona_updated)
def anchored(*, entry: HistoryEntry, actor: User | None, **_: Any) -> None:
    """``profile.updated``: the hash that a cut history would no longer reach."""
    reference = anchors.persona_ref(entry.persona_id)
    record(anchor_event(reference, entry.version, entry.entry_hash, actor=acting(actor)))


@receiver((lease_created, lease_renewed))
def granted(*, lease: Lease, actor: User | None, now: datetime, **_: Any) -> None:
    """``capability.granted {capability, scope, ttl_secs}``, without names and without the reason.

    ``ttl_secs`` counts from now, also where the lease was renewed or given back.
    """
    data = {
        "capability": lease.capability,
        "scope": lease.scope,
        "ttl_secs": round((lease.ttl_until - now).total_seconds()),
    }
    record(Event("capability.granted", data, actor=acting(actor), source="api"))


@receiver(lease_revoked)
def revoked(*, lease: Lease, actor: User | None, **_: Any) -> None:
    """``capability.revoked {capability, scope, revocation}``, without names and the reason."""
    data = {
        "capability": lease.capability,
        "scope": lease.scope,
        "revocation": str(lease.revocation),
    }
    record(Event("capability.revoked", data, actor=acting(actor), source="api"))


@receiver(user_locked_out)
def locked_out(*, request: HttpRequest, **_: Any) -> None:
    """``risk.flagged``: failed sign-ins reached the throttle. Once a lock, not once an attempt."""
    failures = getattr(request, "axes_failures_since_start", None)
    if failures == settings.AXES_FAILURE_LIMIT:  # attempts during the lock count on
        data = {"reason": "sign_in_locked", "failures": failures}
        record(Event("risk.flagged", data, actor=acting(None), source="api"))


@receiver(anchor_asked)
def newest(*, persona_id: str, **_: Any) -> Anchor | None:
    """What the log knows of the end of a persona's history."""
    return anchors.newest(persona_id)
