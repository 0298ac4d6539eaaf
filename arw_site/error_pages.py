"""Errors outside the API views: a page for people, a problem document for programs (§2)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from arw_site.problems import problem_document, problem_response
from arw_site.referers import own_referer
from arw_site.request_id import request_id_of


def wants_page(request: HttpRequest) -> bool:
    """Whether a person is looking: the desk, or a browser that asks for HTML."""
    return "text/html" in request.headers.get("Accept", "")


def error_response(
    request: HttpRequest,
    status: int,
    title: str,
    text: str,
    *,
    code: str,
    heading: str = "",
    again: str = "",
) -> HttpResponse:
    """A page that stands alone and carries the request id, or a problem document.

    ``heading`` is what people read in place of the title; ``again`` the page they came from.
    """
    if not wants_page(request):
        return problem_response(problem_document(request, status, title, detail=text, code=code))
    page = render_to_string(
        "error.html",
        {
            "status": status,
            "title": heading or title,
            "text": text,
            "again": again,
            "request_id": request_id_of(request),
        },
    )
    return HttpResponse(page, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's ``handler400``."""
    return error_response(
        request,
        400,
        _("Bad Request"),
        _("The request could not be understood."),
        code="bad_request",
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's ``handler403``."""
    return error_response(
        request, 403, _("Forbidden"), _("Your role does not allow this."), code="forbidden"
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's ``handler404``."""
    return error_response(
        request, 404, _("Not Found"), _("There is nothing at this address."), code="not_found"
    )


def server_error(request: HttpRequest, *args: Any) -> HttpResponse:
    """Django's ``handler500``: says nothing of the inside, but how to find it in the log."""
    return error_response(
        request,
        500,
        _("Server Error"),
        _("Something went wrong here. The request id helps to find out what."),
        code="server_error",
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long, or came from elsewhere."""
    return error_response(
        request,
        403,
        _("Forbidden"),
        _(
            "The form was open too long, or it came from another site. Go back and copy what you "
            "typed if it is not kept; then open the page again, and send it from there."
        ),
        code="csrf_failed",
        heading=_("Nothing was sent"),
        again=own_referer(request),
    )
