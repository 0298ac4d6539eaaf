"""The decision log on the desk: searched, paged by key, and each decision opened (contract §6)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leases.admin.decision_rows import (
    ELSEWHERE,
    asked_filters,
    decision_row,
    decision_rows,
    exact_filters,
    recorded_leases,
    wrong_filters,
)
from leases.admin.lease_rows import lease_rows
from leases.admin.page_doors import refusing
from leases.admin.viewer import viewer_of
from leases.api.pagination import read_page
from leases.decision_selectors import (
    DECISION_KEYS,
    decision_chunks,
    decision_chunks_async,
    decisions_found,
)
from leases.errors import InvalidInput
from leases.models import DecisionEntry, Lease
from leases.services.granting import require_lease_manager
from leases.verdict_words import REASONS, reason_label


@require_safe
@refusing
def decision_log_view(request: HttpRequest) -> HttpResponse:
    """The newest decisions that the filters of the address leave, for admins."""
    require_lease_manager(viewer_of(request))
    asked = asked_filters(request.GET)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Decision log"),
        "asked": asked,
        "first": not request.GET.get("cursor"),
        "query": urlencode(asked),
        "reasons": [(reason, reason_label(reason)) for reason in REASONS],
    }
    try:
        page = read_page(decisions_found(exact_filters(asked)), request.GET, DECISION_KEYS)
    except InvalidInput as error:
        wrong = wrong_filters(error)
        elsewhere = [text for name, text in wrong.items() if name in ELSEWHERE]
        context |= {"wrong": wrong, "wrong_elsewhere": elsewhere, "rows": []}
        return TemplateResponse(request, "desk/decisions.html", context, status=400)
    context |= {"rows": decision_rows(page.rows), "next": page.next}
    return TemplateResponse(request, "desk/decisions.html", context)


@require_safe
@refusing
def decision_view(request: HttpRequest, decision_id: int) -> HttpResponse:
    """One decision, with everything that it was taken from, for admins."""
    require_lease_manager(viewer_of(request))
    entry = DecisionEntry.objects.select_related("actor").filter(pk=decision_id).first()
    if entry is None:
        raise Http404
    via = Lease.objects.filter(pk=entry.lease_id) if entry.lease_id else Lease.objects.none()
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Decision"),
        "row": decision_row(entry),
        "entry": entry,
        "leases": recorded_leases(entry),
        "via": lease_rows(via.select_related("granted_by", "revoked_by"), now=timezone.now()),
        "simulate": _simulate_again(entry),
    }
    return TemplateResponse(request, "desk/decision.html", context)


@require_safe
@refusing
def decision_export_view(request: HttpRequest) -> HttpResponseBase:
    """The decisions that the filters leave, as JSON Lines, for admins."""
    require_lease_manager(viewer_of(request))
    asked = asked_filters(request.GET)
    try:
        rows = decisions_found(exact_filters(asked))
    except InvalidInput:
        # The page of the log says what is wrong with them.
        return HttpResponseRedirect(f"{reverse('admin:leases_decision_log')}?{urlencode(asked)}")
    looping = isinstance(request, ASGIRequest)
    chunks: Any = decision_chunks_async(rows) if looping else decision_chunks(rows)
    answer = StreamingHttpResponse(chunks, content_type="application/jsonl; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="decisions.jsonl"'
    return answer


def _simulate_again(entry: DecisionEntry) -> str:
    """The simulator with the same question; empty where it cannot be asked."""
    if not entry.persona_id or entry.actor is None:
        return ""
    question = {
        "subject": entry.actor.username,
        "action": entry.action,
        "persona": entry.persona_id,
    }
    return f"{reverse('admin:leases_policy_simulate')}?{urlencode(question)}"
