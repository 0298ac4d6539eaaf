"""The live page: events as they happen. The stream itself is the WebSocket of contract §8."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from personas.models import Persona
from telemetry.events.catalog import EVENTS


def live_view(request: HttpRequest) -> HttpResponse:
    """An empty page for a script to fill, with the filters it offers."""
    context = {
        **admin.site.each_context(request),
        "title": _("Live"),
        "topics": sorted(event.topic for event in EVENTS),
        "personas": Persona.objects.order_by("name", "id").only("id", "name"),
    }
    return TemplateResponse(request, "desk/live.html", context)
