"""Throttling of failed sign-ins (contract §1): counted under keyed digests, never under names."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from arw_site.error_pages import error_response
from leases.authentication import client_key
from leases.pseudonyms import keyed_digest


def throttle_user(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """The key under which failures for a user name are counted."""
    posted = request.POST.get("username", "") if request is not None else ""
    name = (credentials or {}).get("username") or posted
    return keyed_digest("sign-in:" + str(name).casefold())[:32]


def throttle_client(request: HttpRequest) -> str:
    """The key under which failures from a client are counted.

    It has the form of an address of the documentation range, since the throttle takes nothing
    else, but is a digest.
    """
    digits = client_key(request)[:24]
    return "2001:db8:" + ":".join(digits[at : at + 4] for at in range(0, 24, 4))


def throttle_label(*_args: Any, **_kwargs: Any) -> str:
    """What the throttle's own log lines call a client: nothing."""
    return "a client"


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """Too many failed sign-ins for this name from here: wait."""
    answer = error_response(
        request,
        429,
        _("Too many failed sign-ins"),
        _("Wait ten minutes, then try again. Ask an admin if you forgot your password."),
        code="rate_limited",
    )
    answer["Retry-After"] = "600"
    return answer
