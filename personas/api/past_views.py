"""The past of a record over HTTP: compare, restore, verify (contract §4, §5, §13)."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leases.api.bodies import checked_body
from leases.api.documentation import problems
from leases.api.etags import tagged
from leases.api.guard import GuardedViewSet
from personas.api.past import read_version
from personas.api.serializers.past import CompareOut, FieldChangeOut, RestoreIn, VerificationOut
from personas.api.serializers.proposals import SubmittedOut
from personas.documents.compare import compare
from personas.documents.inverse import difference
from personas.errors import InvalidProposal
from personas.models import Persona
from personas.selectors import persona_get
from personas.services.proposals import proposal_restore, submission_admit
from personas.services.rights import require_reader
from personas.verification import documents_between, persona_verify


class PastViewSet(GuardedViewSet):
    """What a record was, and the proof of it."""

    def admit(self, request: Request) -> None:
        persona = persona_get(self.kwargs.pop("persona_id"))
        self.kwargs["persona"] = persona
        if self.action != "restore":
            return require_reader(self.actor)
        return submission_admit(actor=self.actor, persona=persona, now=timezone.now())

    @extend_schema(
        operation_id="persona_compare",
        summary="Compare two versions",
        description="Every changed path, and the diff that leads from one to the other.",
        parameters=[
            OpenApiParameter("from", int, required=True, description="0 is the empty document."),
            OpenApiParameter("to", int, description="The present version by default."),
        ],
        responses={
            200: CompareOut,
            **problems(
                s400="Invalid Request", s403="Persona Read Forbidden", s404="Persona Not Found"
            ),
        },
        tags=["personas"],
    )
    def compare(self, request: Request, persona: Persona) -> Response:
        start = read_version(request.query_params.get("from"), "from")
        end = read_version(request.query_params.get("to", str(persona.version)), "to")
        before, after = documents_between(persona, start, end)
        data = {
            "persona_id": persona.id,
            "from": start,
            "to": end,
            "changes": [FieldChangeOut(one).data for one in compare(before, after)],
            "diff": difference(before, after),
        }
        return tagged(request, data)

    @extend_schema(
        operation_id="persona_verify",
        summary="Prove the history of a persona",
        description=(
            "Replays every change from the empty document, checks the hash chain, and compares "
            "the end with the record. The first row that is not sound is named."
        ),
        responses={
            200: VerificationOut,
            **problems(s403="Persona Read Forbidden", s404="Persona Not Found"),
        },
        tags=["personas"],
    )
    def verify(self, request: Request, persona: Persona) -> Response:
        report = persona_verify(persona)
        return Response(
            {
                "persona_id": persona.id,
                "ok": report.ok,
                "checked": report.checked,
                "version": persona.version,
                "first_bad_version": report.first_bad_version,
                "reason": report.reason or None,
                "detail": report.detail or None,
                "anchor": "anchored" if report.anchored else "unanchored",
            }
        )

    @extend_schema(
        operation_id="persona_restore",
        summary="Propose to restore a version",
        description=(
            "Makes a proposal that takes the record back to what it was at `version`. It is "
            "reviewed like any other, and the version still rises."
        ),
        request=RestoreIn,
        responses={
            201: SubmittedOut,
            **problems(
                s400="Invalid Diff",
                s403="Persona Manage Forbidden",
                s404="Persona Not Found",
                s429="Rate Limited",
            ),
        },
        examples=[OpenApiExample("Version 3", value={"version": 3}, request_only=True)],
        tags=["proposals"],
    )
    def restore(self, request: Request, persona: Persona) -> Response:
        body = checked_body(request, RestoreIn, InvalidProposal)
        proposal = proposal_restore(
            actor=self.actor,
            persona_id=persona.id,
            version=body["version"],
            rationale=body["rationale"] or "",
            now=timezone.now(),
        )
        return Response({"proposal_id": str(proposal.proposal_id)}, status=201)
