"""Consent over HTTP: the switch, the notice, the receipts (contract §7, §13)."""

from __future__ import annotations

from dataclasses import asdict

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leases.api.bodies import checked_body
from leases.api.documentation import problems
from leases.api.guard import GuardedViewSet
from leases.api.pagination import Key, read_page, whole_number
from personas.selectors import persona_get
from personas.services.rights import require_reader
from telemetry.api.serializers import (
    ConsentIn,
    ConsentOut,
    NoticeOut,
    ReceiptListOut,
    ReceiptOut,
)
from telemetry.errors import InvalidConsent
from telemetry.models import ConsentReceipt
from telemetry.notices import current_notice
from telemetry.services.consent import consent_admit, consent_set

RECEIPT_EXAMPLE = {
    "id": 1,
    "persona_id": "persona.alpha",
    "version": 2,
    "scope": "workspace",
    "purpose": "vibe_feedback",
    "move": "grant",
    "method": "switch",
    "principal": "0b6e2a52-5d0c-4f6e-9a6b-7a3f0e1c2d34",
    "notice_version": "1",
    "notice_sha256": "9f" * 32,
    "recorded_at": "2026-01-31T12:00:00.000Z",
}
NEWEST_RECEIPTS = (Key("id", True, int, whole_number),)


class ConsentViewSet(GuardedViewSet):
    """The consent switch of a persona."""

    def admit(self, request: Request) -> None:
        consent_admit(actor=self.actor, persona_id=self.kwargs["persona_id"], now=timezone.now())

    @extend_schema(
        operation_id="persona_telemetry",
        summary="Turn telemetry on or off",
        description=(
            "Writes `preferences.telemetry.vibe` as a new version of the record, with a receipt. "
            "What is so already changes nothing. Needs the role of an admin and the capability "
            "`persona:manage`. Show the notice (`GET /state/consent-notice`) before a grant."
        ),
        request=ConsentIn,
        responses={
            200: ConsentOut,
            **problems(
                s400="Invalid Telemetry Toggle",
                s403="Persona Manage Forbidden",
                s404="Persona Not Found",
                s409="Version Moved",
                s412="Accessibility Check Required",
                s501="Persona Disabled",
            ),
        },
        examples=[
            OpenApiExample("On", value={"enabled": True, "scope": "workspace"}, request_only=True),
            OpenApiExample("Off", value={"enabled": False}, request_only=True),
            OpenApiExample(
                "On for the workspace",
                value={
                    "persona_id": "persona.alpha",
                    "preferences": {"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}},
                },
                response_only=True,
                status_codes=["200"],
            ),
        ],
        tags=["telemetry"],
    )
    def create(self, request: Request, persona_id: str) -> Response:
        body = checked_body(request, ConsentIn, InvalidConsent)
        persona = consent_set(actor=self.actor, persona_id=persona_id, now=timezone.now(), **body)
        return Response({"persona_id": persona.id, "preferences": persona.preferences})


class ReceiptViewSet(GuardedViewSet):
    """Receipts of a persona's consent."""

    def admit(self, request: Request) -> None:
        persona_get(self.kwargs["persona_id"])
        require_reader(self.actor)

    @extend_schema(
        operation_id="persona_receipts",
        summary="Read consent receipts",
        description="Every grant and withdrawal, the newest first.",
        parameters=[
            OpenApiParameter("limit", int, description="At most 500; 50 by default."),
            OpenApiParameter("cursor", str, description="`next` of the page before."),
        ],
        responses={
            200: ReceiptListOut,
            **problems(
                s400="Invalid Request",
                s403="Persona Read Forbidden",
                s404="Persona Not Found",
                s501="Persona Disabled",
            ),
        },
        examples=[
            OpenApiExample(
                "A grant by the switch",
                value={"items": [RECEIPT_EXAMPLE], "next": None},
                response_only=True,
                status_codes=["200"],
            )
        ],
        tags=["telemetry"],
    )
    def list(self, request: Request, persona_id: str) -> Response:
        rows = ConsentReceipt.objects.filter(persona_id=persona_id).select_related("history")
        page = read_page(rows.order_by("-id"), request.query_params, NEWEST_RECEIPTS)
        return Response({"items": ReceiptOut(page.rows, many=True).data, "next": page.next})


class NoticeViewSet(GuardedViewSet):
    """The notice in force."""

    @extend_schema(
        operation_id="consent_notice",
        summary="Read the consent notice",
        description=(
            "What is collected, how long it is kept, who reads it, how to withdraw: in the "
            "language of the request, with this server's retention. Receipts name its version "
            "and hash."
        ),
        responses={200: NoticeOut, **problems(s501="Persona Disabled")},
        examples=[
            OpenApiExample(
                "Shortened",
                value={
                    "version": "1",
                    "title": "Feedback about this persona",
                    "paragraphs": ["What is collected: …", "How long it is kept: …"],
                    "sha256": "9f" * 32,
                },
                response_only=True,
                status_codes=["200"],
            )
        ],
        tags=["telemetry"],
    )
    def retrieve(self, request: Request) -> Response:
        notice = current_notice()
        return Response({**asdict(notice), "sha256": notice.sha256})
