"""The decision log over HTTP (contract §6, §13)."""

from __future__ import annotations

from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leases.api.documentation import problems
from leases.api.guard import GuardedViewSet
from leases.api.pagination import read_page
from leases.decision_selectors import (
    DECISION_KEYS,
    decision_chunks,
    decision_chunks_async,
    decision_json,
    decisions_found,
)
from leases.services.granting import require_lease_manager

JSON_LINES = "application/jsonl"

FILTERS = [
    OpenApiParameter("actor", str, description="A user name or id."),
    OpenApiParameter(
        "action", str, description="Such as `persona.manage`; `telemetry.` is all that begin so."
    ),
    OpenApiParameter("persona", str, description="A persona's id."),
    OpenApiParameter("allowed", bool, description="`true` or `false`."),
    OpenApiParameter("reason", str, description="Such as `lease_required`, `policy_forbid`."),
    OpenApiParameter("since", OpenApiTypes.DATETIME, description="From this instant on."),
    OpenApiParameter("until", OpenApiTypes.DATETIME, description="Before this instant."),
    OpenApiParameter("lease", OpenApiTypes.UUID, description="Allowed by this lease."),
    OpenApiParameter("revision", str, description="The beginning of a policy's revision."),
]


class DecisionOut(serializers.Serializer[Any]):
    """One decision, or the count of a telemetry decision over its hour."""

    id = serializers.IntegerField()
    at = serializers.CharField(help_text="RFC 3339; the newest one's where they are counted.")
    hour = serializers.CharField(allow_null=True, help_text="Where decisions are counted.")
    count = serializers.IntegerField()
    actor = serializers.UUIDField(allow_null=True)
    action = serializers.CharField()
    persona_id = serializers.CharField(allow_null=True)
    owner_kind = serializers.CharField(allow_null=True)
    owner_ref = serializers.CharField(allow_null=True)
    allowed = serializers.BooleanField()
    reason = serializers.CharField()
    required_capability = serializers.CharField(allow_null=True)
    policy_revision = serializers.CharField(allow_null=True)
    lease_id = serializers.CharField(allow_null=True)
    inputs = serializers.DictField(
        help_text="What it was taken from, for a replay: groups, capability, needed, halted, "
        "leases. Empty where the role alone decided."
    )


class DecisionListOut(serializers.Serializer[Any]):
    """What ``GET /state/decisions`` answers."""

    items = DecisionOut(many=True)
    next = serializers.CharField(allow_null=True)


class DecisionLogViewSet(GuardedViewSet):
    """Who was allowed or refused what, and why."""

    feature_flagged = False

    def admit(self, request: Request) -> None:
        require_lease_manager(self.actor)

    @extend_schema(
        operation_id="decision_list",
        summary="Search the decision log",
        description=(
            "Refusals, and what let a change through, the newest first; kept for 90 days. "
            "Decisions on telemetry are counted by the hour. A right of the group `admins`."
        ),
        parameters=[
            *FILTERS,
            OpenApiParameter("limit", int, description="At most 500; 50 by default."),
            OpenApiParameter("cursor", str, description="`next` of the page before."),
        ],
        responses={
            200: DecisionListOut,
            **problems(s400="Invalid Request", s403="Lease Manage Forbidden"),
        },
        tags=["policy"],
    )
    def list(self, request: Request) -> Response:
        page = read_page(decisions_found(request.query_params), request.query_params, DECISION_KEYS)
        return Response({"items": [decision_json(one) for one in page.rows], "next": page.next})

    @extend_schema(
        operation_id="decision_export",
        summary="Export the decision log",
        description=(
            "The decisions that the filters leave as JSON Lines, the oldest first, each line in "
            "the shape of the list's items: what `arw-cli policy diff` replays. Principals are "
            "named by id. A right of the group `admins`."
        ),
        parameters=FILTERS,
        responses={
            (200, JSON_LINES): OpenApiResponse(OpenApiTypes.STR, description="A line each."),
            **problems(s400="Invalid Request", s403="Lease Manage Forbidden"),
        },
        tags=["policy"],
    )
    def export(self, request: Request) -> StreamingHttpResponse:
        rows = decisions_found(request.query_params)
        looping = isinstance(request._request, ASGIRequest)
        chunks: Any = decision_chunks_async(rows) if looping else decision_chunks(rows)
        return StreamingHttpResponse(
            chunks,
            content_type=f"{JSON_LINES}; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="decisions.jsonl"'},
        )
