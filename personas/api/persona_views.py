"""Records over HTTP: create, list, read, history (contract §3, §5)."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from leases.api.bodies import checked_body
from leases.api.documentation import problems
from leases.api.etags import tagged
from leases.api.guard import GuardedViewSet
from leases.api.pagination import Key, read_page, text, whole_number
from leases.errors import Fault
from leases.roles import Right
from personas.api.detail import record_shown
from personas.api.past import asked_version, past_record
from personas.api.serializers.past import HistoryListOut, HistoryOut
from personas.api.serializers.records import (
    PersonaDetailOut,
    PersonaIn,
    PersonaListOut,
    PersonaOut,
    PersonaSummaryOut,
)
from personas.documents.pointer import join
from personas.errors import InvalidPersona
from personas.models import HistoryEntry, Persona
from personas.selectors import persona_get
from personas.services.records import persona_create
from personas.services.rights import require_any_manage, require_reader, require_role
from personas.signals import persona_detail_asked

NEWEST_PERSONAS = (Key("updated_at", True, int, whole_number), Key("id", True, str, text))
NEWEST_VERSIONS = (Key("version", True, int, whole_number),)

LIMIT = OpenApiParameter("limit", int, description="At most 500; 50 by default.")
CURSOR = OpenApiParameter("cursor", str, description="`next` of the page before.")


class PersonaViewSet(GuardedViewSet):
    """Persona records."""

    def admit(self, request: Request) -> None:
        if self.action == "create":
            require_role(self.actor, Right.MANAGE)
            require_any_manage(actor=self.actor, now=timezone.now())
            return
        if "persona_id" in self.kwargs:
            self.kwargs["persona"] = persona_get(self.kwargs.pop("persona_id"))
        require_reader(self.actor)

    @extend_schema(
        operation_id="persona_create",
        summary="Create a persona",
        description=(
            "Version 1 of a new record. Needs the role of an admin and the capability "
            "`persona:manage`. Without `id` it gets a UUID."
        ),
        request=PersonaIn,
        responses={
            201: PersonaOut,
            **problems(
                s400="Invalid Persona", s403="Persona Manage Forbidden", s409="Persona Exists"
            ),
        },
        examples=[
            OpenApiExample(
                "A companion",
                value={
                    "id": "persona.alpha",
                    "owner_kind": "workspace",
                    "owner_ref": "local",
                    "name": "Companion",
                    "traits": {"tone": "warm"},
                },
                request_only=True,
            )
        ],
        tags=["personas"],
    )
    def create(self, request: Request) -> Response:
        body = checked_body(request, PersonaIn, InvalidPersona)
        _refuse_unknown(cast("dict[str, Any]", request.data))
        attested = body.pop("accessibility_attested")
        persona = persona_create(
            actor=self.actor,
            fields=body,
            accessibility_attested=attested,
            now=timezone.now(),
        )
        return Response(PersonaOut(persona).data, status=201)

    @extend_schema(
        operation_id="persona_list",
        summary="List personas",
        description="The most recently changed first.",
        parameters=[
            OpenApiParameter("owner_kind", str, enum=Persona.OwnerKind.values),
            OpenApiParameter("owner_ref", str),
            LIMIT,
            CURSOR,
        ],
        responses={
            200: PersonaListOut,
            **problems(s400="Invalid Request", s403="Persona Read Forbidden"),
        },
        tags=["personas"],
    )
    def list(self, request: Request) -> Response:
        personas = Persona.objects.with_pending_count(timezone.now()).newest_first()
        page = read_page(_owned(personas, request), request.query_params, NEWEST_PERSONAS)
        shown = PersonaSummaryOut()
        items = [shown.to_representation(one) for one in page.rows]
        return tagged(request, {"items": items, "next": page.next})

    @extend_schema(
        operation_id="persona_show",
        summary="Read a persona",
        description=(
            "The whole record with its pending proposals. `context_bias_preview` and "
            "`vibe_metrics_preview` are there only when consent and a lease allow the reader. "
            "`version` or `at` read the record as it was, without what belongs to the present."
        ),
        parameters=[
            OpenApiParameter("version", int, description="The record as of this version."),
            OpenApiParameter("at", str, description="The record at this instant, RFC 3339."),
        ],
        responses={
            200: PersonaDetailOut,
            **problems(
                s400="Invalid Request", s403="Persona Read Forbidden", s404="Persona Not Found"
            ),
        },
        tags=["personas"],
    )
    def retrieve(self, request: Request, persona: Persona) -> Response:
        version = asked_version(persona, request.query_params)
        if version is not None:
            return tagged(request, past_record(persona, version))
        now = timezone.now()
        pending = list(persona.proposals.pending_at(now).newest_first())
        data = record_shown(persona, pending, now)
        answers = persona_detail_asked.send(Persona, persona=persona, viewer=self.actor, now=now)
        for further in (cast("dict[str, Any]", answer) for _, answer in answers):
            data |= further
        return tagged(request, data)

    @extend_schema(
        operation_id="persona_history",
        summary="Read the history of a persona",
        description="Every applied change, the newest first, with the hash chain.",
        parameters=[LIMIT, CURSOR],
        responses={
            200: HistoryListOut,
            **problems(
                s400="Invalid Request", s403="Persona Read Forbidden", s404="Persona Not Found"
            ),
        },
        tags=["personas"],
    )
    def history(self, request: Request, persona: Persona) -> Response:
        entries = HistoryEntry.objects.filter(persona=persona).newest_first()
        page = read_page(entries, request.query_params, NEWEST_VERSIONS)
        shown = HistoryOut()
        items = [shown.to_representation(one) for one in page.rows]
        return tagged(request, {"items": items, "next": page.next})


def _owned(personas: QuerySet[Persona], request: Request) -> QuerySet[Persona]:
    wanted = {
        field: request.query_params[field]
        for field in ("owner_kind", "owner_ref")
        if field in request.query_params
    }
    # PostgreSQL refuses U+0000 in a parameter; no owner is called that.
    if any("\x00" in value for value in wanted.values()):
        return personas.none()
    return personas.filter(**wanted)


def _refuse_unknown(body: dict[str, Any]) -> None:
    known = set(PersonaIn().fields)
    faults = [
        Fault(join((name,)), "a persona record has no such field", "unknown_field")
        for name in body
        if name not in known
    ]
    if faults:
        raise InvalidPersona(faults[0].message, errors=faults[:20])
