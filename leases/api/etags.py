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
    digest = hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:32]
    etag = f'"{prefix}{digest}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    known = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    if "*" in known or etag in [one.removeprefix("W/") for one in known]:
        return Response(status=304, headers=headers)
    return Response(data, headers=headers)
