"""``X-Request-Id``: echoed when a client sends a sane one, made otherwise (contract §2)."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

HEADER = "X-Request-Id"
_SANE = re.compile(r"[A-Za-z0-9._:+/=-]{1,128}")


def request_id_of(request: HttpRequest) -> str:
    """The id of the request, made on first use."""
    known: str | None = getattr(request, "arw_request_id", None)
    if known is None:
        known = sane_or_new(str(request.META.get("HTTP_X_REQUEST_ID", "")))
        request.arw_request_id = known  # type: ignore[attr-defined]
    return known


def sane_or_new(sent: str) -> str:
    """The id that a client sent, when it is one that a log can hold; else a new one."""
    return sent if sent and _SANE.fullmatch(sent) else _new()


def _new() -> str:
    """A random UUID, in a third of the time that ``uuid.uuid4`` takes.

    It names a request and guards nothing. The system's own source of randomness would let go of
    the interpreter for each, which other threads then take.
    """
    digits = f"{random.getrandbits(128):032x}"
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


class RequestIdMiddleware:
    """Gives every request an id, and every response the header that repeats it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # The logging middleware reads the header, so that logs carry the same id.
        request.META["HTTP_X_REQUEST_ID"] = request_id_of(request)
        response = self.get_response(request)
        response[HEADER] = request_id_of(request)
        return response
