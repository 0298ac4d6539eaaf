"""Shapes of requests for leases (contract §13)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from leases.api.fields import StrictInteger, StrictString
from leases.instants import rfc3339
from leases.models import LeaseRequest
from leases.services.terms import DEFAULT_TTL_SECS


class LeaseRequestIn(serializers.Serializer[Any]):
    """What ``POST /leases/requests`` takes."""

    capability = StrictString(allow_blank=True)
    scope = StrictString(required=False, allow_null=True, default=None)
    ttl_secs = StrictInteger(required=False, default=DEFAULT_TTL_SECS)
    budget = StrictInteger(required=False, allow_null=True, default=None)
    reason = StrictString(allow_blank=True, max_length=500)


class LeaseRequestGrantIn(serializers.Serializer[Any]):
    """What ``…/grant`` may carry: terms in place of those that were asked for."""

    ttl_secs = StrictInteger(required=False, allow_null=True)
    budget = StrictInteger(required=False, allow_null=True)
    reason = StrictString(required=False, allow_blank=True, default="", max_length=500)


class LeaseRequestDenyIn(serializers.Serializer[Any]):
    """What ``…/deny`` takes."""

    reason = StrictString(allow_blank=True, max_length=500)


class LeaseRequestOut(serializers.Serializer[LeaseRequest]):
    """A request as every route shows it."""

    id = serializers.UUIDField()
    requester = serializers.UUIDField()
    capability = serializers.CharField()
    scope = serializers.CharField(allow_null=True)
    ttl_secs = serializers.IntegerField()
    budget = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()
    status = serializers.CharField(help_text="`pending`, `granted`, `denied` or `cancelled`.")
    created = serializers.CharField()
    decided_by = serializers.UUIDField(allow_null=True)
    decided_at = serializers.CharField(allow_null=True)
    decision_reason = serializers.CharField()
    lease_id = serializers.UUIDField(allow_null=True)

    def to_representation(self, asked: LeaseRequest) -> dict[str, Any]:
        return {
            "id": str(asked.id),
            "requester": str(asked.requester_id),
            "capability": asked.capability,
            "scope": asked.scope,
            "ttl_secs": asked.ttl_secs,
            "budget": asked.budget,
            "reason": asked.reason,
            "status": str(asked.status),
            "created": rfc3339(asked.created),
            "decided_by": str(asked.decided_by_id) if asked.decided_by_id else None,
            "decided_at": rfc3339(asked.decided_at) if asked.decided_at else None,
            "decision_reason": asked.decision_reason,
            "lease_id": str(asked.lease_id) if asked.lease_id else None,
        }


class LeaseRequestPageOut(serializers.Serializer[Any]):
    """What ``GET /state/lease-requests`` answers."""

    items = LeaseRequestOut(many=True)
    next = serializers.CharField(allow_null=True)
