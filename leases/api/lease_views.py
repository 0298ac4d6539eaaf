"""Leases over HTTP: granting, renewing, revoking, seeing them (contract §6, §13)."""

from __future__ import annotations

import uuid

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leases.api.bodies import checked_body
from leases.api.documentation import problems
from leases.api.guard import GuardedViewSet
from leases.api.pagination import read_limit
from leases.api.serializers import (
    LeaseIn,
    LeaseListOut,
    LeaseOut,
    RenewIn,
    RevokedOut,
    RevokeIn,
    RevokePrefixIn,
)
from leases.errors import InvalidLease, LeaseReadForbidden
from leases.instants import rfc3339
from leases.models import Lease
from leases.roles import Right
from leases.services.granting import lease_grant, require_lease_manager
from leases.services.renewing import lease_get, lease_renew
from leases.services.revoking import lease_revoke, leases_revoke_prefix


class LeaseViewSet(GuardedViewSet):
    """Lend capabilities, and see which are lent."""

    feature_flagged = False

    def admit(self, request: Request) -> None:
        if self.action == "list":
            if not self.actor.has_right(Right.READ):
                raise LeaseReadForbidden
            return
        if self.action in {"renew", "destroy"}:
            lease_get(self.kwargs["lease_id"])
        require_lease_manager(self.actor)

    @extend_schema(
        operation_id="lease_grant",
        summary="Grant a lease",
        description=(
            "Lends a capability for a while, to one principal or to anyone signed in (`local`). "
            "A right of the group `admins`. `ttl_secs` above 86,400 is clamped, 0 becomes 1. It "
            "can be renewed until `renewable_until`. Before lending `share:persona`, show what "
            "`GET /state/sharing-notice` says."
        ),
        request=LeaseIn,
        responses={201: LeaseOut, **problems(s400="Invalid Lease", s403="Lease Manage Forbidden")},
        examples=[
            OpenApiExample(
                "An hour of feedback for a workspace",
                value={
                    "capability": "telemetry:persona:workspace",
                    "ttl_secs": 3600,
                    "reason": "team retrospective",
                },
                request_only=True,
            )
        ],
        tags=["leases"],
    )
    def create(self, request: Request) -> Response:
        body = checked_body(request, LeaseIn, InvalidLease)
        lease = lease_grant(actor=self.actor, now=timezone.now(), **body)
        return Response(LeaseOut(lease).data, status=201)

    @extend_schema(
        operation_id="lease_list",
        summary="List leases",
        description="Live leases, the newest first; `all=true` adds those that are past.",
        parameters=[
            OpenApiParameter("all", bool, description="Also the expired, used up and revoked."),
            OpenApiParameter("limit", int, description="At most 500; 200 by default."),
        ],
        responses={
            200: LeaseListOut,
            **problems(s400="Invalid Request", s403="Lease Read Forbidden"),
        },
        tags=["leases"],
    )
    def list(self, request: Request) -> Response:
        now = timezone.now()
        leases = Lease.objects.newest_first()
        if request.query_params.get("all", "").lower() not in {"1", "true"}:
            leases = leases.active_at(now)
        shown = list(leases[: read_limit(request.query_params, default=200)])
        items = [LeaseOut(one, context={"now": now}).data for one in shown]
        return Response({"generated": rfc3339(now), "count": len(items), "items": items})

    @extend_schema(
        operation_id="lease_renew",
        summary="Renew a lease",
        description=(
            "The lease then ends `ttl_secs` from now, but not after `renewable_until` and never "
            "earlier than it does already. A `reason` takes the place of the one it has. What is "
            "left of a budget stays. A lease that is over, or at its maximum life (code "
            "`max_life_reached`), is refused."
        ),
        request=RenewIn,
        responses={
            200: LeaseOut,
            **problems(
                s400="Invalid Lease",
                s403="Lease Manage Forbidden",
                s404="Lease Not Found",
                s409="Lease Not Live",
            ),
        },
        examples=[OpenApiExample("An hour more", value={"ttl_secs": 3600}, request_only=True)],
        tags=["leases"],
    )
    def renew(self, request: Request, lease_id: uuid.UUID) -> Response:
        body = checked_body(request, RenewIn, InvalidLease)
        lease = lease_renew(actor=self.actor, lease_id=lease_id, now=timezone.now(), **body)
        return Response(LeaseOut(lease).data)

    @extend_schema(
        operation_id="lease_revoke",
        summary="Revoke a lease",
        description=(
            "The very next request on any node is refused. The body is optional: `{reason}`. "
            "Repeating it changes nothing, and so does revoking what has expired."
        ),
        request=RevokeIn,
        responses={
            204: None,
            **problems(s400="Invalid Lease", s403="Lease Manage Forbidden", s404="Lease Not Found"),
        },
        tags=["leases"],
    )
    def destroy(self, request: Request, lease_id: uuid.UUID) -> Response:
        body = checked_body(request, RevokeIn, InvalidLease)
        lease_revoke(actor=self.actor, lease_id=lease_id, now=timezone.now(), **body)
        return Response(status=204)

    @extend_schema(
        operation_id="lease_revoke_prefix",
        summary="Revoke leases by prefix",
        description="Takes back every live lease whose capability starts with `prefix`, exactly.",
        request=RevokePrefixIn,
        responses={
            200: RevokedOut,
            **problems(s400="Invalid Lease", s403="Lease Manage Forbidden"),
        },
        examples=[
            OpenApiExample(
                "Everything about telemetry",
                value={"prefix": "telemetry:", "reason": "incident 12"},
                request_only=True,
            )
        ],
        tags=["leases"],
    )
    def revoke_prefix(self, request: Request) -> Response:
        body = checked_body(request, RevokePrefixIn, InvalidLease)
        taken = leases_revoke_prefix(actor=self.actor, now=timezone.now(), **body)
        return Response({"revoked": len(taken), "items": [LeaseOut(one).data for one in taken]})
