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
from leases.read_only_admin import NOTHING, ReadOnlyAdmin, badge
from leases.selectors import principal_names

STATES = {
    "live": (gettext_lazy("in force"), "lease-held", "✓"),
    "revoked": (gettext_lazy("revoked"), "lease-missing", "✕"),
    "expired": (gettext_lazy("ran out"), "", "○"),
    "used_up": (gettext_lazy("used up"), "mark-soon", "■"),
}


REVOKED = {
    Lease.Revocation.SINGLE.value: gettext_lazy("alone"),
    Lease.Revocation.PREFIX.value: gettext_lazy("by its prefix"),
    Lease.Revocation.KILL_SWITCH.value: gettext_lazy("with the kill switch"),
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


class RevocationFilter(admin.SimpleListFilter):
    """By what took the lease back."""

    title = gettext_lazy("revoked")
    parameter_name = "revoked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(REVOKED.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        way = self.value()
        return queryset.filter(revocation=way) if way in REVOKED else queryset


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
        *("capability", "where", "holder", "state", "uses", "ttl_until", "granted_by", "created"),
    )
    list_filter = (StateFilter, RevocationFilter)
    list_select_related = ("granted_by",)
    search_fields = ("capability", "scope", "reason")
    search_help_text = gettext_lazy("Capability, scope or reason")
    date_hierarchy = "created"
    ordering = ("-created",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LeaseList

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """The record, with the words of the table where it holds a name, a nothing or a code."""
        worded = {
            "subject": "holder",
            "scope": "where",
            "budget": "uses",
            "used": "state",
            "revocation": "revoked_how",
        }
        fields = super().get_fields(request, obj)
        return [worded.get(one, one) if isinstance(one, str) else one for one in fields]

    @admin.display(description=gettext_lazy("held by"), ordering="subject")
    def holder(self, lease: Any) -> str:
        if lease.subject == LOCAL_SUBJECT:
            return _("anyone signed in")
        # A list has read the names of all its rows at once.
        known = getattr(lease, "holder_name", None)
        return str(known or principal_names([lease.subject]).get(lease.subject, lease.subject))

    @admin.display(description=gettext_lazy("scope"), ordering="scope")
    def where(self, lease: Lease) -> str:
        return lease.scope or _("everywhere")

    @admin.display(description=gettext_lazy("revoked how"))
    def revoked_how(self, lease: Lease) -> str:
        return str(REVOKED[lease.revocation]) if lease.revocation else NOTHING

    @admin.display(description=gettext_lazy("state"))
    def state(self, lease: Lease) -> str:
        label, kind, sign = STATES[lease.state_at(timezone.now())]
        return badge(str(label), kind, sign)

    @admin.display(description=gettext_lazy("uses"), ordering="used")
    def uses(self, lease: Lease) -> str:
        if lease.budget is None:
            return _("%(used)d, no limit") % {"used": lease.used}
        return _("%(used)d of %(budget)d") % {"used": lease.used, "budget": lease.budget}
