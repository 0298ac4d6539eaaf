"""The policy in force: read by everybody, reloaded by admins (contract §6)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leases.admin.page_doors import refusing, sent_only
from leases.admin.policy_in_view import policy_in_view
from leases.admin.policy_refusal import Refusal, refusals_of
from leases.admin.viewer import viewer_of
from leases.errors import DomainError, Forbidden
from leases.page_errors import page_status
from leases.roles import Right
from leases.services.granting import require_lease_manager
from leases.services.policy_loading import policy_reload


@require_safe
def policy_view(request: HttpRequest) -> HttpResponse:
    """What decides now; entities and schema for who manages leases."""
    return _page(request)


@sent_only(lambda: reverse("admin:leases_policy_page"))
@refusing
def reload_view(request: HttpRequest) -> HttpResponse:
    """Reads the policy file again; what is invalid is shown where it is wrong, and not taken."""
    actor = viewer_of(request)
    require_lease_manager(actor)
    before = policy_in_view().revision
    try:
        policy_reload(actor=actor, now=timezone.now())
    except Forbidden:
        raise
    except DomainError as error:
        refusals = refusals_of(error, policy_file=_policy_file())
        return _page(request, refusals, status=int(page_status(error)))
    after = policy_in_view().revision
    if before == after:
        messages.info(request, _("Read again: it is the policy that was in force already."))
    else:
        messages.success(request, _("The policy is reloaded, and decides from now on."))
    return HttpResponseRedirect(reverse("admin:leases_policy_page"))


def _page(
    request: HttpRequest, refusal: list[Refusal] | None = None, *, status: int = 200
) -> HttpResponse:
    manages = viewer_of(request).has_right(Right.MANAGE_LEASES)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Policy"),
        "policy": policy_in_view(),
        "may_manage": manages,
        "policy_file": _policy_file() if manages else "",
        "refusal": refusal or [],
    }
    return TemplateResponse(request, "desk/policy.html", context, status=status)


def _policy_file() -> str:
    return str(settings.ARW_POLICY_FILE or "")
