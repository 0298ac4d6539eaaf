"""The simulator over HTTP (contract §6, §13)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leases.api.bodies import checked_body
from leases.api.documentation import problems
from leases.api.fields import JSONValue, StrictString
from leases.api.guard import GuardedViewSet
from leases.errors import Fault, LeaseReadForbidden
from leases.roles import Right
from personas.simulation import InvalidSimulation, simulate


class SimulationIn(serializers.Serializer[Any]):
    """What ``POST /policy/simulate`` takes."""

    action = StrictString(required=False, help_text="Such as `telemetry.persona.workspace`.")
    kind = StrictString(required=False, help_text="The reference's other name for `action`.")
    subject = StrictString(required=False, allow_null=True, default=None, max_length=150)
    resource = JSONValue(
        required=False,
        allow_null=True,
        default=None,
        help_text="A persona's id, or `{persona_id?, owner_kind?, owner_ref?}`.",
    )


class SimulationExplainOut(serializers.Serializer[Any]):
    """The reference's explanation."""

    action = serializers.CharField()
    mode = serializers.CharField()
    reason = serializers.CharField()
    message = serializers.CharField()
    required_capability = serializers.CharField(required=False)
    cedar = serializers.DictField(required=False, help_text="`policies` by name, and `errors`.")


class SimulationOut(serializers.Serializer[Any]):
    """The reference's Decision, and what else is known of it."""

    allow = serializers.BooleanField()
    require_capability = serializers.CharField(allow_null=True)
    explain = SimulationExplainOut()
    reason = serializers.CharField(help_text="As in the decision log.")
    explanation = serializers.CharField(help_text="In words.")
    via = serializers.CharField(allow_null=True, help_text="The lease that allows it.")
    subject = serializers.UUIDField()
    resource = serializers.DictField()
    policy_revision = serializers.CharField(allow_null=True)
    halted = serializers.BooleanField()


class SimulationViewSet(GuardedViewSet):
    """What policy and leases would say."""

    feature_flagged = False

    def admit(self, request: Request) -> None:
        if not self.actor.has_right(Right.READ):
            raise LeaseReadForbidden(code="role_required")

    @extend_schema(
        operation_id="policy_simulate",
        summary="Ask whether something would be allowed, and why",
        description=(
            "Judges `action` (or `kind`) for `subject` on `resource` as it would be judged now. "
            "Nothing is spent, and no answer is logged. Without `subject` it is about oneself; for "
            "somebody else it is a right of the group `admins`. Roles are another gate: this is "
            "about policy and leases."
        ),
        request=SimulationIn,
        responses={
            200: SimulationOut,
            **problems(s400="Invalid Simulation", s403="Lease Manage Forbidden"),
        },
        examples=[
            OpenApiExample(
                "May I give feedback on it?",
                value={"action": "telemetry.persona.workspace", "resource": "persona.alpha"},
                request_only=True,
            )
        ],
        tags=["policy"],
    )
    def simulate(self, request: Request) -> Response:
        body = checked_body(request, SimulationIn, InvalidSimulation)
        asked = body.get("action") or body.get("kind")
        if not asked:
            message = "say what is to be judged: action, or kind"
            fault = Fault("/action", message, "required")
            raise InvalidSimulation(message, errors=[fault])
        answer = simulate(
            actor=self.actor,
            action=asked,
            subject=body["subject"],
            resource=body["resource"],
            now=timezone.now(),
        )
        return Response(answer)
