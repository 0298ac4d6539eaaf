"""The page of one persona: its card, consent, history, pending proposals, feedback figures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from leases.capabilities import telemetry_action
from leases.models import User
from leases.roles import Right
from leases.standing import lease_standing
from personas.admin.past_pages import CARD_FIELDS
from personas.admin.queue_page import queue_rows
from personas.errors import PersonaNotFound
from personas.models import Persona
from personas.selectors import persona_get
from personas.verification import persona_verify
from telemetry.selectors import previews

NEWEST = 20


def persona_view(request: HttpRequest, persona_id: str) -> HttpResponse:
    """The card of one persona, to read."""
    viewer = request.user
    assert isinstance(viewer, User)  # noqa: S101  the desk lets nobody else in
    try:
        persona = persona_get(persona_id)
    except PersonaNotFound as error:
        raise Http404 from error
    context = {
        **admin.site.each_context(request),
        "title": str(persona),
        **persona_context(persona, viewer=viewer, now=timezone.now(), here=request.path),
        **(verification_context(persona) if "verify" in request.GET else {}),
    }
    return TemplateResponse(request, "desk/persona.html", context)


def persona_context(persona: Persona, *, viewer: User, now: datetime, here: str) -> dict[str, Any]:
    """What the template ``desk/persona.html`` shows."""
    consent = persona.consent
    pending = persona.proposals.pending_at(now).select_related("persona", "submitted_by")
    entries = persona.history.select_related("applied_by", "proposal").newest_first()
    return {
        "persona": persona,
        "consent": consent,
        "sections": [(name, getattr(persona, name)) for name in CARD_FIELDS],
        "pending": queue_rows(pending.oldest_first()[:NEWEST], now=now),
        "history": entries[:NEWEST],
        "history_more": max(persona.version - NEWEST, 0),
        "may_propose": viewer.has_right(Right.PROPOSE),
        "may_switch": viewer.has_right(Right.MANAGE),
        "lease": lease_standing(
            viewer=viewer,
            action=telemetry_action(consent.scope),
            resource=persona.resource,
            now=now,
            back=here,
        ),
        "metrics": previews(persona=persona, viewer=viewer, now=now).get("vibe_metrics_preview"),
    }


def verification_context(persona: Persona) -> dict[str, Any]:
    """Whether the whole history is sound, and in words what is wrong where it is not."""
    report = persona_verify(persona)
    reasons = {
        "edited": _("That row was edited."),
        "deleted": _("That row is missing."),
        "swapped": _("That row was swapped with another one."),
        "renumbered": _("Rows were given other numbers."),
        "truncated": _("The end of the history was cut off."),
        "document_edited": _("The record was edited without a row of history."),
    }
    return {"report": report, "report_reason": reasons.get(report.reason, "")}
