"""The page of this server that a request was sent from."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def own_referer(request: HttpRequest) -> str:
    """Path and query of the page, or nothing where it is another site's or is not told."""
    referer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(
        referer, {request.get_host()}, require_https=request.is_secure()
    )
    parts = urlsplit(referer)
    # In a link two slashes would begin the name of another host.
    if not ours or not parts.path.startswith("/") or parts.path.startswith("//"):
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
