"""The journal: prompts that wait for the viewer, their answers, and how often they are asked."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from arw_site.desk.journal_rows import ReflectionForm, RhythmForm, journal_context
from leases.admin.page_doors import sent_only
from leases.admin.viewer import viewer_of, way_back
from leases.errors import DomainError
from leases.models import User
from leases.page_errors import page_status, sentence
from personas.errors import PersonaNotFound
from personas.models import Persona
from personas.selectors import persona_get
from telemetry.journal.answering import journal_answer
from telemetry.journal.reading import journal_answers, shared_personas
from telemetry.journal.rhythm import DAILY, WEEKLY
from telemetry.journal.rhythms import journal_rhythm_set
from telemetry.memory.errors import MemoryItemNotFound
from telemetry.memory.items import item_erase
from telemetry.models import JournalAnswer


def _journal(**about: Any) -> str:
    return reverse("admin:desk_journal")


def journal_view(request: HttpRequest) -> HttpResponse:
    """What waits and what was answered; ``?persona=ID`` about one, ``?erase=ID`` asks first."""
    return _page(request, timezone.now())


@sent_only(_journal)
def journal_answer_view(request: HttpRequest, persona_id: str) -> HttpResponse:
    """POST ``reflection`` and ``prompt`` keeps a reflection; what is refused stays in the form."""
    viewer, now = viewer_of(request), timezone.now()
    form = ReflectionForm(
        persona_id, request.POST.get("prompt", ""), request.POST.get("reflection", "")
    )
    try:
        answer = journal_answer(
            actor=viewer, persona_id=persona_id, prompt=form.prompt, text=form.text, now=now
        )
    except PersonaNotFound as error:
        raise Http404 from error
    except DomainError as error:
        form.refuse(error)
        return _page(request, now, form=form)
    messages.success(request, _kept_words(answer, viewer, now))
    return HttpResponseRedirect(f"{reverse('admin:desk_journal')}#reflection-{answer.pk}")


@sent_only(_journal)
def journal_rhythm_view(request: HttpRequest) -> HttpResponse:
    """POST ``persona`` and ``cadence`` says how often the viewer is asked; ``next`` leads back."""
    form = RhythmForm(request.POST.get("persona", ""), request.POST.get("cadence", ""))
    now = timezone.now()
    try:
        rhythm = journal_rhythm_set(
            actor=viewer_of(request), persona_id=form.persona_id, cadence=form.cadence, now=now
        )
    except PersonaNotFound as error:
        if form.persona_id:
            raise Http404 from error
        form.error, form.status = _("Choose a persona."), 400
    except DomainError as error:
        form.error, form.status = sentence(error), page_status(error)
    else:
        messages.success(request, _rhythm_words(rhythm.persona, rhythm.cadence))
        return HttpResponseRedirect(way_back(request, _journal()))
    return _page(request, now, rhythm=form)


@sent_only(lambda item_id: f"{_journal()}?erase={item_id}")
def journal_erase_view(request: HttpRequest, item_id: uuid.UUID) -> HttpResponse:
    """POST takes the words of an own reflection away, after ``journal_view`` has asked."""
    viewer = viewer_of(request)
    try:
        # Only what the journal shows: other memory is erased elsewhere.
        if not JournalAnswer.objects.filter(person=viewer, item=item_id).exists():
            raise MemoryItemNotFound
        item_erase(actor=viewer, item_id=item_id, now=timezone.now())
    except MemoryItemNotFound as error:
        raise Http404 from error
    messages.success(
        request, _("The reflection is erased. What a proposal quoted of it stays there.")
    )
    return HttpResponseRedirect(_journal())


def _page(
    request: HttpRequest,
    now: datetime,
    *,
    form: ReflectionForm | None = None,
    rhythm: RhythmForm | None = None,
) -> HttpResponse:
    viewer = viewer_of(request)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Journal"),
        **journal_context(
            viewer=viewer,
            now=now,
            page=request.GET.get("page"),
            about=_about(request.GET.get("persona", "")),
            form=form,
            rhythm=rhythm,
        ),
        # The page that answers a form has another address, at which there is nothing to fetch.
        "refresh_address": f"{reverse('admin:desk_journal')}?{request.GET.urlencode()}",
        "asked": _asked(request.GET.get("erase", ""), viewer),
    }
    status = next((int(one.status) for one in (form, rhythm) if one is not None), 200)
    return TemplateResponse(request, "desk/journal.html", context, status=status)


def _about(persona_id: str) -> Persona | None:
    try:
        return persona_get(persona_id) if persona_id else None
    except PersonaNotFound as error:
        raise Http404 from error


def _asked(wanted: str, viewer: User) -> JournalAnswer | None:
    """The own reflection that is about to be erased."""
    try:
        return journal_answers(person=viewer).filter(item=uuid.UUID(wanted)).first()
    except ValueError:
        return None


def _kept_words(answer: JournalAnswer, viewer: User, now: datetime) -> str:
    if shared_personas([answer.persona], person=viewer, now=now):
        words = _("Kept. A lease shares it: it may shape %(name)s, and readers see it.")
    else:
        words = _("Kept, for you alone. It can shape %(name)s once a lease shares it.")
    return words % {"name": answer.persona}


def _rhythm_words(persona: Persona, cadence: str) -> str:
    words = {
        DAILY: _("You are asked about %(name)s each day."),
        WEEKLY: _("You are asked about %(name)s each week."),
    }.get(cadence, _("You are no longer asked about %(name)s."))
    return words % {"name": persona}
