"""History on the desk: every applied change, to look at."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from leases.read_only_admin import NOTHING, ReadOnlyAdmin
from personas.models import HistoryEntry


@admin.register(HistoryEntry)
class HistoryEntryAdmin(ReadOnlyAdmin):
    """The table of history. Append-only, so there is nothing to press."""

    list_display = (
        *("entry", "kind", "changes", "proposal_link", "applied_by", "applied_at", "hash_start"),
    )
    list_filter = ("kind", "persona__owner_kind")
    list_select_related = ("persona", "applied_by", "proposal")
    search_fields = ("persona__name", "persona__id", "entry_hash", "applied_by__username")
    search_help_text = _("Persona, person, or the start of a hash")
    date_hierarchy = "applied_at"
    ordering = ("-applied_at", "-id")

    @admin.display(description=_("entry"), ordering="persona__name")
    def entry(self, entry: HistoryEntry) -> str:
        return str(entry)

    @admin.display(description=_("operations"))
    def changes(self, entry: HistoryEntry) -> int:
        return len(entry.diff)

    @admin.display(description=_("proposal"), ordering="proposal")
    def proposal_link(self, entry: HistoryEntry) -> str:
        if entry.proposal is None:
            return NOTHING
        address, text = entry.proposal.get_absolute_url(), _("Review")
        return format_html('<a href="{}">{}</a>', address, text)

    @admin.display(description=_("hash"))
    def hash_start(self, entry: HistoryEntry) -> str:
        return format_html('<code class="hash">{}</code>', entry.entry_hash[:12])
