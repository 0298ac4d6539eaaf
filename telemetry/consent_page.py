"""Puts the consent pages together: switches with their leases, the grant with its notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from leases.capabilities import PERSONA_MANAGE, telemetry_action
from leases.errors import DomainError
from leases.models import User
from leases.page_errors import sentence
from leases.roles import Right
from leases.standing import LeaseStanding, lease_standing
from personas.documents.consent import Consent
from personas.models import Persona
from telemetry.models import ConsentReceipt
from telemetry.notices import current_notice

PAGE_SIZE = 25
RECEIPTS = 20


@dataclass(frozen=True, slots=True)
class SwitchRow:
    """One persona's switch, and how the viewer stands with the lease for its scope."""

    persona: Persona
    consent: Consent
    lease: LeaseStanding


@dataclass(slots=True)
class SwitchForm:
    """The grant form as it was sent. ``agreed`` is the tick below the notice."""

    scope: str = ""
    agreed: bool = False
    attested: bool = False
    scope_error: str = ""
    agreed_error: str = ""
    error: str = ""
    status: int = 200

    def complete(self) -> bool:
        """Whether the deliberate yes is there; says so beside it when it is not."""
        if not self.agreed:
            self.agreed_error = _("Confirm that the notice was read.")
            self.status = 400
        return self.agreed

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
    return SwitchForm(data.get("scope", "").strip(), "agreed" in data, "attested" in data)


def consent_context(query: Mapping[str, str], *, viewer: User, now: datetime) -> dict[str, Any]:
    """The page of switches that ``query`` (``page``) asks for, and the newest receipts."""
    ordered = Persona.objects.order_by("name", "id")
    page = Paginator(ordered, PAGE_SIZE).get_page(query.get("page"))
    receipts = ConsentReceipt.objects.select_related("persona", "principal", "history")
    return {
        "rows": [_row(persona, viewer, now) for persona in page.object_list],
        "page": page,
        "may_switch": viewer.has_right(Right.MANAGE),
        "receipts": receipts.order_by("-pk")[:RECEIPTS],
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


def _row(persona: Persona, viewer: User, now: datetime) -> SwitchRow:
    consent = persona.consent
    action = telemetry_action(consent.scope)
    back = reverse("admin:telemetry_consent")
    standing = lease_standing(
        viewer=viewer, action=action, resource=persona.resource, now=now, back=back
    )
    return SwitchRow(persona, consent, standing)
