"""The page of the server's own log: state, proof and summary, for admins (contract §9)."""

from __future__ import annotations

import json

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from arw_site.error_pages import error_response
from leases.models import User
from leases.roles import Right
from telemetry.audit import page
from telemetry.eventlog.errors import EventLogError, RangeInvalid
from telemetry.eventlog.export import summarise
from telemetry.eventlog.paths import home_from_environment


@require_safe
def event_log_view(request: HttpRequest) -> HttpResponse:
    """How large the log is and whether its chain holds; ``?verify=1`` proves one of any size."""
    _require_admin(request)
    context = {
        **admin.site.each_context(request),
        "title": _("Event log"),
        **page.page_context(prove="verify" in request.GET),
    }
    return TemplateResponse(request, "desk/event_log.html", context)


@require_safe
def event_log_export_view(request: HttpRequest) -> HttpResponse:
    """The summary of ``?range=Nd|Nh`` as a file: aggregates, no event; 400 for another range."""
    _require_admin(request)
    range_text, now = request.GET.get("range", page.DEFAULT_RANGE), timezone.now()
    try:
        summary, _unreadable = summarise(home_from_environment(), range_text=range_text, now=now)
    except RangeInvalid:
        detail = _("A range is a number of days or hours, such as 7d or 24h.")
        return error_response(request, 400, _("No such range"), detail, code="range_invalid")
    except (EventLogError, OSError):
        detail = _("The log cannot be read. “runner telemetry status” says why.")
        return error_response(request, 503, _("Log unreadable"), detail, code="log_unreadable")
    answer = HttpResponse(json.dumps(summary, indent=2) + "\n", content_type="application/json")
    name = page.export_name(range_text, now)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _require_admin(request: HttpRequest) -> None:
    viewer = request.user
    if not (isinstance(viewer, User) and viewer.has_right(Right.MANAGE)):
        raise PermissionDenied
