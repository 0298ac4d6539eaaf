"""Leases as the desk lists them: who holds them, what is left, what each allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet

from leases.decisions import LOCAL_SUBJECT
from leases.models import Lease, User
from leases.selectors import principal_names

PAGE_SIZE = 25
MINE, ANYONE = "me", "anyone"
HOLDERS = (MINE, ANYONE)


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """One lease of a list. ``holder`` is empty for anyone signed in; shares are in 0..1.

    ``state`` is that of ``Lease.state_at``.
    """

    lease: Lease
    state: str
    holder: str
    life_share: float
    use_share: float

    @property
    def live(self) -> bool:
        return self.state == "live"


def lease_rows(leases: Iterable[Lease], *, now: datetime) -> list[LeaseRow]:
    """Rows for ``leases``, with the names of their holders joined."""
    listed = list(leases)
    names = principal_names(lease.subject for lease in listed)
    return [_row(lease, names, now) for lease in listed]


def _row(lease: Lease, names: Mapping[str, str], now: datetime) -> LeaseRow:
    anyone = lease.subject == LOCAL_SUBJECT
    whole = (lease.ttl_until - lease.created).total_seconds() or 1.0
    left = (lease.ttl_until - now).total_seconds()
    uses = 1.0 if not lease.budget else (lease.budget - lease.used) / lease.budget
    return LeaseRow(
        lease,
        lease.state_at(now),
        "" if anyone else names.get(lease.subject, lease.subject),
        min(max(left / whole, 0.0), 1.0),
        uses,
    )


def live_context(query: Mapping[str, str], *, viewer: User, now: datetime) -> dict[str, Any]:
    """The page of live leases that ``query`` (``q``, ``holder``, ``page``) asks for."""
    live = Lease.objects.active_at(now).select_related("granted_by")
    found = _filtered(live, query, viewer).order_by("ttl_until", "id")
    return _listed(found, query, now=now)


def past_context(query: Mapping[str, str], *, viewer: User, now: datetime) -> dict[str, Any]:
    """The page of past leases that ``query`` (``q``, ``holder``, ``end``, ``page``) asks for."""
    over = Lease.objects.filter(
        Q(revoked_at__isnull=False) | Q(ttl_until__lte=now) | Q(used__gte=F("budget"))
    )
    end = query.get("end", "")
    found = _filtered(over.filter(_ended_by(end, now)), query, viewer)
    found = found.select_related("granted_by", "revoked_by")
    context = _listed(found.newest_first(), query, now=now)
    return {**context, "end": end, "filtered": context["filtered"] or bool(end)}


def _ended_by(end: str, now: datetime) -> Q:
    kept = Q(revoked_at__isnull=True)
    return {
        "revoked": Q(revoked_at__isnull=False),
        "expired": kept & Q(ttl_until__lte=now),
        "used_up": kept & Q(ttl_until__gt=now, used__gte=F("budget")),
    }.get(end, Q())


def _filtered(found: Any, query: Mapping[str, str], viewer: User) -> Any:
    wanted, holder = query.get("q", "").strip(), query.get("holder", "")
    if holder == MINE:
        found = found.filter(subject=str(viewer.id))
    elif holder == ANYONE:
        found = found.filter(subject=LOCAL_SUBJECT)
    if not wanted:
        return found
    holders = User.objects.filter(
        Q(username__icontains=wanted)
        | Q(first_name__icontains=wanted)
        | Q(last_name__icontains=wanted)
    ).values_list("id", flat=True)
    return found.filter(
        Q(capability__icontains=wanted)
        | Q(scope__icontains=wanted)
        | Q(reason__icontains=wanted)
        | Q(subject__in=[str(one) for one in holders])
    )


def _listed(found: QuerySet[Lease], query: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
    page = Paginator(found, PAGE_SIZE).get_page(query.get("page"))
    kept = {name: query[name] for name in ("q", "holder", "end") if query.get(name)}
    return {
        "page": page,
        "rows": lease_rows(page.object_list, now=now),
        "q": query.get("q", ""),
        "holder": query.get("holder", ""),
        "filtered": bool(query.get("q", "").strip()) or query.get("holder", "") in HOLDERS,
        "query": urlencode(kept),
    }


def others_of(lease: Lease, *, now: datetime) -> list[LeaseRow]:
    """Other live leases that lend the same capability: what still works without this one."""
    same = Lease.objects.active_at(now).filter(capability=lease.capability).exclude(pk=lease.pk)
    return lease_rows(same.order_by("ttl_until")[:10], now=now)


def with_prefix(prefix: str, *, now: datetime) -> list[LeaseRow]:
    """The live leases whose capability starts with ``prefix``, which must not be empty."""
    taken = Lease.objects.active_at(now).with_prefix(prefix).select_related("granted_by")
    return lease_rows(taken.order_by("capability", "id"), now=now)
