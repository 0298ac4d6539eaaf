"""Leases in force: what lives, how long still, and the form that lends more."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leases.admin.lease_forms import GrantForm
from leases.admin.lease_rows import live_context, past_context
from leases.admin.page_doors import refused, refusing
from leases.admin.viewer import viewer_of, way_back
from leases.errors import DomainError
from leases.models import LeaseRequest
from leases.notices import Agreement, agreement_of
from leases.roles import Right
from leases.services.granting import lease_grant, require_lease_manager


@refusing
def leases_view(request: HttpRequest) -> HttpResponse:
    """Live leases for everybody; the form that lends for who may manage them."""
    if request.method != "POST":
        agreement = agreement_of(request.GET.get("capability", ""))
        return _page(request, GrantForm.blank(request.GET), agreement)
    actor = viewer_of(request)
    require_lease_manager(actor)
    form = GrantForm(request.POST)
    agreement = agreement_of(request.POST.get("capability", ""), request.POST)
    if not agreement.complete() or not form.is_valid():
        return _page(request, form, agreement, status=400)
    try:
        lease = lease_grant(actor=actor, now=timezone.now(), **form.wanted())
    except DomainError as error:
        return _page(request, form, agreement, status=refused(form, error))
    messages.success(request, _("Granted: %(lease)s.") % {"lease": lease.capability})
    return HttpResponseRedirect(way_back(request, reverse("admin:leases_lease_grant")))


def past_view(request: HttpRequest) -> HttpResponse:
    """Leases that are over, and what ended each."""
    viewer, now = viewer_of(request), timezone.now()
    context = {
        **lease_tabs(request, "past"),
        "title": _("Past leases"),
        **past_context(request.GET, viewer=viewer, now=now),
    }
    return TemplateResponse(request, "desk/leases_past.html", context)


def lease_tabs(request: HttpRequest, current: str) -> dict[str, Any]:
    """What every page about leases shows: its tabs, and what the viewer may do."""
    viewer = viewer_of(request)
    manages = viewer.has_right(Right.MANAGE_LEASES)
    pending = LeaseRequest.objects.pending()
    return {
        **admin.site.each_context(request),
        "current_tab": current,
        "may_manage": manages,
        "waiting_requests": (pending if manages else pending.of(viewer)).count(),
    }


def _page(
    request: HttpRequest, form: GrantForm, agreement: Agreement, *, status: int = 200
) -> HttpResponse:
    viewer, now = viewer_of(request), timezone.now()
    own = LeaseRequest.objects.of(viewer).select_related("decided_by", "lease").newest_first()
    pending = LeaseRequest.objects.pending().select_related("requester").order_by("created")
    context = {
        **lease_tabs(request, "live"),
        "title": _("Leases"),
        "form": form,
        "agreement": agreement,
        "pending": pending[:5] if viewer.has_right(Right.MANAGE_LEASES) else [],
        "own_requests": own[:5],
        **live_context(request.GET, viewer=viewer, now=now),
    }
    return TemplateResponse(request, "desk/leases.html", context, status=status)
