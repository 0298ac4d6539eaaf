"""The table of proposals: its columns, filters and search."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from leases.read_only_admin import ReadOnlyAdmin
from personas.models import Proposal


class StatusFilter(admin.SimpleListFilter):
    """By the status as of now: a proposal past its time is expired already (contract §4)."""

    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status.value, str(status.label)) for status in Proposal.Status]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        status = self.value()
        if status not in Proposal.Status.values:
            return queryset
        fitting = Proposal.objects.with_status_at(status, timezone.now())
        return queryset.filter(pk__in=fitting.values("pk"))


class ProposalTable(ReadOnlyAdmin):
    """One row for each proposal, whatever became of it; the persona leads to the review screen."""

    list_display = (
        *("review_link", "state", "operations", "submitted_by", "created_at", "expires_at"),
        *("decided_by", "decided_at"),
    )
    list_display_links = None
    list_filter = (StatusFilter, "persona__owner_kind")
    list_select_related = ("persona", "submitted_by", "decided_by")
    search_fields = ("persona__name", "persona__id", "rationale", "submitted_by__username")
    search_help_text = gettext_lazy("Persona, person or rationale")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)

    @admin.display(description=gettext_lazy("persona"), ordering="persona__name")
    def review_link(self, proposal: Proposal) -> str:
        return format_html('<a href="{}">{}</a>', proposal.get_absolute_url(), proposal.persona)

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, proposal: Proposal) -> str:
        shown = {"status": proposal.status_at(timezone.now())}
        return mark_safe(render_to_string("desk/parts/status.html", shown))  # noqa: S308  escaped

    @admin.display(description=gettext_lazy("operations"))
    def operations(self, proposal: Proposal) -> int:
        return len(proposal.diff)
