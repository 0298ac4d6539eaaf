"""Shapes of leases and tokens (contract §6, §13)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from leases.api.fields import StrictInteger, StrictString
from leases.decisions import LOCAL_SUBJECT
from leases.instants import rfc3339
from leases.models import ApiToken, Lease
from leases.services.terms import DEFAULT_TTL_SECS, last_end


class LeaseIn(serializers.Serializer[Any]):
    """What ``POST /leases`` takes."""

    capability = StrictString(allow_blank=True)
    scope = StrictString(required=False, allow_null=True, default=None)
    subject = StrictString(required=False, allow_null=True, default=None, max_length=150)
    ttl_secs = StrictInteger(required=False, default=DEFAULT_TTL_SECS)
    budget = StrictInteger(required=False, allow_null=True, default=None)
    reason = StrictString(required=False, allow_blank=True, default="", max_length=500)

    def validate_subject(self, subject: str | None) -> str:
        return subject or LOCAL_SUBJECT


class RenewIn(serializers.Serializer[Any]):
    """What ``POST /leases/{id}/renew`` takes."""

    ttl_secs = StrictInteger(required=False, default=DEFAULT_TTL_SECS)
    reason = StrictString(required=False, allow_blank=True, default="", max_length=500)


class RevokeIn(serializers.Serializer[Any]):
    """What ``DELETE /leases/{id}`` may carry."""

    reason = StrictString(required=False, allow_blank=True, default="", max_length=500)


class RevokePrefixIn(RevokeIn):
    """What ``POST /leases/revoke`` takes."""

    prefix = StrictString(allow_blank=True)


class LeaseOut(serializers.Serializer[Lease]):
    """A lease as every route shows it."""

    id = serializers.UUIDField()
    subject = serializers.CharField()
    capability = serializers.CharField()
    scope = serializers.CharField(allow_null=True)
    reason = serializers.CharField()
    ttl_until = serializers.CharField()
    budget = serializers.IntegerField(allow_null=True)
    used = serializers.IntegerField()
    granted_by = serializers.UUIDField()
    created = serializers.CharField()
    updated = serializers.CharField()
    revoked_at = serializers.CharField(allow_null=True)
    revoked_by = serializers.UUIDField(allow_null=True)
    revocation = serializers.CharField(
        allow_null=True, help_text="`single`, `prefix` or `kill_switch`."
    )
    revoke_reason = serializers.CharField()
    state = serializers.CharField(help_text="`live`, `expired`, `used_up` or `revoked`.")
    renewable_until = serializers.CharField(help_text="The end of its maximum life.")
    policy = serializers.DictField()

    def to_representation(self, lease: Lease) -> dict[str, Any]:
        return {
            "id": str(lease.id),
            "subject": lease.subject,
            "capability": lease.capability,
            "scope": lease.scope,
            "reason": lease.reason,
            "ttl_until": rfc3339(lease.ttl_until),
            "budget": lease.budget,
            "used": lease.used,
            "granted_by": str(lease.granted_by_id),
            "created": rfc3339(lease.created),
            "updated": rfc3339(lease.updated),
            "revoked_at": rfc3339(lease.revoked_at) if lease.revoked_at else None,
            "revoked_by": str(lease.revoked_by_id) if lease.revoked_by_id else None,
            "revocation": str(lease.revocation) or None,
            "revoke_reason": lease.revoke_reason,
            "state": lease.state_at(self.context.get("now") or timezone.now()),
            "renewable_until": rfc3339(last_end(lease.created)),
            # Kept for clients of the reference server, which shows an empty object here.
            "policy": {},
        }


class LeaseListOut(serializers.Serializer[Any]):
    """What ``GET /state/leases`` answers."""

    generated = serializers.CharField()
    count = serializers.IntegerField()
    items = LeaseOut(many=True)


class RevokedOut(serializers.Serializer[Any]):
    """What ``POST /leases/revoke`` answers."""

    revoked = serializers.IntegerField()
    items = LeaseOut(many=True)


class TokenIn(serializers.Serializer[Any]):
    """What ``POST /tokens`` takes."""

    name = StrictString(max_length=100)
    expires = serializers.DateTimeField(required=False, allow_null=True, default=None)


class TokenOut(serializers.Serializer[ApiToken]):
    """A token without its secret."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    created = serializers.CharField()
    expires = serializers.CharField(allow_null=True)
    last_used = serializers.CharField(
        allow_null=True,
        help_text="To the hour. Null where no use was noted; feedback and reads that the server "
        "answers the fast way are not noted.",
    )

    def to_representation(self, token: ApiToken) -> dict[str, Any]:
        return {
            "id": str(token.public_id),
            "name": token.name,
            "created": rfc3339(token.created),
            "expires": rfc3339(token.expiry) if token.expiry else None,
            "last_used": rfc3339(token.last_used_at) if token.last_used_at else None,
        }


class NewTokenOut(TokenOut):
    """A token just made; ``token`` is shown this once."""

    token = serializers.CharField()


class TokenListOut(serializers.Serializer[Any]):
    """The asker's own tokens."""

    items = TokenOut(many=True)
    next = serializers.CharField(allow_null=True)


class FaultOut(serializers.Serializer[Any]):
    """One fault of an input."""

    pointer = serializers.CharField(help_text="RFC 6901 JSON pointer into the body.")
    detail = serializers.CharField()
    code = serializers.CharField()


class ProblemOut(serializers.Serializer[Any]):
    """RFC 9457 problem document: every refusal has this shape."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(allow_null=True)
    instance = serializers.CharField(allow_null=True)
    trace_id = serializers.CharField(allow_null=True)
    code = serializers.CharField(allow_null=True)
    errors = FaultOut(many=True, required=False)  # type: ignore[assignment]
