"""``GET /events``: the live stream as server-sent events (contract §8)."""

from __future__ import annotations

import uuid

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from leases.api.documentation import problems
from leases.api.guard import GuardedViewSet
from leases.roles import Right
from telemetry.errors import EventsReadForbidden
from telemetry.events.broadcaster import broadcaster
from telemetry.events.credentials import credential_of
from telemetry.events.frames import SSE
from telemetry.events.reader import Reader
from telemetry.events.selection import read_selection
from telemetry.sse import sse_response

_EXAMPLE = (
    "retry: 2000\nid: 5f1e0c6a9b3d2874-41\nevent: service.connected\n"
    'data: {"time":"2026-01-31T12:00:00.000Z","kind":"service.connected","payload":'
    '{"request_id":"…","resume_from":null,"replay":{"mode":"live","count":0},"prefixes":null}}\n\n'
)


class EventStreamViewSet(GuardedViewSet):
    """The live stream."""

    feature_flagged = False

    def admit(self, request: Request) -> None:
        if not self.actor.has_right(Right.READ):
            raise EventsReadForbidden

    @extend_schema(
        operation_id="events",
        summary="Follow events",
        description=(
            "A stream that begins with `service.connected`. Each event has an `id`; a client that "
            "comes back with `Last-Event-ID` goes on exactly after it, and is told by "
            "`service.gap` when events in between are no longer there. A comment is sent every "
            "ten seconds. `persona.feedback` reaches only readers who may read that persona's "
            "telemetry at that moment. `ws/events` gives the same over a WebSocket."
        ),
        parameters=[
            OpenApiParameter(
                "prefix",
                str,
                many=True,
                description="Topics that begin with it; separated by commas, repeatable.",
            ),
            OpenApiParameter("replay", int, description="Begin with the newest N of them."),
            OpenApiParameter("after", str, description="Resume after this id."),
            OpenApiParameter("Last-Event-ID", str, OpenApiParameter.HEADER),
        ],
        responses={
            (200, "text/event-stream"): OpenApiResponse(
                OpenApiTypes.STR,
                description="Frames of server-sent events.",
                examples=[OpenApiExample("The first frame", value=_EXAMPLE)],
            ),
            **problems(s400="Invalid Request", s403="Events Read Forbidden"),
        },
        tags=["events"],
    )
    def stream(self, request: Request) -> StreamingHttpResponse:
        selection = read_selection(
            request._request.GET, request.headers.get("Last-Event-ID"), broadcaster
        )
        request_id = request.META.get("HTTP_X_REQUEST_ID") or str(uuid.uuid4())
        reader = Reader(credential_of(request), selection, request_id, SSE)
        return sse_response(request._request, reader)
