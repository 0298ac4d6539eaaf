"""One's own API tokens over HTTP (contract §13)."""

from __future__ import annotations

import uuid

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leases.api.bodies import checked_body
from leases.api.documentation import problems
from leases.api.guard import GuardedViewSet
from leases.api.serializers import NewTokenOut, TokenIn, TokenListOut, TokenOut
from leases.models import ApiToken
from leases.tokens import token_create, token_revoke


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
