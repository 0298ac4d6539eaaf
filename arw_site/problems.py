"""Problem documents, RFC 9457 (contract §2)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from arw_site.refusals import count_refusal
from arw_site.request_id import request_id_of
from leases.errors import DomainError, Fault
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
    document = _members(
        status,
        title,
        detail or None,
        request.path if request is not None else None,
        request_id_of(request) if request is not None else None,
        code,
    )
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


def _members(
    status: int,
    title: str,
    detail: str | None,
    instance: str | None,
    trace_id: str | None,
    code: str | None,
) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": instance,
        "trace_id": trace_id,
        "code": code,
    }


def problem_content(error: DomainError, status: int, path: str, request_id: str) -> str:
    """The document of an error without members of its own, for doors that know no Django request."""
    code = error.instance_code
    count_refusal(status, code)
    document = _members(status, error.title, error.detail or None, path, request_id, code)
    return json.dumps(document, ensure_ascii=False)


def problem_response(
    document: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """The document as a response of its own status."""
    count_refusal(int(document["status"]), document.get("code"))
    return HttpResponse(
        json.dumps(document, ensure_ascii=False),
        status=int(document["status"]),
        content_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )
