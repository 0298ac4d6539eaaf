"""The simulator: would somebody be allowed to do something, and why (contract §6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from arw_site.desk.simulated import Simulated, simulate
from leases.admin.viewer import viewer_of
from leases.capabilities import OWNER_KINDS, PERSONA_MANAGE, SHARE_PERSONA, telemetry_action
from leases.models import User
from leases.roles import Right
from leases.standing import ask_url, grant_url
from personas.models import Persona


@dataclass(slots=True)
class SimulatorForm:
    """The question as it was asked, and what is wrong with it."""

    subject: str = ""
    action: str = ""
    persona: str = ""
    subject_error: str = ""
    persona_error: str = ""

    @property
    def status(self) -> int:
        return 400 if self.subject_error or self.persona_error else 200


@require_safe
def simulator_view(request: HttpRequest) -> HttpResponse:
    """``?subject=&action=&persona=`` asks; nothing is written, spent or logged.

    Members ask about themselves; another subject is a right of admins.
    """
    viewer, now = viewer_of(request), timezone.now()
    form = _asked(request.GET, viewer)
    answer = _answer(form, viewer, now) if request.GET.get("action") else None
    manages = viewer.has_right(Right.MANAGE_LEASES)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Would it be allowed?"),
        "form": form,
        "answer": answer,
        "lend_url": _lend_url(answer, viewer, back=request.get_full_path()),
        "may_manage": manages,
        "actions": _actions(form.action),
        "personas": Persona.objects.order_by("name", "id").only("id", "name"),
        "people": User.objects.filter(is_active=True).order_by("username") if manages else [],
    }
    return TemplateResponse(request, "desk/simulator.html", context, status=form.status)


def _asked(query: Mapping[str, str], viewer: User) -> SimulatorForm:
    subject = query.get("subject", "").strip() if viewer.has_right(Right.MANAGE_LEASES) else ""
    action = query.get("action", "").strip() or PERSONA_MANAGE.name
    return SimulatorForm(subject or viewer.username, action[:200], query.get("persona", ""))


def _answer(form: SimulatorForm, viewer: User, now: datetime) -> Simulated | None:
    subject = viewer if form.subject == viewer.username else User.objects.named(form.subject)
    persona = Persona.objects.filter(pk=form.persona).first()
    if subject is None:
        form.subject_error = _("Nobody has that name or id.")
    if persona is None:
        form.persona_error = _("Choose a persona.")
    if subject is None or persona is None:
        return None
    return simulate(subject=subject, action_name=form.action, persona=persona, now=now)


def _lend_url(answer: Simulated | None, viewer: User, *, back: str) -> str:
    """Where what is missing is granted, or asked for by whoever may not grant it."""
    if answer is None or not answer.required_capability:
        return ""
    scope = f"persona:{answer.persona.pk}"
    if viewer.has_right(Right.MANAGE_LEASES):
        subject = answer.subject.username
        return grant_url(answer.required_capability, scope, back, subject=subject)
    return ask_url(answer.required_capability, scope, back)


def _actions(asked: str) -> list[str]:
    scopes = {*OWNER_KINDS, *(one.consent.scope for one in Persona.objects.all())}
    telemetry = sorted(telemetry_action(scope).name for scope in scopes)
    known = [PERSONA_MANAGE.name, *telemetry, SHARE_PERSONA.name]
    return known if asked in known or not asked else [*known, asked]
