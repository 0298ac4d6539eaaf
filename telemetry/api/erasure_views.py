"""Erasure of feedback over HTTP (contract §13)."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leases.api.documentation import problems
from leases.api.guard import GuardedViewSet
from telemetry.api.serializers import ErasedOut
from telemetry.services.erasure import erasure_admit, samples_erase


class SamplesViewSet(GuardedViewSet):
    """Erase feedback."""

    def admit(self, request: Request) -> None:
        erasure_admit(actor=self.actor, persona_id=self.kwargs["persona_id"])

    @extend_schema(
        operation_id="persona_samples_erase",
        summary="Erase feedback samples",
        description=(
            "Deletes the samples of one principal, or of all, and what was derived from them: "
            "the persona's counters start anew and its feedback leaves the replay window. Needs "
            "the role of an admin, whether or not consent is on."
        ),
        parameters=[
            OpenApiParameter(
                "principal",
                OpenApiTypes.STR,
                description="A user name or id; without it the samples of everybody go.",
            )
        ],
        responses={
            200: ErasedOut,
            **problems(
                s400="Invalid Request",
                s403="Persona Manage Forbidden",
                s404="Persona Not Found",
                s501="Persona Disabled",
            ),
        },
        examples=[
            OpenApiExample(
                "Two are gone",
                value={"persona_id": "persona.alpha", "erased": 2},
                response_only=True,
                status_codes=["200"],
            )
        ],
        tags=["telemetry"],
    )
    def destroy(self, request: Request, persona_id: str) -> Response:
        erased = samples_erase(
            actor=self.actor,
            persona_id=persona_id,
            principal=request.query_params.get("principal"),
            now=timezone.now(),
        )
        return Response({"persona_id": persona_id, "erased": erased})
