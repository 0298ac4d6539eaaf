"""What is to be read before memory is shared with personas (contract §10)."""

from __future__ import annotations

from dataclasses import asdict

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leases.api.documentation import problems
from leases.api.guard import GuardedViewSet
from telemetry.api.serializers import NoticeOut
from telemetry.memory.sharing_notice import current_sharing_notice


class SharingNoticeViewSet(GuardedViewSet):
    """The notice in force."""

    @extend_schema(
        operation_id="sharing_notice",
        summary="Read the notice on sharing memory",
        description=(
            "What a lease `share:persona` shares, what happens with it, who reads it, how to take "
            "it back: in the language of the request. Show it before such a lease is granted. "
            "Receipts name its version and hash."
        ),
        responses={200: NoticeOut, **problems(s501="Persona Disabled")},
        examples=[
            OpenApiExample(
                "Shortened",
                value={
                    "version": "1",
                    "title": "Sharing memory with personas",
                    "paragraphs": ["What is shared: …", "What happens with it: …"],
                    "sha256": "9f" * 32,
                },
                response_only=True,
                status_codes=["200"],
            )
        ],
        tags=["memory"],
    )
    def retrieve(self, request: Request) -> Response:
        notice = current_sharing_notice()
        return Response({**asdict(notice), "sha256": notice.sha256})
