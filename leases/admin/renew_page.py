"""Renewing one lease, up to its maximum life."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leases.admin.lease_forms import RenewForm
from leases.admin.lease_rows import lease_rows
from leases.admin.live_page import lease_tabs
from leases.admin.page_doors import lease_or_404, refused, refusing
from leases.admin.viewer import viewer_of, way_back
from leases.errors import DomainError
from leases.services.granting import require_lease_manager
from leases.services.renewing import lease_renew
from leases.services.terms import last_end


@refusing
def renew_view(request: HttpRequest, lease_id: uuid.UUID) -> HttpResponse:
    """The lease as it is, and for how long it is to go on."""
    actor = viewer_of(request)
    require_lease_manager(actor)
    lease_or_404(lease_id)
    if request.method != "POST":
        return _page(request, lease_id, RenewForm.blank(request.GET))
    form = RenewForm(request.POST)
    if not form.is_valid():
        return _page(request, lease_id, form, status=400)
    try:
        lease = lease_renew(
            actor=actor,
            lease_id=lease_id,
            ttl_secs=form.cleaned_data["ttl_minutes"] * 60,
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
    except DomainError as error:
        return _page(request, lease_id, form, status=refused(form, error))
    messages.success(request, _("Renewed: %(lease)s.") % {"lease": lease.capability})
    return HttpResponseRedirect(way_back(request, reverse("admin:leases_lease_grant")))


def _page(
    request: HttpRequest, lease_id: uuid.UUID, form: RenewForm, *, status: int = 200
) -> HttpResponse:
    row = lease_rows([lease_or_404(lease_id)], now=timezone.now())[0]
    context = {
        **lease_tabs(request, ""),
        "title": _("Renew a lease"),
        "form": form,
        "row": row,
        "longest": last_end(row.lease.created),
    }
    return TemplateResponse(request, "desk/lease_renew.html", context, status=status)
