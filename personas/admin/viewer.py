"""Who looks at a page of the desk."""

from __future__ import annotations

from django.http import HttpRequest

from leases.models import User


def viewer_of(request: HttpRequest) -> User:
    """The person behind the request; the desk lets nobody in who is not signed in."""
    viewer = request.user
    assert isinstance(viewer, User)  # noqa: S101  the desk lets nobody else in
    return viewer
