"""The door for actions over HTTP: do, look up, and what there is (contract §10, §13)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leases.api.bodies import checked_body
from leases.api.documentation import problems
from leases.api.fields import JSONValue, StrictString
from leases.api.guard import GuardedViewSet
from leases.errors import Fault
from leases.instants import rfc3339
from leases.models import ApiToken
from telemetry.actions.kind import Kind
from telemetry.actions.running import action_get, action_run
from telemetry.actions.table import KINDS
from telemetry.errors import InvalidAction
from telemetry.models import ActionRecord

IDEMPOTENCY_KEY = "Idempotency-Key"


class ActionIn(serializers.Serializer[Any]):
    """What ``POST /actions`` takes."""

    kind = StrictString(help_text="One of those that `GET /api/actions` lists.")
    input = JSONValue(help_text="An object that fits the kind's input schema.")


class ActionOut(serializers.Serializer[Any]):
    """An action that was done."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    ok = serializers.BooleanField(help_text="Always true: a refusal leaves no record.")
    output = serializers.DictField(help_text="Fits the kind's output schema.")
    created = serializers.CharField()


class KindOut(serializers.Serializer[Any]):
    """One kind of action."""

    kind = serializers.CharField()
    summary = serializers.CharField()
    right = serializers.CharField(help_text="What the role must carry.")
    capability = serializers.CharField(
        allow_null=True, help_text="What policy or a lease must allow besides."
    )
    input = serializers.DictField(help_text="JSON Schema 2020-12.")
    output = serializers.DictField(help_text="JSON Schema 2020-12.")


class KindListOut(serializers.Serializer[Any]):
    """Every kind of action."""

    items = KindOut(many=True)
    next = serializers.CharField(allow_null=True)


class ActionViewSet(GuardedViewSet):
    """One door for what agents do; each kind does what a door of its own does too."""

    def admit(self, request: Request) -> None:
        if "action_id" in self.kwargs:
            wanted = self.kwargs.pop("action_id")
            self.kwargs["record"] = action_get(actor=self.actor, action_id=wanted)

    @extend_schema(
        operation_id="action_run",
        summary="Do something",
        description=(
            "Calls the service that the kind's own route calls, with the same checks in the same "
            "order, and the same refusals; their pointers lead to `/input`. 202 means committed. "
            "With `Idempotency-Key` a repeat with the same input is answered with the same id and "
            "output, without doing it again; with another input it is 409."
        ),
        parameters=[
            OpenApiParameter(
                IDEMPOTENCY_KEY,
                str,
                OpenApiParameter.HEADER,
                description="1 to 200 visible ASCII characters; per principal and kind, 90 days.",
            )
        ],
        request=ActionIn,
        responses={
            202: ActionOut,
            **problems(
                s400="Invalid Action",
                s403="Persona Manage Forbidden",
                s404="Persona Not Found",
                s409="Idempotency Conflict",
                s412="Telemetry Disabled",
                s429="Rate Limited",
                s501="Persona Disabled",
            ),
        },
        examples=[
            OpenApiExample(
                "Propose",
                value={
                    "kind": "persona.propose",
                    "input": {
                        "persona_id": "persona.alpha",
                        "diff": [{"op": "replace", "path": "/traits/tone", "value": "warm"}],
                    },
                },
                request_only=True,
            ),
            OpenApiExample(
                "Report",
                value={
                    "kind": "self_model.report",
                    "input": {"agent": "scout", "confidence": 0.8, "cost": 1200, "window": 3600},
                },
                request_only=True,
            ),
        ],
        tags=["actions"],
    )
    def create(self, request: Request) -> Response:
        kind, given = _read(request)
        persona_id = given.get("persona_id")
        answer = action_run(
            actor=self.actor,
            kind=kind,
            given=given,
            key=request.headers.get(IDEMPOTENCY_KEY),
            token=request.auth if isinstance(request.auth, ApiToken) else None,
            persona_id=persona_id if isinstance(persona_id, str) else None,
            now=timezone.now(),
        )
        return Response(_shown(answer.record, answer.output), status=202)

    @extend_schema(
        operation_id="action_show",
        summary="Look up an own action",
        description=(
            "What was done and what came of it: ids, without the content that a search found. "
            "Kept for 90 days. Somebody else's is 404."
        ),
        responses={
            200: ActionOut,
            **problems(s403="Persona Read Forbidden", s404="Action Not Found"),
        },
        tags=["actions"],
    )
    def retrieve(self, request: Request, record: ActionRecord) -> Response:
        return Response(_shown(record, record.output or {}))

    @extend_schema(
        operation_id="action_kinds",
        summary="List the kinds of actions",
        description="What each needs, and the JSON Schemas of its input and output.",
        responses={200: KindListOut, **problems(s403="Persona Read Forbidden")},
        tags=["actions"],
    )
    def kinds(self, request: Request) -> Response:
        return Response({"items": [_described(kind) for kind in KINDS.values()], "next": None})


def _read(request: Request) -> tuple[Kind, dict[str, Any]]:
    body = checked_body(request, ActionIn, InvalidAction)
    kind, given = KINDS.get(body["kind"]), body["input"]
    faults = []
    if kind is None:
        faults.append(Fault("/kind", f"kind must be one of {', '.join(KINDS)}", "unknown_kind"))
    if not isinstance(given, dict):
        faults.append(Fault("/input", "input must be an object", "type"))
    if kind is None or faults:
        raise InvalidAction(faults[0].message, errors=faults)
    return kind, given


def _shown(record: ActionRecord, output: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(record.pk),
        "kind": record.kind,
        "ok": True,
        "output": output,
        "created": rfc3339(record.created_at),
    }


def _described(kind: Kind) -> dict[str, Any]:
    return {
        "kind": kind.name,
        "summary": kind.summary,
        "right": kind.right.value,
        "capability": kind.action.capability if kind.action else None,
        "input": kind.input,
        "output": kind.output,
    }
