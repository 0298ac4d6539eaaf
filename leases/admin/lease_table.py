"""The table of leases: its columns, filters and search."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leases.decisions import LOCAL_SUBJECT
from leases.models import Lease
from leases.read_only_admin import ReadOnlyAdmin, badge
from leases.selectors import principal_names

STATES = {
    "live": (gettext_lazy("in force"), "lease-held", "✓"),
    "revoked": (gettext_lazy("revoked"), "lease-missing", "✕"),
    "expired": (gettext_lazy("ran out"), "", "○"),
    "used_up": (gettext_lazy("used up"), "mark-soon", "■"),
}


class StateFilter(admin.SimpleListFilter):
    """By what `Lease.state_at` says now."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state, label) for state, (label, _kind, _sign) in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        over = Q(ttl_until__lte=now)
        wanted = {
            "live": Q(pk__in=Lease.objects.active_at(now).values("pk")),
            "revoked": Q(revoked_at__isnull=False),
            "expired": Q(revoked_at__isnull=True) & over,
            "used_up": Q(revoked_at__isnull=True, used__gte=F("budget")) & ~over,
        }
        state = self.value()
        return queryset.filter(wanted[state]) if state in wanted else queryset


class LeaseList(ChangeList):
    """Reads the names of all holders at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        names = principal_names(lease.subject for lease in self.result_list)
        for lease in self.result_list:
            lease.holder_name = names.get(lease.subject, lease.subject)


class LeaseTable(ReadOnlyAdmin):
    """One row for each lease there ever was."""

    list_display = (
        *("capability", "scope", "holder", "state", "uses", "ttl_until", "granted_by", "created"),
    )
    list_filter = (StateFilter, "revocation")
    list_select_related = ("granted_by",)
    search_fields = ("capability", "scope", "reason")
    search_help_text = gettext_lazy("Capability, scope or reason")
    date_hierarchy = "created"
    ordering = ("-created",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LeaseList

    @admin.display(description=gettext_lazy("held by"), ordering="subject")
    def holder(self, lease: Any) -> str:
        return _("anyone signed in") if lease.subject == LOCAL_SUBJECT else str(lease.holder_name)

    @admin.display(description=gettext_lazy("state"))
    def state(self, lease: Lease) -> str:
        label, kind, sign = STATES[lease.state_at(timezone.now())]
        return badge(str(label), kind, sign)

    @admin.display(description=gettext_lazy("uses"), ordering="used")
    def uses(self, lease: Lease) -> str:
        if lease.budget is None:
            return _("%(used)d, no limit") % {"used": lease.used}
        return _("%(used)d of %(budget)d") % {"used": lease.used, "budget": lease.budget}
