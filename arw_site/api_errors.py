"""The one table from refusals to HTTP (contract §2)."""

from __future__ import annotations

import logging
import math
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.views import set_rollback

from arw_site.problems import problem_content, problem_document, problem_response
from leases.api import errors as api
from leases.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound, TooMany
from personas.errors import HistoryIsAppendOnly
from telemetry.errors import (
    AccessibilityCheckRequired,
    Overloaded,
    RateLimited,
    ReceiptIsAppendOnly,
    StoreUnavailable,
    SummariserFailed,
    TelemetryDisabled,
)

logger = logging.getLogger(__name__)

# The first class that matches decides, so the special cases stand before their parents.
STATUS_OF: tuple[tuple[type[DomainError], HTTPStatus], ...] = (
    (api.FeatureDisabled, HTTPStatus.NOT_IMPLEMENTED),
    (api.BodyTooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (api.MediaTypeNotSupported, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (TelemetryDisabled, HTTPStatus.PRECONDITION_FAILED),
    (AccessibilityCheckRequired, HTTPStatus.PRECONDITION_FAILED),
    (HistoryIsAppendOnly, HTTPStatus.METHOD_NOT_ALLOWED),
    (ReceiptIsAppendOnly, HTTPStatus.METHOD_NOT_ALLOWED),
    (RateLimited, HTTPStatus.TOO_MANY_REQUESTS),
    (TooMany, HTTPStatus.TOO_MANY_REQUESTS),
    (Overloaded, HTTPStatus.SERVICE_UNAVAILABLE),
    (StoreUnavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (SummariserFailed, HTTPStatus.SERVICE_UNAVAILABLE),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (Conflict, HTTPStatus.CONFLICT),
    (InvalidInput, HTTPStatus.BAD_REQUEST),
)


def status_of(error: DomainError) -> HTTPStatus:
    """The status that ``error`` is told with."""
    for known, status in STATUS_OF:
        if isinstance(error, known):
            return status
    raise LookupError(f"{type(error).__name__} has no status")


def domain_problem(request: HttpRequest, error: DomainError) -> dict[str, Any]:
    """The problem document of a domain error."""
    return problem_document(
        request,
        status_of(error),
        error.title,
        detail=error.detail,
        code=error.instance_code,
        errors=error.errors,
        facts=error.facts,
    )


def retry_after(error: DomainError) -> dict[str, str]:
    """``Retry-After`` for an error that knows how long to wait, in whole seconds and at least 1."""
    wait = getattr(error, "wait", None)
    return {} if wait is None else {"Retry-After": str(max(1, math.ceil(wait)))}


def door_refusal(error: DomainError, path: str, request_id: str) -> tuple[int, bytes, bytes]:
    """Status, ``Retry-After`` and body of what a thin door refuses by itself."""
    status = int(status_of(error))
    wait = retry_after(error).get("Retry-After", "1")
    return status, wait.encode(), problem_content(error, status, path, request_id).encode()


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's hook: every refusal as a problem document; anything unknown stays an error 500."""
    set_rollback()
    return exception_response(context["request"]._request, error)


def exception_response(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """The response for ``error``, or None when nothing here knows it."""
    if isinstance(error, DomainError):
        return problem_response(domain_problem(request, error), retry_after(error))
    if isinstance(error, exceptions.APIException):
        return _framework_response(request, error)
    if isinstance(error, Http404):
        return problem_response(problem_document(request, 404, "Not Found", code="not_found"))
    if isinstance(error, PermissionDenied):
        return problem_response(problem_document(request, 403, "Forbidden", code="forbidden"))
    if isinstance(error, RequestDataTooBig):
        return problem_response(problem_document(request, 413, "Too Large", code="too_large"))
    if isinstance(error, OperationalError | InterfaceError):
        return _database_response(request, error)
    return None


_TITLES = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    415: "Unsupported Media Type",
    429: "Rate Limited",
}


def _framework_response(request: HttpRequest, error: exceptions.APIException) -> HttpResponse:
    headers: dict[str, str] = {}
    challenge = getattr(error, "auth_header", None)
    if challenge:
        headers["WWW-Authenticate"] = challenge
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(math.ceil(wait))
    title = _TITLES.get(error.status_code, HTTPStatus(error.status_code).phrase)
    detail = error.detail if isinstance(error.detail, str) else None
    document = problem_document(
        request, error.status_code, title, detail=detail, code=title.lower().replace(" ", "_")
    )
    return problem_response(document, headers)


def _database_response(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("database_unavailable", exc_info=error)
    connection.close()
    document = problem_document(
        request,
        503,
        "Database Unavailable",
        detail="the database did not answer; try again",
        code="database_unavailable",
    )
    return problem_response(document, {"Retry-After": "2"})
