"""The receipts on the desk: who gave or withdrew consent, when, and after which notice (§7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery

from leases.decisions import LOCAL_SUBJECT
from leases.models import User
from leases.selectors import principal_names
from personas.models import Persona
from telemetry.memory.sharing_notice import current_sharing_notice
from telemetry.models import ConsentReceipt, SharingReceipt
from telemetry.notices import current_notice

PAGE_SIZE = 25
NEWEST = 6


@dataclass(frozen=True, slots=True)
class ReceiptFilter:
    """What is asked for; empty means all."""

    persona: str = ""
    move: str = ""
    method: str = ""
    principal: str = ""

    @property
    def query(self) -> str:
        """The filter as the address keeps it."""
        chosen = {name: getattr(self, name) for name in self.__slots__}
        return urlencode({name: value for name, value in chosen.items() if value})


def receipts() -> QuerySet[ConsentReceipt]:
    """All of them, the newest first, each grant with the moment of its withdrawal."""
    later = ConsentReceipt.objects.filter(
        persona=OuterRef("persona"),
        scope=OuterRef("scope"),
        move=ConsentReceipt.Move.WITHDRAWAL,
        pk__gt=OuterRef("pk"),
    ).order_by("pk")
    joined = ConsentReceipt.objects.select_related("persona", "principal", "history")
    withdrawn = Subquery(later.values("recorded_at")[:1])
    found: QuerySet[ConsentReceipt] = joined.annotate(withdrawn_at=withdrawn).order_by("-pk")
    return found


def newest_receipts() -> QuerySet[ConsentReceipt]:
    """Those that the page of switches shows."""
    return receipts()[:NEWEST]


@dataclass(frozen=True, slots=True)
class SharingRow:
    """One receipt of sharing; ``whose`` is empty for the memory of anyone signed in."""

    receipt: SharingReceipt
    whose: str


def newest_sharing() -> list[SharingRow]:
    """The newest receipts of sharing; the table in the admin holds all."""
    rows = list(SharingReceipt.objects.select_related("principal")[:NEWEST])
    names = principal_names(row.subject for row in rows)
    return [
        SharingRow(row, "" if row.subject == LOCAL_SUBJECT else names.get(row.subject, row.subject))
        for row in rows
    ]


def receipts_context(query: Mapping[str, str]) -> dict[str, Any]:
    """What ``desk/receipts.html`` shows for the filter and ``page`` of the address."""
    chosen = ReceiptFilter(*(query.get(name, "") for name in ReceiptFilter.__slots__))
    wanted = {
        "persona_id": chosen.persona,
        "move": chosen.move,
        "method": chosen.method,
        "principal__username": chosen.principal,
    }
    found = receipts().filter(**{name: value for name, value in wanted.items() if value})
    page = Paginator(found, PAGE_SIZE).get_page(query.get("page"))
    known = ConsentReceipt.objects.order_by()
    return {
        "receipts": page.object_list,
        "page": page,
        "query": chosen.query,
        "chosen": chosen,
        "personas": Persona.objects.filter(
            # The chosen one too, of whom there may be none: the field says what was asked for.
            Q(pk__in=known.values("persona")) | Q(pk=chosen.persona)
        ).order_by("name", "id"),
        "people": User.objects.filter(pk__in=known.values("principal")).order_by("username"),
        "moves": ConsentReceipt.Move.choices,
        "methods": ConsentReceipt.Method.choices,
        "notice": current_notice(),
        "sharing": newest_sharing(),
        "sharing_notice": current_sharing_notice(),
    }
