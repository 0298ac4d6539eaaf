"""What keeps the desk's pages up to date: the stream's topics in words, and the badges."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from leases.models import User
from personas.admin.queue_waiting import waits_for
from personas.services.inbox import inbox_unread_count
from telemetry.events.broadcaster import broadcaster
from telemetry.events.catalog import EVENTS
from telemetry.journal.reading import journal_due_count

REFRESH_HEADER = "X-Desk-Refresh"


def badges_view(request: HttpRequest) -> HttpResponse:
    """The badges of the navigation and nothing else, for pages that are open already."""
    return TemplateResponse(request, "desk/badges.html", admin.site.each_context(request))


def is_refresh(request: HttpRequest) -> bool:
    """Whether a part of an open page is asked for: what is said once must wait for a page."""
    return REFRESH_HEADER in request.headers


def updates_context() -> dict[str, Any]:
    """What ``desk/parts/updates.html`` shows.

    ``after`` is taken before anything is read: what happens while the page is made comes after it.
    """
    return {
        "after": broadcaster.event_id(broadcaster.last) or "",
        "topics": [event.topic for event in EVENTS],
        "sentences": topic_sentences(),
    }


def badges_of(viewer: User) -> dict[str, int]:
    """How much waits for the viewer: unread news, prompts of the journal, proposals to decide."""
    now = timezone.now()
    return {
        "inbox": inbox_unread_count(viewer),
        "queue": waits_for(viewer, now=now).count(),
        "journal": journal_due_count(person=viewer, now=now),
    }


def topic_sentences() -> dict[str, str]:
    """What a topic means, as one short sentence; for the ear and for the live page."""
    return {
        "persona.proposal.submitted": _("A change was proposed."),
        "persona.proposal.approved": _("A proposal was approved."),
        "persona.proposal.rejected": _("A proposal was rejected."),
        "persona.proposal.revised": _("A proposal was revised."),
        "persona.proposal.withdrawn": _("A proposal was withdrawn."),
        "persona.proposal.expired": _("A proposal expired."),
        "persona.proposal.approval_recorded": _("A proposal was approved, and needs more."),
        "persona.proposal.commented": _("A proposal was commented on."),
        "persona.updated": _("A record has a new version."),
        "persona.telemetry.updated": _("Consent was changed."),
        "persona.feedback": _("Feedback arrived."),
        "persona.reflection.completed": _("A reflection was written."),
        "persona.drift": _("An agent reports otherwise of itself than it used to."),
        "persona.worldview.drift": _("What is believed and what people say have parted ways."),
        "memory.upserted": _("A memory item was written."),
        "memory.erased": _("A memory item was erased."),
        "leases.created": _("A lease was granted."),
        "leases.renewed": _("A lease was renewed."),
        "leases.revoked": _("A lease was revoked."),
        "leases.expired": _("A lease ran out."),
        "leases.requested": _("A lease was asked for."),
        "leases.request_decided": _("A request for a lease was answered."),
        "policy.loaded": _("Another policy is in force."),
        "policy.kill_switch": _("The kill switch was moved."),
    }
