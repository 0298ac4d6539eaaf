"""Puts the consent pages together: switches with their leases, the grant with its notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from leases.capabilities import PERSONA_MANAGE, Action, telemetry_action
from leases.errors import DomainError
from leases.models import User
from leases.page_errors import sentence
from leases.roles import Right
from leases.standing import LeaseStanding, lease_standing
from personas.documents.consent import Consent
from personas.models import Persona
from telemetry.aggregates.reading import Summed, readable_sums
from telemetry.notices import current_notice
from telemetry.receipts_page import newest_receipts
from telemetry.services.consent import Shown

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class SwitchRow:
    """One persona's switch, and how the viewer stands with the leases.

    ``lease`` is the one for its scope; ``managing`` the one to move the switch, for who may.
    ``sums`` is what feedback amounts to, None for who may not read it.
    """

    persona: Persona
    consent: Consent
    lease: LeaseStanding
    managing: LeaseStanding | None
    sums: Summed | None


@dataclass(slots=True)
class SwitchForm:
    """The grant form as it was sent. ``agreed`` is the tick below the notice.

    ``shown`` is what stood on the page when it was ticked.
    """

    scope: str = ""
    agreed: bool = False
    attested: bool = False
    scope_error: str = ""
    agreed_error: str = ""
    error: str = ""
    status: int = 200
    shown: Shown = field(default_factory=lambda: Shown("", ""))

    def complete(self) -> bool:
        """Whether the deliberate yes is there; says so beside it when it is not."""
        if not self.agreed:
            self.agreed_error = _("Confirm that the notice was read.")
            self.status = 400
        return self.agreed

    def follow(self, scope: str) -> None:
        """Go on from the record as it is now: it is agreed to anew, and no typed scope is lost."""
        self.agreed = False
        if self.scope == self.shown.scope:
            self.scope = scope

    def refuse(self, error: DomainError, *, status: int) -> None:
        """Put what ``error`` says beside the field that it is about."""
        self.status = status
        for fault in error.errors:
            if fault.pointer == "/scope":
                self.scope_error = fault.message
        if not self.scope_error:
            self.error = sentence(error)


def read_switch(data: QueryDict) -> SwitchForm:
    """The form as it was sent."""
    shown = Shown(data.get("notice", ""), data.get("shown_scope", ""))
    scope = data.get("scope", "").strip()
    return SwitchForm(scope, "agreed" in data, "attested" in data, shown=shown)


@dataclass(frozen=True, slots=True)
class SwitchFilter:
    """Which switches are shown: ``state`` is on, off or empty; ``text`` is part of a name."""

    state: str = ""
    text: str = ""

    @property
    def query(self) -> str:
        """The filter as the address keeps it."""
        chosen = {"state": self.state, "q": self.text}
        return urlencode({name: value for name, value in chosen.items() if value})


def read_filters(query: Mapping[str, str]) -> SwitchFilter:
    """The filter of an address."""
    state = query.get("state", "")
    return SwitchFilter(state if state in {"on", "off"} else "", query.get("q", "").strip())


def filtered(chosen: SwitchFilter) -> QuerySet[Persona]:
    """The personas that the filter asks for, by name."""
    ordered = Persona.objects.order_by("name", "id")
    if chosen.text:
        among = Q(name__icontains=chosen.text) | Q(pk__icontains=chosen.text)
        ordered = ordered.filter(among)
    on = Q(preferences__telemetry__vibe__enabled=True)
    if chosen.state:
        # By the ids: a record without that place is neither true nor false to the database.
        turned_on = Persona.objects.filter(on).values("pk")
        within = Q(pk__in=turned_on)
        ordered = ordered.filter(within if chosen.state == "on" else ~within)
    return ordered


def consent_context(query: Mapping[str, str], *, viewer: User, now: datetime) -> dict[str, Any]:
    """The page of switches that ``query`` (``state, q, page``) asks for, and the newest receipts."""
    chosen = read_filters(query)
    page = Paginator(filtered(chosen), PAGE_SIZE).get_page(query.get("page"))
    shown = list(page.object_list)
    sums = readable_sums(shown, viewer=viewer, now=now)
    return {
        "rows": [_row(persona, viewer, now, sums.get(persona.pk)) for persona in shown],
        "page": page,
        "query": chosen.query,
        "chosen": chosen,
        "personas_count": Persona.objects.count(),
        "may_switch": viewer.has_right(Right.MANAGE),
        "receipts": newest_receipts(),
        "notice": current_notice(),
    }


def grant_context(
    persona: Persona, form: SwitchForm, *, viewer: User, now: datetime, here: str
) -> dict[str, Any]:
    """The page that shows the notice and asks for a yes."""
    return {
        "persona": persona,
        "consent": persona.consent,
        "form": form,
        "notice": current_notice(),
        "needs_attestation": settings.ARW_PERSONA_ACCESSIBILITY == "attest",
        "may_switch": viewer.has_right(Right.MANAGE),
        "lease": lease_standing(
            viewer=viewer, action=PERSONA_MANAGE, resource=persona.resource, now=now, back=here
        ),
    }


def _row(persona: Persona, viewer: User, now: datetime, sums: Summed | None) -> SwitchRow:
    consent = persona.consent
    back = reverse("admin:telemetry_consent")

    def standing(action: Action) -> LeaseStanding:
        return lease_standing(
            viewer=viewer, action=action, resource=persona.resource, now=now, back=back
        )

    may_switch = viewer.has_right(Right.MANAGE)
    return SwitchRow(
        persona,
        consent,
        standing(telemetry_action(consent.scope)),
        standing(PERSONA_MANAGE) if may_switch else None,
        sums,
    )
