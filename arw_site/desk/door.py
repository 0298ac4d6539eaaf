"""What the desk asks of a request before a page sees it, and where a page was sent from."""

from __future__ import annotations

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from arw_site.access.pages import PAGES, UNNAMED
from arw_site.error_pages import error_response
from arw_site.referers import own_referer
from leases.api.errors import FeatureDisabled


def may_see(request: HttpRequest) -> bool:
    """Whether the viewer's role opens the page; one that declares nothing is open to nobody.

    A form with an entry of its own is judged by its service, which keeps refusals in the log.
    """
    name = request.resolver_match.url_name if request.resolver_match else None
    page = PAGES.get(name) if name else UNNAMED
    if page is None:
        return False
    is_form = request.method not in {"GET", "HEAD"} and page.form is not None
    return is_form or page.seen.may_pass(request.user)


def refuse_null_characters(request: HttpRequest) -> None:
    """No browser sends U+0000, and PostgreSQL cannot hold it: such a request is answered by 400."""
    for sent in (request.GET, request.POST):
        if any("\x00" in value for _name, values in sent.lists() for value in values):
            raise BadRequest


def page_before(request: HttpRequest) -> str:
    """The page that a form was sent from: who signs in again goes on there, not where it led."""
    return own_referer(request) or request.get_full_path()


def feature_disabled(request: HttpRequest) -> HttpResponse:
    """The answer of every persona route while ``ARW_PERSONA_ENABLE`` is off."""
    off = FeatureDisabled()
    return error_response(request, 501, off.title, off.detail, code=off.code)
