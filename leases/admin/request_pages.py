"""Asking for leases, and answering those who ask (contract §13)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leases.admin.capability_words import what_it_allows
from leases.admin.lease_forms import AnswerForm, AskForm, DenyForm
from leases.admin.lease_rows import lease_rows
from leases.admin.live_page import lease_tabs
from leases.admin.page_doors import refused, refusing, sent_only
from leases.admin.policy_in_view import policy_in_view
from leases.admin.viewer import viewer_of, way_back
from leases.errors import DomainError
from leases.models import Lease, LeaseRequest
from leases.notices import Agreement, agreement_of
from leases.page_errors import sentence
from leases.roles import Right
from leases.services.granting import require_lease_manager
from leases.services.requests import (
    lease_request,
    lease_request_cancel,
    lease_request_deny,
    lease_request_grant,
)

PAGE_SIZE = 20


def requests_view(request: HttpRequest) -> HttpResponse:
    """Who asks for what: all requests for admins, one's own for everybody else."""
    viewer = viewer_of(request)
    manages = viewer.has_right(Right.MANAGE_LEASES)
    found = LeaseRequest.objects.select_related("requester", "decided_by", "lease")
    if not manages or request.GET.get("whose") == "me":
        found = found.of(viewer)
    decided = found.exclude(status=LeaseRequest.Status.PENDING).newest_first()
    context = {
        **lease_tabs(request, "requests"),
        "title": _("Requests for leases"),
        "pending": found.pending().order_by("created", "id"),
        "page": Paginator(decided, PAGE_SIZE).get_page(request.GET.get("page")),
        "whose": request.GET.get("whose", ""),
        "query": "whose=me" if request.GET.get("whose") == "me" else "",
    }
    return TemplateResponse(request, "desk/lease_requests.html", context)


@refusing
def ask_view(request: HttpRequest) -> HttpResponse:
    """The form of a request; afterwards back to the page that wanted the lease."""
    if request.method != "POST":
        agreement = agreement_of(request.GET.get("capability", ""))
        return _ask_page(request, AskForm.blank(request.GET), agreement)
    form = AskForm(request.POST)
    agreement = agreement_of(request.POST.get("capability", ""), request.POST)
    if not agreement.complete() or not form.is_valid():
        return _ask_page(request, form, agreement, status=400)
    try:
        lease_request(actor=viewer_of(request), now=timezone.now(), **form.wanted())
    except DomainError as error:
        return _ask_page(request, form, agreement, status=refused(form, error))
    messages.success(request, _("Asked. You will see the answer under Leases, Requests."))
    return HttpResponseRedirect(way_back(request, reverse("admin:leases_leaserequest_list")))


@refusing
def answer_view(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """What was asked, and the two answers to it. POST grants."""
    actor = viewer_of(request)
    require_lease_manager(actor)
    asked = _asked_or_404(request_id)
    if request.method != "POST":
        return _answer_page(request, asked, grant=AnswerForm.of(asked), deny=DenyForm())
    form = AnswerForm(request.POST, prefix="grant")
    form.agreement = agreement_of(asked.capability, request.POST)
    if not form.agreement.complete() or not form.is_valid():
        return _answer_page(request, asked, grant=form, deny=DenyForm(), status=400)
    data = form.cleaned_data
    try:
        lease_request_grant(
            actor=actor,
            request_id=request_id,
            ttl_secs=data["ttl_minutes"] * 60,
            budget=data["budget"],
            reason=data["reason"],
            now=timezone.now(),
        )
    except DomainError as error:
        status = refused(form, error)
        return _answer_page(request, asked, grant=form, deny=DenyForm(), status=status)
    words = _("Granted: %(capability)s for %(who)s. The time runs from now.")
    messages.success(request, words % {"capability": asked.capability, "who": asked.requester})
    return HttpResponseRedirect(reverse("admin:leases_leaserequest_list"))


@refusing
def deny_view(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """Denies the request, with the reason that whoever asked reads."""
    actor = viewer_of(request)
    require_lease_manager(actor)
    asked = _asked_or_404(request_id)
    if request.method != "POST":
        url = reverse("admin:leases_leaserequest_answer", args=[request_id])
        return HttpResponseRedirect(f"{url}#deny")
    form = DenyForm(request.POST)
    if not form.is_valid():
        return _answer_page(request, asked, grant=AnswerForm.of(asked), deny=form, status=400)
    try:
        lease_request_deny(
            actor=actor,
            request_id=request_id,
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
    except DomainError as error:
        status = refused(form, error)
        return _answer_page(request, asked, grant=AnswerForm.of(asked), deny=form, status=status)
    messages.success(request, _("Denied. %(who)s is told why.") % {"who": asked.requester})
    return HttpResponseRedirect(reverse("admin:leases_leaserequest_list"))


@sent_only(lambda **_: reverse("admin:leases_leaserequest_list"))
@refusing
def cancel_view(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """Takes one's own request back."""
    try:
        lease_request_cancel(actor=viewer_of(request), request_id=request_id, now=timezone.now())
    except DomainError as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, _("Your request is taken back."))
    return HttpResponseRedirect(way_back(request, reverse("admin:leases_leaserequest_list")))


def _asked_or_404(request_id: uuid.UUID) -> LeaseRequest:
    rows = LeaseRequest.objects.select_related("requester", "decided_by", "lease")
    asked = rows.filter(pk=request_id).first()
    if asked is None:
        raise Http404
    return asked


def _ask_page(
    request: HttpRequest, form: AskForm, agreement: Agreement, *, status: int = 200
) -> HttpResponse:
    context = {
        **lease_tabs(request, "requests"),
        "title": _("Ask for a lease"),
        "form": form,
        "agreement": agreement,
    }
    return TemplateResponse(request, "desk/lease_ask.html", context, status=status)


def _answer_page(
    request: HttpRequest,
    asked: LeaseRequest,
    *,
    grant: AnswerForm,
    deny: DenyForm,
    status: int = 200,
) -> HttpResponse:
    asked.refresh_from_db()
    context = {
        **lease_tabs(request, "requests"),
        "title": _("Request for a lease"),
        "asked": asked,
        "grant_form": grant,
        "deny_form": deny,
        "agreement": grant.agreement or agreement_of(asked.capability),
        **_held(asked, now=timezone.now()),
    }
    return TemplateResponse(request, "desk/lease_request.html", context, status=status)


def _held(asked: LeaseRequest, *, now: datetime) -> dict[str, Any]:
    live = Lease.objects.active_at(now).for_subject(asked.requester_id)
    held = live.filter(capability=asked.capability).order_by("ttl_until")
    return {
        "allows": what_it_allows(asked.capability, policy_in_view().lease_rules),
        "held": lease_rows(held, now=now),
    }
