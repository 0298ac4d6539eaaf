"""Taking leases back: one, or all whose capability starts alike; each confirmed with a reason."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leases.admin.capability_words import what_it_allows
from leases.admin.lease_forms import RevokeForm
from leases.admin.lease_rows import LeaseRow, lease_rows, others_of, with_prefix
from leases.admin.live_page import lease_tabs
from leases.admin.page_doors import lease_or_404, refused, refusing
from leases.admin.policy_in_view import policy_in_view
from leases.admin.viewer import viewer_of, way_back
from leases.errors import DomainError
from leases.services.granting import require_lease_manager
from leases.services.revoking import lease_revoke, leases_revoke_prefix


@refusing
def revoke_view(request: HttpRequest, lease_id: uuid.UUID) -> HttpResponse:
    """Says what stops working without the lease, and takes it back."""
    actor = viewer_of(request)
    require_lease_manager(actor)
    lease = lease_or_404(lease_id)
    if request.method != "POST":
        return _page(request, lease_id, RevokeForm.blank(request.GET))
    form = RevokeForm(request.POST)
    if not form.is_valid():
        return _page(request, lease_id, form, status=400)
    reason = form.cleaned_data["reason"]
    try:
        lease_revoke(actor=actor, lease_id=lease_id, reason=reason, now=timezone.now())
    except DomainError as error:
        return _page(request, lease_id, form, status=refused(form, error))
    messages.success(request, _("Revoked: %(lease)s.") % {"lease": lease.capability})
    return HttpResponseRedirect(way_back(request, reverse("admin:leases_lease_grant")))


@refusing
def revoke_prefix_view(request: HttpRequest) -> HttpResponse:
    """GET lists the leases that ``?prefix=`` would take; POST takes exactly those.

    When others have been granted or ended since, nothing is taken: 409, with the new list.
    """
    actor = viewer_of(request)
    require_lease_manager(actor)
    if request.method != "POST":
        return _prefix_page(request, RevokeForm.blank(request.GET))
    form, now = RevokeForm(request.POST), timezone.now()
    if not form.is_valid():
        return _prefix_page(request, form, status=400)
    prefix = request.POST.get("prefix", "")
    if (
        fingerprint(with_prefix(prefix, now=now) if prefix.strip() else ())
        != form.cleaned_data["seen"]
    ):
        form.add_error(None, _("The leases have changed since you looked. This is the new list."))
        return _prefix_page(request, form, status=409)
    try:
        taken = leases_revoke_prefix(
            actor=actor, prefix=prefix, reason=form.cleaned_data["reason"], now=now
        )
    except DomainError as error:
        return _prefix_page(request, form, status=refused(form, error))
    said = ngettext("%(n)d lease was revoked.", "%(n)d leases were revoked.", len(taken))
    messages.success(request, said % {"n": len(taken)})
    return HttpResponseRedirect(reverse("admin:leases_lease_grant"))


def fingerprint(rows: Iterable[LeaseRow]) -> str:
    """Names a set of leases, so that a confirmation takes what it showed and no other."""
    ids = sorted(str(row.lease.id) for row in rows)
    return hashlib.sha256(",".join(ids).encode()).hexdigest()[:16]


def _page(
    request: HttpRequest, lease_id: uuid.UUID, form: RevokeForm, *, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    lease = lease_or_404(lease_id)
    context = {
        **lease_tabs(request, ""),
        "title": _("Revoke a lease"),
        "form": form,
        "row": lease_rows([lease], now=now)[0],
        "stops": what_it_allows(lease.capability, policy_in_view().lease_rules),
        "others": others_of(lease, now=now),
    }
    return TemplateResponse(request, "desk/lease_revoke.html", context, status=status)


def _prefix_page(request: HttpRequest, form: RevokeForm, *, status: int = 200) -> HttpResponse:
    data: Any = request.POST if request.method == "POST" else request.GET
    prefix = data.get("prefix", "")
    rows = with_prefix(prefix, now=timezone.now()) if prefix.strip() else []
    rules = policy_in_view().lease_rules
    stops = {row.lease.capability: what_it_allows(row.lease.capability, rules) for row in rows}
    context = {
        **lease_tabs(request, ""),
        "title": _("Revoke by prefix"),
        "form": form,
        "prefix": prefix,
        "rows": rows,
        "seen": fingerprint(rows),
        "stops": stops,
    }
    return TemplateResponse(request, "desk/leases_revoke.html", context, status=status)
