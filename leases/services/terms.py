"""The limits of what a lease may say: time, budget, reason (contract §6)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

DEFAULT_TTL_SECS = 3600
MAX_TTL_SECS = 86_400
MAX_BUDGET = 2_147_483_647
MAX_REASON = 500


def ttl_clamped(ttl_secs: int) -> int:
    """The seconds that are meant: above 86,400 is clamped, 0 becomes 1."""
    return min(max(ttl_secs, 1), MAX_TTL_SECS)


def first_end(now: datetime, ttl_secs: int) -> datetime:
    """When a lease granted at ``now`` ends."""
    return min(now + timedelta(seconds=ttl_clamped(ttl_secs)), last_end(now))


def last_end(created: datetime) -> datetime:
    """The latest moment to which a lease made at ``created`` can be renewed."""
    longest: timedelta = settings.ARW_LEASE_MAX_LIFE
    return created + longest


def ttl_fault(ttl_secs: int) -> str | None:
    """Why ``ttl_secs`` is refused, or None."""
    return "ttl_secs must not be negative" if ttl_secs < 0 else None


def budget_fault(budget: int | None) -> str | None:
    """Why ``budget`` is refused, or None."""
    if budget is not None and not 1 <= budget <= MAX_BUDGET:
        return f"budget must be a whole number from 1 to {MAX_BUDGET}, or null for no limit"
    return None


def reason_fault(reason: str, *, required: bool = False) -> str | None:
    """Why ``reason`` is refused, or None."""
    if required and not reason.strip():
        return "a reason is required"
    if len(reason) > MAX_REASON:
        return f"a reason has at most {MAX_REASON} characters"
    return "a reason holds no U+0000" if "\x00" in reason else None
