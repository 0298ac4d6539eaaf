"""Memory on the desk: one item behind a citation, and asking for a suggestion (contract §10)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from arw_site.desk.feedback_form import FeedbackForm
from arw_site.desk.persona_page import persona_response
from leases.admin.page_doors import sent_only
from leases.admin.viewer import viewer_of
from leases.errors import DomainError
from leases.page_errors import page_status, sentence
from leases.pseudonyms import actor_ref
from personas.errors import PersonaNotFound
from personas.models import Persona
from personas.selectors import persona_get
from telemetry.memory.bridge import worldview_suggest
from telemetry.memory.errors import MemoryItemNotFound
from telemetry.memory.held import held_beliefs
from telemetry.memory.rehydrating import item_rehydrate
from telemetry.memory.vibe_summary import vibe_summary_suggest
from telemetry.models import MemoryItem

CITING = 20


def memory_item_view(request: HttpRequest, item_id: uuid.UUID) -> HttpResponse:
    """What a citation opens: the item, its tombstone, or that it is no longer shared."""
    viewer = viewer_of(request)
    try:
        found = item_rehydrate(actor=viewer, item_id=item_id, now=timezone.now())
    except MemoryItemNotFound as error:
        raise Http404 from error
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Memory item"),
        "item_id": item_id,
        "state": found.state,
        "item": found.item,
        "tags": [],
        "cited_by": [],
    }
    if found.item is not None:
        context["tags"] = sorted(found.item.tags.values_list("tag", flat=True))
        context["person"] = actor_ref(found.item.principal_id)
        context["own"] = found.item.principal_id == viewer.pk
        context["cited_by"] = _cited_by(found.item)
    return TemplateResponse(request, "desk/memory_item.html", context)


@sent_only(lambda persona_id: reverse("admin:personas_persona_page", args=[persona_id]))
def memory_suggest_view(request: HttpRequest, persona_id: str) -> HttpResponse:
    """Has the bridge look at what is shared, and leads to the proposal that came of it."""
    suggest = vibe_summary_suggest if request.POST.get("of") == "vibe" else worldview_suggest
    try:
        persona = persona_get(persona_id)
        made = suggest(actor=viewer_of(request), persona_id=persona_id, now=timezone.now())
    except PersonaNotFound as error:
        raise Http404 from error
    except DomainError as error:
        messages.error(request, sentence(error))
        refused = persona_response(request, persona, form=FeedbackForm())
        refused.status_code = page_status(error)
        return refused
    if made is None:
        messages.info(request, _("There is nothing to suggest at this moment."))
        return HttpResponseRedirect(persona.get_absolute_url())
    messages.success(request, _("This is what memory suggests. It waits for a decision."))
    return HttpResponseRedirect(made.get_absolute_url())


def _cited_by(item: MemoryItem) -> list[tuple[Persona, str]]:
    """The beliefs of the owner's personas that cite the item."""
    own = Persona.objects.filter(owner_kind=item.owner_kind, owner_ref=item.owner_ref)
    found = [
        (persona, held.statement)
        for persona in own.order_by("name", "id")[:CITING]
        for held in held_beliefs(persona.worldview)
        if str(item.pk) in held.citations
    ]
    return found[:CITING]
