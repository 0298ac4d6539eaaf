"""The page of one persona: its card, consent, feedback over time, proposals, history."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from arw_site.desk.aggregate_words import panel_of
from arw_site.desk.feedback_form import FeedbackForm
from arw_site.desk.journal_rows import persona_journal
from arw_site.desk.persona_card import card_of
from arw_site.desk.tone_words import tone_rows
from arw_site.desk.updates import is_refresh
from arw_site.desk.vibe_charts import charts_context
from leases.capabilities import telemetry_action
from leases.models import User
from leases.roles import Right
from leases.standing import lease_standing
from personas.admin.past_pages import CARD_FIELDS, version_choices
from personas.admin.queue_page import cut_context, queue_rows
from personas.errors import PersonaNotFound
from personas.models import Persona
from personas.selectors import persona_get
from personas.services.quotas import quotas_near
from personas.verification import persona_verify
from telemetry.charts.reading import persona_charts
from telemetry.memory.drift_watch import worldview_outside
from telemetry.memory.gathering import worldview_standings
from telemetry.selectors import retain_max

NEWEST = 20
LONG = 1200
GIVEN = "feedback_given"
# The card at the top shows what is in them already.
FOLDED = frozenset({"worldview", "vibe_profile", "calibration"})


@dataclass(frozen=True, slots=True)
class Section:
    """One field of the record; folded where it is long or shown above in another way."""

    name: str
    value: Any
    folded: bool


def persona_view(request: HttpRequest, persona_id: str) -> HttpResponse:
    """The card of one persona, to read."""
    try:
        persona = persona_get(persona_id)
    except PersonaNotFound as error:
        raise Http404 from error
    # What is said once waits for a page: a part of an open one does not take it.
    given = "" if is_refresh(request) else request.session.pop(GIVEN, "")
    form = FeedbackForm(given=given)
    return persona_response(request, persona, form=form)


def persona_response(request: HttpRequest, persona: Persona, *, form: FeedbackForm) -> HttpResponse:
    """The page, with the feedback form as it was sent."""
    viewer = request.user
    assert isinstance(viewer, User)  # noqa: S101  the desk lets nobody else in
    now, here = timezone.now(), persona.get_absolute_url()
    context = {
        **admin.site.each_context(request),
        "title": str(persona),
        **persona_context(persona, viewer=viewer, now=now),
        **vibe_context(persona, viewer=viewer, now=now, here=here, form=form),
        **persona_journal(persona, viewer=viewer, now=now),
        **(verification_context(persona) if "verify" in request.GET else {}),
        # A form that was refused is answered at an address of its own, at which there is nothing.
        "refresh_address": request.get_full_path() if request.method == "GET" else here,
    }
    return TemplateResponse(request, "desk/persona.html", context, status=form.status)


def persona_context(persona: Persona, *, viewer: User, now: datetime) -> dict[str, Any]:
    """The record, its history and what is proposed about it."""
    pending = persona.proposals.pending_at(now).select_related("persona", "submitted_by")
    entries = persona.history.select_related("applied_by", "proposal").newest_first()
    rows = queue_rows(pending.oldest_first()[:NEWEST], now=now)
    card = card_of(persona.document, worldview_standings(persona, now))
    return {
        "persona": persona,
        "card": card,
        "tones": tone_rows(card.tones),
        "sureness": tone_rows(card.sureness),
        "sections": [_section(name, getattr(persona, name)) for name in CARD_FIELDS],
        "pending": rows,
        **cut_context(rows),
        "history": entries[:NEWEST],
        "history_more": max(persona.version - NEWEST, 0),
        "versions": version_choices(persona, {persona.version}),
        "previous_version": persona.version - 1,
        "may_propose": viewer.has_right(Right.PROPOSE),
        "worldview_drifted": worldview_outside(persona),
        "quotas": quotas_near(persona_id=persona.id, now=now),
    }


def vibe_context(
    persona: Persona, *, viewer: User, now: datetime, here: str, form: FeedbackForm
) -> dict[str, Any]:
    """Consent, and what it opens to this viewer: giving feedback, and reading it in charts."""
    consent = persona.consent
    action = telemetry_action(consent.scope)
    charts = persona_charts(persona=persona, viewer=viewer, now=now)
    return {
        "persona": persona,
        "consent": consent,
        "lease": lease_standing(
            viewer=viewer, action=action, resource=persona.resource, now=now, back=here
        ),
        "may_switch": viewer.has_right(Right.MANAGE),
        "may_give": viewer.has_right(Right.FEEDBACK),
        "feedback": form,
        "vibe": charts,
        "charts": charts_context(charts),
        "panel": None if charts is None else panel_of(charts.sums),
        "retain_max": retain_max(),
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


def _section(name: str, value: Any) -> Section:
    long = len(json.dumps(value, ensure_ascii=False)) > LONG
    return Section(name, value, folded=not value or name in FOLDED or long)
