"""Requests for leases over HTTP: asking, and answering (contract §13)."""

from __future__ import annotations

import uuid

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leases.api.bodies import checked_body, empty_body
from leases.api.documentation import problems
from leases.api.guard import GuardedViewSet
from leases.api.lease_request_serializers import (
    LeaseRequestDenyIn,
    LeaseRequestGrantIn,
    LeaseRequestIn,
    LeaseRequestOut,
    LeaseRequestPageOut,
)
from leases.api.pagination import Key, instant, read_page, text
from leases.api.serializers import LeaseOut
from leases.errors import Fault, InvalidInput, InvalidLease, LeaseReadForbidden
from leases.models import LeaseRequest
from leases.roles import Right
from leases.services.granting import require_lease_manager
from leases.services.requests import (
    lease_request,
    lease_request_cancel,
    lease_request_deny,
    lease_request_get,
    lease_request_grant,
    own_request_get,
    require_asker,
)

_NEWEST_FIRST = (
    Key("created", True, lambda moment: moment.isoformat(), instant),
    Key("id", True, str, lambda value: uuid.UUID(text(value))),
)
_ANSWERED = problems(
    s400="Invalid Lease",
    s403="Lease Manage Forbidden",
    s404="Lease Request Not Found",
    s409="Lease Request Not Pending",
)


class LeaseRequestViewSet(GuardedViewSet):
    """Ask for a lease, and answer those who ask."""

    feature_flagged = False

    def admit(self, request: Request) -> None:
        if self.action in {"grant", "deny"}:
            lease_request_get(self.kwargs["request_id"])
            require_lease_manager(self.actor)
        elif self.action == "cancel":
            own_request_get(actor=self.actor, request_id=self.kwargs["request_id"])
        elif self.action == "create":
            require_asker(self.actor)
        elif not self.actor.has_right(Right.READ):
            raise LeaseReadForbidden

    @extend_schema(
        operation_id="lease_request",
        summary="Ask for a lease",
        description=(
            "For oneself, with a reason. An admin grants or denies it; the time starts when it is "
            "granted. `ttl_secs` is clamped as in a grant. At most 20 of one's own wait at a time."
        ),
        request=LeaseRequestIn,
        responses={
            201: LeaseRequestOut,
            **problems(
                s400="Invalid Lease",
                s403="Lease Read Forbidden",
                s409="Lease Request Limit Reached",
            ),
        },
        examples=[
            OpenApiExample(
                "An hour to propose changes",
                value={
                    "capability": "persona:manage",
                    "scope": "workspace:local",
                    "ttl_secs": 3600,
                    "reason": "The tone that we agreed on this morning.",
                },
                request_only=True,
            )
        ],
        tags=["leases"],
    )
    def create(self, request: Request) -> Response:
        body = checked_body(request, LeaseRequestIn, InvalidLease)
        asked = lease_request(actor=self.actor, now=timezone.now(), **body)
        return Response(LeaseRequestOut(asked).data, status=201)

    @extend_schema(
        operation_id="lease_request_list",
        summary="List requests for leases",
        description="The newest first. One's own; who manages leases sees everybody's.",
        parameters=[
            OpenApiParameter("status", str, enum=list(LeaseRequest.Status.values)),
            OpenApiParameter("whose", str, enum=["me"], description="One's own only."),
            OpenApiParameter("limit", int, description="At most 500; 50 by default."),
            OpenApiParameter("cursor", str, description="`next` of the page before."),
        ],
        responses={
            200: LeaseRequestPageOut,
            **problems(s400="Invalid Request", s403="Lease Read Forbidden"),
        },
        tags=["leases"],
    )
    def list(self, request: Request) -> Response:
        found = LeaseRequest.objects.newest_first()
        whose = request.query_params.get("whose")
        if whose == "me" or not self.actor.has_right(Right.MANAGE_LEASES):
            found = found.of(self.actor)
        status = request.query_params.get("status")
        if status is not None:
            if status not in LeaseRequest.Status.values:
                message = f"status is one of {', '.join(LeaseRequest.Status.values)}"
                fault = Fault("?status", message, "query")
                raise InvalidInput(message, errors=[fault], code="invalid_query")
            found = found.filter(status=status)
        page = read_page(found, request.query_params, _NEWEST_FIRST)
        items = [LeaseRequestOut(one).data for one in page.rows]
        return Response({"items": items, "next": page.next})

    @extend_schema(
        operation_id="lease_request_grant",
        summary="Grant a request",
        description=(
            "Lends what was asked for to whoever asked, from now on; `ttl_secs` and `budget` take "
            "the place of what was asked for. Answers with the lease. Of two answers at once "
            "exactly one counts."
        ),
        request=LeaseRequestGrantIn,
        responses={201: LeaseOut, **_ANSWERED},
        examples=[OpenApiExample("Half an hour", value={"ttl_secs": 1800}, request_only=True)],
        tags=["leases"],
    )
    def grant(self, request: Request, request_id: uuid.UUID) -> Response:
        body = checked_body(request, LeaseRequestGrantIn, InvalidLease)
        lease = lease_request_grant(
            actor=self.actor, request_id=request_id, now=timezone.now(), **body
        )
        return Response(LeaseOut(lease).data, status=201)

    @extend_schema(
        operation_id="lease_request_deny",
        summary="Deny a request",
        description="Whoever asked reads the reason, which is required.",
        request=LeaseRequestDenyIn,
        responses={200: LeaseRequestOut, **_ANSWERED},
        examples=[
            OpenApiExample(
                "With a reason", value={"reason": "Ask for one workspace."}, request_only=True
            )
        ],
        tags=["leases"],
    )
    def deny(self, request: Request, request_id: uuid.UUID) -> Response:
        body = checked_body(request, LeaseRequestDenyIn, InvalidLease)
        asked = lease_request_deny(
            actor=self.actor, request_id=request_id, now=timezone.now(), **body
        )
        return Response(LeaseRequestOut(asked).data)

    @extend_schema(
        operation_id="lease_request_cancel",
        summary="Take one's own request back",
        description="Somebody else's request is not found.",
        request=None,
        responses={
            200: LeaseRequestOut,
            **problems(
                s403="Lease Read Forbidden",
                s404="Lease Request Not Found",
                s409="Lease Request Not Pending",
            ),
        },
        tags=["leases"],
    )
    def cancel(self, request: Request, request_id: uuid.UUID) -> Response:
        empty_body(request)
        asked = lease_request_cancel(actor=self.actor, request_id=request_id, now=timezone.now())
        return Response(LeaseRequestOut(asked).data)
