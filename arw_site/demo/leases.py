"""The leases that the tour needs, granted by dana in plain sight, each with its reason."""

from __future__ import annotations

from datetime import datetime

from arw_site.demo.people import DANA, principal
from leases.models import Lease
from leases.models.lease import LeaseQuerySet
from leases.services.granting import lease_grant
from leases.services.terms import MAX_TTL_SECS

_REASONS = {
    "persona:manage": "Demo: proposing, deciding and switching consent on the tour",
    "telemetry:persona:workspace": "Demo: giving and reading feedback on Ines Calder",
}


def ensure_leases(*, now: datetime) -> list[str]:
    """Grants those that are not live at ``now``, for 24 hours, to anyone signed in.

    Returns the capabilities that were granted.
    """
    granted = []
    for capability, reason in _REASONS.items():
        if not _ours().active_at(now).filter(capability=capability).exists():
            lease_grant(
                actor=principal(DANA),
                capability=capability,
                now=now,
                ttl_secs=MAX_TTL_SECS,
                reason=reason,
            )
            granted.append(capability)
    return granted


def remove_leases() -> None:
    """Takes the demo's leases away; those that anybody else granted stay."""
    _ours().delete()


def _ours() -> LeaseQuerySet:
    return Lease.objects.filter(
        granted_by__username=DANA.username, reason__in=list(_REASONS.values())
    )
