"""Feedback over HTTP: give it and read it (contract §7)."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    PolymorphicProxySerializer,
    extend_schema,
)
from rest_framework.request import Request
from rest_framework.response import Response

from leases.api.documentation import problems
from leases.api.guard import GuardedViewSet
from leases.api.pagination import read_limit
from leases.models import ApiToken
from telemetry.api.serializers import (
    AcceptedOut,
    SampleIn,
    SampleOut,
    VibeAggregatesOut,
    VibeHistoryOut,
    VibeMetricsOut,
)
from telemetry.selectors import retain_max, vibe_aggregates, vibe_history, vibe_metrics
from telemetry.services.admission import feedback_admit, telemetry_read_admit
from telemetry.services.feedback import feedback_receive

HISTORY_DEFAULT = 50
IDEMPOTENCY_KEY = "Idempotency-Key"
REFUSALS = problems(
    s400="Invalid Feedback",
    s403="Persona Telemetry Forbidden",
    s404="Persona Not Found",
    s412="Telemetry Disabled",
    s501="Persona Disabled",
)

HISTORY_EXAMPLE = {
    "items": [
        {
            "id": 11,
            "persona_id": "persona.alpha",
            "kind": "vibe",
            "signal": "warmer",
            "strength": 0.7,
            "note": "felt closer",
            "metadata": {"run": "r1"},
            "recorded_at": "2026-01-31T12:00:00.000Z",
        }
    ],
    "retain_max": 50,
    "limit": 50,
}
AGGREGATE_MEMBERS = {
    "sentiment_avg": 0.15,
    "sentiment_volatility": 0.45,
    "response_tempo": 4.2,
    "confirmation_rate": 0.75,
    "misalignment_flags": [{"flag": "cites_sources", "people": 1, "samples": 2}],
    "axes": [
        {
            "axis": "warmth",
            "low": "cooler",
            "high": "warmer",
            "balance": 0.1,
            "people_for": 1,
            "people_against": 1,
            "disagreement": 0.857143,
        }
    ],
    "axes_more": 0,
    "disagreement": 0.857143,
    "people": 2,
}
AGGREGATES_EXAMPLE = {
    "persona_id": "persona.alpha",
    **AGGREGATE_MEMBERS,
    "samples": 6,
    "oldest": "2026-01-30T09:00:00.000Z",
    "retain_max": 50,
}
METRICS_EXAMPLE = {
    "persona_id": "persona.alpha",
    "total_feedback": 2,
    "signal_counts": {"cooler": 1, "warmer": 1},
    "signal_strength": {"warmer": 0.7},
    "signal_weights": {"cooler": 1.0, "warmer": 0.98},
    "average_strength": 0.7,
    "last_signal": "cooler",
    "last_strength": None,
    "last_updated": "2026-01-31T12:00:00.000Z",
    "retain_max": 50,
    "since": "2026-01-31T08:00:00.000Z",
    **AGGREGATE_MEMBERS,
}


class FeedbackViewSet(GuardedViewSet):
    """Give feedback about a persona."""

    max_body = 33_554_432

    def admit(self, request: Request) -> None:
        feedback_admit(
            actor=self.actor,
            persona_id=self.kwargs["persona_id"],
            now=timezone.now(),
            repeat_of=request.headers.get(IDEMPOTENCY_KEY),
        )

    @extend_schema(
        operation_id="persona_feedback",
        summary="Give feedback",
        description=(
            "One sample, or an array of 1 to 1,000; all are stored or none. Needs the role of a "
            "member, consent in the record, and the capability `telemetry:persona:<scope>`. Notes, "
            "details and labels are sanitized before they are stored. 202 means committed. "
            "`Idempotency-Key`, or an `id` in a sample, makes a repeat count once for 24 hours."
        ),
        parameters=[
            OpenApiParameter("kind", str, description="For samples that name no kind."),
            OpenApiParameter(
                IDEMPOTENCY_KEY,
                str,
                OpenApiParameter.HEADER,
                description="1 to 200 visible ASCII characters.",
            ),
        ],
        request=PolymorphicProxySerializer(
            component_name="FeedbackIn",
            serializers=[SampleIn, SampleIn(many=True)],
            resource_type_field_name=None,
            many=False,
        ),
        responses={
            202: AcceptedOut,
            **REFUSALS,
            **problems(s409="Idempotency Conflict", s413="Too Large", s415="", s429="Rate Limited"),
        },
        examples=[
            OpenApiExample(
                "One sample",
                value={"kind": "vibe", "signal": "warmer", "strength": 0.7, "note": "felt closer"},
                request_only=True,
            ),
            OpenApiExample(
                "A batch",
                value=[{"signal": "warmer", "strength": 1}, {"signal": "slot+:evidence"}],
                request_only=True,
            ),
            OpenApiExample(
                "Accepted",
                value={"status": "accepted", "count": 1},
                response_only=True,
                status_codes=["202"],
            ),
        ],
        tags=["telemetry"],
    )
    def create(self, request: Request, persona_id: str) -> Response:
        count = feedback_receive(
            actor=self.actor,
            persona_id=persona_id,
            raw=request.body,
            kind=request.query_params.get("kind"),
            idempotency_key=request.headers.get(IDEMPOTENCY_KEY),
            token=request.auth if isinstance(request.auth, ApiToken) else None,
            now=timezone.now(),
        )
        return Response({"status": "accepted", "count": count}, status=202)


class VibeViewSet(GuardedViewSet):
    """Read a persona's feedback and what it amounts to."""

    def admit(self, request: Request) -> None:
        telemetry_read_admit(
            actor=self.actor, persona_id=self.kwargs["persona_id"], now=timezone.now()
        )

    @extend_schema(
        operation_id="persona_vibe_history",
        summary="Read the newest feedback",
        description=(
            "The samples that retention keeps, the newest first. Needs the role of a member, "
            "consent, and a lease for the scope."
        ),
        parameters=[
            OpenApiParameter(
                "limit", int, description="At most `retain_max`; 50 or `retain_max` by default."
            )
        ],
        responses={200: VibeHistoryOut, **REFUSALS},
        examples=[
            OpenApiExample(
                "One sample", value=HISTORY_EXAMPLE, response_only=True, status_codes=["200"]
            )
        ],
        tags=["telemetry"],
    )
    def history(self, request: Request, persona_id: str) -> Response:
        limit = read_limit(request.query_params, default=HISTORY_DEFAULT, cap=retain_max())
        rows = vibe_history(persona_id, limit=limit, now=timezone.now())
        items = SampleOut(rows, many=True).data
        return Response({"items": items, "retain_max": retain_max(), "limit": limit})

    @extend_schema(
        operation_id="persona_vibe_metrics",
        summary="Read the feedback metrics",
        description=(
            "Counted since `since`, by all nodes together where they share Redis. A sample's "
            "weight halves with every half-life; strengths average over the samples that carry "
            "one. At most 50 signals are told apart, the rest is `other`. From `sentiment_avg` on "
            "the members are those of `vibe_aggregates`, taken from the samples that are kept."
        ),
        responses={200: VibeMetricsOut, **REFUSALS},
        examples=[
            OpenApiExample(
                "Two samples", value=METRICS_EXAMPLE, response_only=True, status_codes=["200"]
            )
        ],
        tags=["telemetry"],
    )
    def metrics(self, request: Request, persona_id: str) -> Response:
        return Response(vibe_metrics(persona_id, now=timezone.now()))

    @extend_schema(
        operation_id="persona_vibe_aggregates",
        summary="Read what the feedback amounts to",
        description=(
            "Sentiment, tempo, confirmations and misalignments from the samples that retention "
            "keeps, and where people pull the persona. Each person counts once, however much they "
            "send, and by their latest vote on each axis; people are counted and never named. "
            "Null is what nobody said anything about."
        ),
        responses={200: VibeAggregatesOut, **REFUSALS},
        examples=[
            OpenApiExample(
                "Two people", value=AGGREGATES_EXAMPLE, response_only=True, status_codes=["200"]
            )
        ],
        tags=["telemetry"],
    )
    def aggregates(self, request: Request, persona_id: str) -> Response:
        return Response(vibe_aggregates(persona_id, now=timezone.now()))
