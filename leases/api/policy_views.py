"""The policy in force over HTTP (contract §6, §13)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leases.api.bodies import empty_body
from leases.api.documentation import problems
from leases.api.guard import GuardedViewSet
from leases.errors import LeaseReadForbidden
from leases.policy_state import policy_revision_state, policy_state
from leases.roles import Right
from leases.services.granting import require_lease_manager
from leases.services.policy_loading import policy_reload


class LeaseRuleOut(serializers.Serializer[Any]):
    """Actions that begin with ``kind_prefix`` need ``capability``."""

    kind_prefix = serializers.CharField()
    capability = serializers.CharField()


class PolicyOut(serializers.Serializer[Any]):
    """What decides."""

    mode = serializers.ChoiceField(["leases", "cedar", "allow_all"])
    revision = serializers.CharField(allow_null=True, help_text="Null where none was loaded.")
    loaded_at = serializers.CharField(allow_null=True)
    allow_all = serializers.BooleanField()
    lease_rules = LeaseRuleOut(many=True)
    cedar = serializers.DictField(
        allow_null=True, help_text="`policy`; `entities` and `schema` too for admins."
    )
    halted = serializers.BooleanField(required=False, help_text="The kill switch is engaged.")
    halted_at = serializers.CharField(required=False, allow_null=True)
    halt_reason = serializers.CharField(required=False)


class PolicyReloadOut(serializers.Serializer[Any]):
    """What ``POST /policy/reload`` answers."""

    ok = serializers.BooleanField()
    policy = PolicyOut()


class PolicyViewSet(GuardedViewSet):
    """What decides now, and reading it again from its file."""

    feature_flagged = False

    def admit(self, request: Request) -> None:
        if self.action == "reload" or request.query_params.get("revision"):
            require_lease_manager(self.actor)
        elif not self.actor.has_right(Right.READ):
            raise LeaseReadForbidden(code="role_required")

    @extend_schema(
        operation_id="policy_state",
        summary="Show the policy in force",
        description=(
            "The rules that decide on this and every other node, and whether the kill switch is "
            "engaged. Cedar's entities and schema are shown to admins, and so is another "
            "revision."
        ),
        parameters=[
            OpenApiParameter(
                "revision", str, description="The beginning (7 digits or more) of one; admins."
            )
        ],
        responses={
            200: PolicyOut,
            **problems(s403="Lease Read Forbidden", s404="Policy Revision Not Found"),
        },
        tags=["policy"],
    )
    def show(self, request: Request) -> Response:
        revision = request.query_params.get("revision")
        if revision:
            return Response(policy_revision_state(revision.lower()))
        return Response(policy_state(whole=self.actor.has_right(Right.MANAGE_LEASES)))

    @extend_schema(
        operation_id="policy_reload",
        summary="Read the policy file again",
        description=(
            "Puts what the file says now in force on every node, with the very next decision. "
            "A file that is not valid changes nothing; `errors` say where it is wrong. A right "
            "of the group `admins`."
        ),
        request=None,
        responses={
            200: PolicyReloadOut,
            **problems(s400="Invalid Policy", s403="Lease Manage Forbidden"),
        },
        examples=[
            OpenApiExample(
                "No file configured",
                value={
                    "ok": True,
                    "policy": {
                        "mode": "leases",
                        "revision": None,
                        "loaded_at": None,
                        "allow_all": False,
                        "lease_rules": [],
                        "cedar": None,
                        "halted": False,
                        "halted_at": None,
                        "halt_reason": "",
                    },
                },
                response_only=True,
            )
        ],
        tags=["policy"],
    )
    def reload(self, request: Request) -> Response:
        empty_body(request)
        policy_reload(actor=self.actor, now=timezone.now())
        return Response({"ok": True, "policy": policy_state(whole=True)})
