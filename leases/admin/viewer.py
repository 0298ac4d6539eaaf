"""Who looks at a page of the desk, and where they came from."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from leases.models import User


def viewer_of(request: HttpRequest) -> User:
    """The person behind the request; the desk lets nobody in who is not signed in."""
    viewer = request.user
    assert isinstance(viewer, User)  # noqa: S101  the desk lets nobody else in
    return viewer


def way_back(request: HttpRequest, otherwise: str) -> str:
    """The page of this site that ``next`` names, else ``otherwise``."""
    back = request.POST.get("next", "") or request.GET.get("next", "")
    host, secure = request.get_host(), request.is_secure()
    if url_has_allowed_host_and_scheme(back, allowed_hosts={host}, require_https=secure):
        return back
    return otherwise
