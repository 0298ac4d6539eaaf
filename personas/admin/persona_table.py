"""The table of personas: its columns, filters and search."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leases.read_only_admin import ReadOnlyAdmin, badge, moment_text
from personas.models import Persona

ON = {"preferences__telemetry__vibe__enabled": True}


class ConsentFilter(admin.SimpleListFilter):
    """Whether telemetry is on."""

    title = gettext_lazy("telemetry")
    parameter_name = "telemetry"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("on", _("on")), ("off", _("off"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "on":
            return queryset.filter(**ON)
        # As a list of keys: a path that a record lacks is unknown to `exclude`, not false.
        on = Persona.objects.filter(**ON).values("pk")
        return queryset.exclude(pk__in=on) if self.value() == "off" else queryset


class PersonaTable(ReadOnlyAdmin):
    """One row for each persona; its name leads to its page."""

    list_display = (
        *("page_link", "archetype", "owner", "version", "pending", "telemetry", "changed"),
        "record_link",
    )
    list_display_links = None
    list_filter = ("owner_kind", ConsentFilter)
    search_fields = ("name", "id", "archetype", "owner_ref")
    search_help_text = gettext_lazy("Name, id, archetype or owner")
    ordering = ("name", "id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Persona]:
        return Persona.objects.with_pending_count(timezone.now())

    @admin.display(description=gettext_lazy("persona"), ordering="name")
    def page_link(self, persona: Persona) -> str:
        return format_html('<a href="{}">{}</a>', persona.get_absolute_url(), persona)

    @admin.display(description=gettext_lazy("owner"), ordering="owner_ref")
    def owner(self, persona: Persona) -> str:
        return f"{persona.get_owner_kind_display()} {persona.owner_ref}"

    @admin.display(description=gettext_lazy("pending"), ordering="pending_count")
    def pending(self, persona: Any) -> int:
        return int(persona.pending_count)

    @admin.display(description=gettext_lazy("telemetry"))
    def telemetry(self, persona: Persona) -> str:
        consent = persona.consent
        if consent.enabled:
            on = badge(_("on"), "consent-on", "●")
            return format_html('{} <span class="quiet">{}</span>', on, consent.scope)
        return badge(_("off"), "consent-off", "○")

    @admin.display(description=gettext_lazy("changed"), ordering="updated_at")
    def changed(self, persona: Persona) -> str:
        return moment_text(persona.updated_on)

    @admin.display(description=gettext_lazy("record"))
    def record_link(self, persona: Persona) -> str:
        address = reverse("admin:personas_persona_change", args=[quote(persona.pk)])
        words = _("As stored")
        return format_html(
            '<a href="{}">{}<span class="visually-hidden">: {}</span></a>', address, words, persona
        )
