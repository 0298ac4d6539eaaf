"""The kill switch: stops telemetry on every node, and lifts the stop (contract §6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leases.admin.lease_rows import LeaseRow, lease_rows, with_prefix
from leases.admin.page_doors import refusing
from leases.admin.policy_in_view import PolicyInView, policy_in_view
from leases.admin.viewer import viewer_of
from leases.errors import DomainError, Forbidden
from leases.models import Lease
from leases.page_errors import page_status, sentence
from leases.services.granting import require_lease_manager
from leases.services.kill_switch import TELEMETRY_PREFIX, KillSwitch, kill_switch_set


@dataclass(slots=True)
class SwitchForm:
    """What was typed, and what is wrong with it."""

    engaged: bool = True
    reason: str = ""
    restore: bool = False
    reason_error: str = ""
    error: str = ""

    def refuse(self, error: DomainError) -> int:
        """Put ``error`` where it belongs; the status of the page that shows it."""
        if isinstance(error, Forbidden):
            raise error
        about_reason = [fault for fault in error.errors if fault.pointer == "/reason"]
        if about_reason:
            self.reason_error = about_reason[0].message
        else:
            self.error = sentence(error)
        return int(page_status(error))


@refusing
def kill_switch_view(request: HttpRequest) -> HttpResponse:
    """GET says what would stop, or begin again; POST does it. For admins."""
    actor = viewer_of(request)
    require_lease_manager(actor)
    if request.method != "POST":
        return _page(request, SwitchForm())
    data = request.POST
    form = SwitchForm(data.get("engaged") != "no", data.get("reason", ""), "restore" in data)
    try:
        moved = kill_switch_set(
            actor=actor,
            engaged=form.engaged,
            reason=form.reason.strip(),
            restore_leases=form.restore and not form.engaged,
            now=timezone.now(),
        )
    except DomainError as error:
        return _page(request, form, status=form.refuse(error))
    messages.success(request, _said(moved))
    return HttpResponseRedirect(reverse("admin:leases_policy_page"))


def _said(moved: KillSwitch) -> str:
    if moved.engaged:
        told = ngettext(
            "Stopped. %(n)d lease was revoked.",
            "Stopped. %(n)d leases were revoked.",
            moved.revoked,
        )
        return told % {"n": moved.revoked}
    told = ngettext(
        "Telemetry runs again. %(n)d lease was given back.",
        "Telemetry runs again. %(n)d leases were given back.",
        moved.restored,
    )
    return told % {"n": moved.restored}


def leases_of_the_switch(policy: PolicyInView, *, now: datetime) -> list[LeaseRow]:
    """What pulling the switch would take; while it is pulled, what lifting it can give back."""
    if not policy.halted:
        return with_prefix(TELEMETRY_PREFIX, now=now)
    taken = Lease.objects.filter(
        revocation=Lease.Revocation.KILL_SWITCH, revoked_at=policy.halted_at, ttl_until__gt=now
    )
    return lease_rows(taken.select_related("granted_by", "revoked_by"), now=now)


def _page(request: HttpRequest, form: SwitchForm, *, status: int = 200) -> HttpResponse:
    policy = policy_in_view()
    title = _("Let telemetry run again") if policy.halted else _("Stop all telemetry")
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": title,
        "form": form,
        "policy": policy,
        "taken": leases_of_the_switch(policy, now=timezone.now()),
    }
    return TemplateResponse(request, "desk/kill_switch.html", context, status=status)
