"""History on the desk: every applied change, to look at."""

from __future__ import annotations

from django.contrib import admin

from leases.read_only_admin import ReadOnlyAdmin
from personas.models import HistoryEntry


@admin.register(HistoryEntry)
class HistoryEntryAdmin(ReadOnlyAdmin):
    """The table of history. Append-only, so there is nothing to press."""

    list_display = ("__str__", "persona", "version", "kind", "applied_by", "applied_at")
    list_filter = ("kind",)
    list_select_related = ("persona", "applied_by")
    search_fields = ("persona__name", "persona__id", "entry_hash")
    date_hierarchy = "applied_at"
    ordering = ("-applied_at", "-id")
