"""The live page: events as they happen. The stream itself is the WebSocket of contract §8."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from arw_site.desk.times import shown_times
from arw_site.desk.updates import topic_sentences
from arw_site.desk.visible_text import unseen_for_scripts
from personas.models import Persona
from telemetry.events.catalog import EVENTS


def live_view(request: HttpRequest) -> HttpResponse:
    """An empty page for a script to fill, with its filters: ``?topic=``, ``?persona=``."""
    topics = sorted(event.topic for event in EVENTS)
    families = topic_families()
    topic, persona = request.GET.get("topic", ""), request.GET.get("persona", "")
    context = {
        **admin.site.each_context(request),
        "title": _("Live"),
        "topics": topics,
        "families": families,
        "sentences": topic_sentences(),
        "times": shown_times(request),
        "unseen": unseen_for_scripts(),
        "topic": topic if topic in topics or topic in families else "",
        "persona_id": persona,
        "personas": Persona.objects.order_by("name", "id").only("id", "name"),
    }
    return TemplateResponse(request, "desk/live.html", context)


def topic_families() -> dict[str, str]:
    """Beginnings that several topics share, and what they are about."""
    return {
        "persona.proposal.": _("Proposals"),
        "persona.": _("Personas, proposals, consent, feedback"),
        "memory.": _("Memory"),
        "leases.": _("Leases"),
        "policy.": _("Policy and kill switch"),
    }
