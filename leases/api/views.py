"""Leases and API tokens over HTTP (contract §6, §13)."""

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
    NewTokenOut,
    TokenIn,
    TokenListOut,
    TokenOut,
)
from leases.errors import InvalidLease, LeaseReadForbidden
from leases.instants import rfc3339
from leases.models import ApiToken, Lease
from leases.roles import Right
from leases.services import lease_grant, require_lease_manager
from leases.tokens import token_create, token_revoke


class LeaseViewSet(GuardedViewSet):
    """Lend capabilities, and see which are lent."""

    feature_flagged = False

    def admit(self, request: Request) -> None:
        if self.action == "create":
            require_lease_manager(self.actor)
        elif not self.actor.has_right(Right.READ):
            raise LeaseReadForbidden

    @extend_schema(
        operation_id="lease_grant",
        summary="Grant a lease",
        description=(
            "Lends a capability for a while, to one principal or to anyone signed in (`local`). "
            "A right of the group `admins`. `ttl_secs` above 86,400 is clamped, 0 becomes 1."
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
        items = [LeaseOut(one).data for one in shown]
        return Response({"generated": rfc3339(now), "count": len(items), "items": items})


class TokenViewSet(GuardedViewSet):
    """One's own API tokens. The token itself is shown once, when it is made."""

    feature_flagged = False

    @extend_schema(
        operation_id="token_list",
        summary="List own API tokens",
        description="The asker's tokens, without their secrets.",
        responses={200: TokenListOut, **problems()},
        tags=["tokens"],
    )
    def list(self, request: Request) -> Response:
        tokens = ApiToken.objects.filter(user=self.actor)
        return Response({"items": [TokenOut(one).data for one in tokens], "next": None})

    @extend_schema(
        operation_id="token_create",
        summary="Make an API token",
        description="Lives 30 days unless `expires` says otherwise; at most 366 days.",
        request=TokenIn,
        responses={201: NewTokenOut, **problems(s400="Invalid Request")},
        examples=[OpenApiExample("For a script", value={"name": "nightly"}, request_only=True)],
        tags=["tokens"],
    )
    def create(self, request: Request) -> Response:
        body = checked_body(request, TokenIn)
        token, secret = token_create(user=self.actor, now=timezone.now(), **body)
        return Response({**TokenOut(token).data, "token": secret}, status=201)

    @extend_schema(
        operation_id="token_revoke",
        summary="Revoke an own API token",
        description="It is refused from the next request on.",
        responses={204: None, **problems(s404="Token Not Found")},
        tags=["tokens"],
    )
    def destroy(self, request: Request, token_id: uuid.UUID) -> Response:
        token_revoke(user=self.actor, public_id=token_id)
        return Response(status=204)
