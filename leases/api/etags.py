"""ETags over what is actually sent, and ``If-None-Match`` (RFC 9110)."""

from __future__ import annotations

import hashlib
from typing import Any

from django.utils.http import parse_etags
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response


def tagged(request: Request, data: Any, *, prefix: str = "") -> Response:
    """A 200 with a strong ETag over ``data``, or a 304 when the client has it already.

    ``prefix`` is put in front of the digest: a client can read from it what it would be bound to.
    """
    content = JSONRenderer().render(data)
    digest = hashlib.sha256(content).hexdigest()[:32]
    etag = f'"{prefix}{digest}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    known = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    if "*" in known or etag in [one.removeprefix("W/") for one in known]:
        return Response(status=304, headers=headers)
    return _Rendered(data, content, headers)


class _Rendered(Response):
    """A response whose bytes are known before it is rendered."""

    def __init__(self, data: Any, content: bytes, headers: dict[str, str]) -> None:
        super().__init__(data, headers=headers)
        self._known = content

    @property
    def rendered_content(self) -> Any:
        self["Content-Type"] = JSONRenderer.media_type
        return self._known
