"""The kill switch over HTTP (contract §6, §13)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leases.api.bodies import checked_body
from leases.api.documentation import problems
from leases.api.fields import StrictBoolean, StrictString
from leases.api.guard import GuardedViewSet
from leases.instants import rfc3339
from leases.services.granting import require_lease_manager
from leases.services.kill_switch import KillSwitch, kill_switch_set


class KillSwitchIn(serializers.Serializer[Any]):
    """What ``POST /policy/kill-switch`` takes."""

    engaged = StrictBoolean()
    reason = StrictString(required=False, allow_blank=True, default="", max_length=500)
    restore_leases = StrictBoolean(required=False, default=False)


class KillSwitchOut(serializers.Serializer[KillSwitch]):
    """How the switch stands, and how many leases the move took or gave back."""

    engaged = serializers.BooleanField()
    halted_at = serializers.CharField(allow_null=True)
    halted_by = serializers.UUIDField(allow_null=True)
    reason = serializers.CharField()
    revoked = serializers.IntegerField()
    restored = serializers.IntegerField()

    def to_representation(self, switch: KillSwitch) -> dict[str, Any]:
        return {
            "engaged": switch.engaged,
            "halted_at": rfc3339(switch.at) if switch.at else None,
            "halted_by": str(switch.by.id) if switch.by else None,
            "reason": switch.reason,
            "revoked": switch.revoked,
            "restored": switch.restored,
        }


class KillSwitchViewSet(GuardedViewSet):
    """Stop all telemetry on every node, and let it run again."""

    feature_flagged = False

    def admit(self, request: Request) -> None:
        require_lease_manager(self.actor)

    @extend_schema(
        operation_id="kill_switch_set",
        summary="Stop telemetry, or lift the stop",
        description=(
            "Engaging needs a `reason`: every live lease that lends a `telemetry:` capability is "
            "revoked, and no node takes feedback or shows telemetry any more, whatever policy "
            "says. Lifting with `restore_leases` gives back the leases that this stop took and "
            "whose time is not over. Asking for what is so already changes nothing."
        ),
        request=KillSwitchIn,
        responses={
            200: KillSwitchOut,
            **problems(s400="Invalid Request", s403="Lease Manage Forbidden"),
        },
        examples=[
            OpenApiExample(
                "Stop", value={"engaged": True, "reason": "incident 12"}, request_only=True
            ),
            OpenApiExample(
                "Lift", value={"engaged": False, "restore_leases": True}, request_only=True
            ),
        ],
        tags=["policy"],
    )
    def move(self, request: Request) -> Response:
        body = checked_body(request, KillSwitchIn)
        switch = kill_switch_set(actor=self.actor, now=timezone.now(), **body)
        return Response(KillSwitchOut(switch).data)
