"""The table of feedback samples, each shown to whom a lease or the policy lets read it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from leases.models import User
from leases.read_only_admin import NOTHING, ReadOnlyAdmin
from leases.roles import Right
from personas.models import Persona
from telemetry.models import VibeSample
from telemetry.retention import horizon
from telemetry.services.admission import telemetry_allowed


@admin.register(VibeSample)
class VibeSampleAdmin(ReadOnlyAdmin):
    """One row for each sample that is kept, of the personas whose feedback the viewer may read."""

    list_display = (
        *("signal", "persona", "kind", "strength", "noted", "details", "principal", "recorded_at"),
    )
    list_display_links = None  # the row says all there is
    list_filter = ("kind", "persona__owner_kind")
    list_select_related = ("persona", "principal")
    search_fields = ("persona__name", "persona__id", "signal")
    search_help_text = _("Persona or signal")
    date_hierarchy = "recorded_at"
    ordering = ("-recorded_at", "-id")

    @admin.display(description=_("note"), ordering="note")
    def noted(self, sample: VibeSample) -> str:
        return format_html("<bdi>{}</bdi>", sample.note) if sample.note else NOTHING

    @admin.display(description=_("details"))
    def details(self, sample: VibeSample) -> str:
        if not sample.metadata:
            return NOTHING
        return render_to_string("desk/parts/json_lines.html", {"value": sample.metadata})

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Who gave it is shown to admins only; everybody else knows people by pseudonyms."""
        shown = super().get_list_display(request)
        viewer = request.user
        if isinstance(viewer, User) and viewer.has_right(Right.MANAGE):
            return shown
        return [name for name in shown if name != "principal"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[VibeSample]:
        viewer, now = request.user, timezone.now()
        assert isinstance(viewer, User)  # noqa: S101  the desk lets nobody else in
        readable = _readable(viewer, now) if viewer.has_right(Right.READ) else []
        kept = VibeSample.objects.not_older_than(horizon(now))
        return kept.filter(persona__in=readable)


def _readable(viewer: User, now: datetime) -> list[str]:
    """The ids of the sampled personas whose feedback ``viewer`` may read, judged all at once."""
    sampled = Persona.objects.filter(pk__in=VibeSample.objects.values("persona"))
    consenting = [persona for persona in sampled if persona.consent.enabled]
    allowed = telemetry_allowed(actor=viewer, personas=consenting, now=now)
    return [persona.pk for persona, may in zip(consenting, allowed, strict=True) if may]
