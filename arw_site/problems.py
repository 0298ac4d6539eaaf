"""Problem documents, RFC 9457 (contract §2)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from arw_site.request_id import request_id_of
from leases.errors import Fault
from leases.policy.faults import PolicyFault

MEDIA_TYPE = "application/problem+json"


def problem_document(
    request: HttpRequest | None,
    status: int,
    title: str,
    *,
    detail: str | None = None,
    code: str | None = None,
    errors: Sequence[Fault] = (),
    facts: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """All seven members, null where there is nothing to say, and ``errors`` with JSON pointers."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail or None,
        "instance": request.path if request is not None else None,
        "trace_id": request_id_of(request) if request is not None else None,
        "code": code,
    }
    if errors:
        document["errors"] = [_told(fault) for fault in errors]
    return document | dict(facts or {})


def _told(fault: Fault) -> dict[str, Any]:
    told: dict[str, Any] = {
        "pointer": fault.pointer,
        "detail": fault.message,
        "code": fault.code,
    }
    if isinstance(fault, PolicyFault):
        told |= {"source": fault.source, "line": fault.line, "column": fault.column}
    return told


def problem_response(
    document: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """The document as a response of its own status."""
    return HttpResponse(
        json.dumps(document, ensure_ascii=False),
        status=int(document["status"]),
        content_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )
