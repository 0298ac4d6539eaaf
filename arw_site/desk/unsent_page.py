"""A form was not taken, and the text that was typed is shown, to be copied.

Its session had ended, in a browser that keeps no drafts; or somebody else has signed in meanwhile.

Whoever has scripts finds what was typed in the form again after signing in (drafts.js says so by a
field of its own); for everybody else this page is the only place where the text still is.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from arw_site.error_pages import error_response, wants_page

KEPT_BY_SCRIPT = "kept"


def unsent_response(
    request: HttpRequest, context: dict[str, Any], *, back: str
) -> HttpResponse | None:
    """The page with everything that was typed, to be copied; None where nothing would be lost.

    Only for requests that passed the check against forgery: the text is the sender's own.
    """
    texts = _texts(request)
    if not texts or KEPT_BY_SCRIPT in request.POST or not wants_page(request):
        return None
    sign_in = f"{reverse('admin:login')}?{urlencode({'next': back})}"
    shown = {**context, "title": _("You are signed out"), "texts": texts, "sign_in": sign_in}
    return TemplateResponse(request, "desk/unsent.html", shown, status=403)


def another_response(request: HttpRequest, context: dict[str, Any], *, back: str) -> HttpResponse:
    """409: the page was drawn for somebody else than who is signed in now; nothing was done.

    A form gets everything that was typed, to be copied; a script gets the refusal alone.
    """
    title = _("Somebody else has signed in")
    if request.method != "POST" or not wants_page(request):
        text = _("The page was drawn for another person than the one who is signed in now.")
        return error_response(request, 409, title, text, code="drawn_for_another")
    shown = {**context, "title": title, "texts": _texts(request), "back": back}
    return TemplateResponse(request, "desk/unsent.html", shown, status=409)


def _texts(request: HttpRequest) -> list[tuple[str, str, str, int]]:
    """Name, label, value and lines of each field that people type in: what is short comes first."""
    short = {
        "capability": _("Capability"),
        "scope": _("Scope"),
        "subject": _("For whom"),
        "ttl_minutes": _("For how many minutes"),
        "budget": _("How many uses"),
    }
    long = {
        "rationale": _("Your reason"),
        "reason": _("Your reason"),
        "text": _("Your comment"),
        "note": _("Your note"),
        "reflection": _("Your reflection"),
        "diff": _("Your change, as JSON"),
    }
    return [
        (name, label, value, lines)
        for labels, lines in ((short, 1), (long, 8))
        for name, label in labels.items()
        if (value := request.POST.get(name, "")).strip()
    ]
