"""Feedback from the persona page: a form post, judged by the same service as the API (§7)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from arw_site.desk.feedback_form import FeedbackForm, read_feedback
from arw_site.desk.persona_page import GIVEN, persona_response, vibe_context
from leases.admin.page_doors import sent_only
from leases.errors import DomainError
from leases.models import User
from personas.errors import PersonaNotFound
from personas.models import Persona
from personas.selectors import persona_get
from telemetry.services.feedback import feedback_record

PART = "X-Desk-Part"


def _widget_of(persona_id: str) -> str:
    """The widget, on the persona's page."""
    return reverse("admin:personas_persona_page", args=[persona_id]) + "#feedback"


@sent_only(_widget_of)
def feedback_view(request: HttpRequest, persona_id: str) -> HttpResponse:
    """Stores what the widget sends. Answers the widget alone where a script asks for it."""
    actor, now = request.user, timezone.now()
    assert isinstance(actor, User)  # noqa: S101  the desk lets nobody else in
    form = read_feedback(request.POST)
    # A form that lacks something goes there too, as nothing: who may not send is told so first.
    body = form.samples() if form.complete() else []
    try:
        persona = persona_get(persona_id)
        feedback_record(
            actor=actor, persona_id=persona_id, body=body, idempotency_key=form.key, now=now
        )
    except PersonaNotFound as error:
        raise Http404 from error
    except DomainError as error:
        form.refuse(error, now)
    else:
        form.thank()
    return _answer(request, persona, form)


def _answer(request: HttpRequest, persona: Persona, form: FeedbackForm) -> HttpResponse:
    response: HttpResponse
    if request.headers.get(PART) == "feedback":
        viewer = request.user
        assert isinstance(viewer, User)  # noqa: S101  as above
        context = vibe_context(
            persona, viewer=viewer, now=timezone.now(), here=persona.get_absolute_url(), form=form
        )
        response = TemplateResponse(request, "desk/parts/feedback.html", context)
        response.status_code = form.status
    elif form.given:
        request.session[GIVEN] = form.given
        response = HttpResponseRedirect(f"{persona.get_absolute_url()}#feedback")
    else:
        response = persona_response(request, persona, form=form)
    if form.wait is not None:
        response["Retry-After"] = str(form.wait)
    return response
