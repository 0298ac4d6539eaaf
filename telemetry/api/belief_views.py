"""What a persona believes, over HTTP (contract §10, §13)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from leases.api.documentation import problems
from leases.api.etags import tagged
from leases.api.guard import GuardedViewSet
from personas.models import Persona
from personas.selectors import persona_get
from personas.services.rights import require_reader
from telemetry.memory.beliefs import SUMMARY_MAX, cited_by, world_beliefs
from telemetry.memory.gathering import standings_of
from telemetry.memory.held import Footing, Standing

CITED = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
BELIEFS_EXAMPLE = {
    "persona_id": "persona.alpha",
    "version": 3,
    "items": [
        {
            "id": "persona::persona.alpha::profile",
            "persona_id": "persona.alpha",
            "lane": "worldview",
            "slot": "persona_profile",
            "kind": "persona_profile",
            "confidence": 0.62,
            "weight": 0.62,
            "updated": "2026-01-31T12:00:00.000Z",
            "source": "persona",
            "rationale": {"type": "persona_profile", "version": 3},
            "citations": [],
            "standing": "uncited",
        },
        {
            "id": "persona::persona.alpha::persona_worldview::sources-come-first",
            "persona_id": "persona.alpha",
            "lane": "worldview",
            "slot": "persona_worldview",
            "kind": "persona_worldview",
            "label": "Sources come first",
            "summary": "citations: …, confidence: 0.74, id: sources-come-first, …",
            "value": {
                "id": "sources-come-first",
                "statement": "Sources come first",
                "confidence": 0.74,
                "citations": [CITED],
            },
            "confidence": 0.74,
            "weight": 0.74,
            "updated": "2026-01-31T12:00:00.000Z",
            "source": "persona",
            "rationale": {"type": "persona_worldview", "label": "Sources come first"},
            "citations": [{"id": CITED, "state": "shared"}],
            "standing": "holds",
        },
    ],
}


class CitationOut(serializers.Serializer[Any]):
    """A memory item that a belief rests on, and whether it still holds."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=[str(one) for one in Standing])


class BeliefOut(serializers.Serializer[Any]):
    """One belief. The profile has the record's fields in place of label, summary and value."""

    id = serializers.CharField()
    persona_id = serializers.CharField()
    lane = serializers.CharField()
    slot = serializers.CharField()
    kind = serializers.CharField()
    label = serializers.CharField(required=False)  # type: ignore[assignment]
    summary = serializers.CharField(
        required=False,
        help_text=f"The first {SUMMARY_MAX} characters, and an ellipsis where there is more.",
    )
    value = serializers.JSONField(required=False)
    name = serializers.CharField(required=False, allow_null=True)
    archetype = serializers.CharField(required=False, allow_null=True)
    traits = serializers.JSONField(required=False)
    preferences = serializers.JSONField(required=False)
    worldview = serializers.JSONField(required=False)
    calibration = serializers.JSONField(required=False)
    confidence = serializers.FloatField(min_value=0, max_value=1)
    weight = serializers.FloatField(min_value=0, max_value=1)
    updated = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    rationale = serializers.DictField()
    citations = CitationOut(many=True)
    standing = serializers.ChoiceField(
        choices=[str(one) for one in Footing],
        help_text="`lost`: it rests on memory alone, and none of it is shared any more.",
    )


class BeliefListOut(serializers.Serializer[Any]):
    """All beliefs of the record at `version`."""

    persona_id = serializers.CharField()
    version = serializers.IntegerField()
    items = BeliefOut(many=True)


class BeliefViewSet(GuardedViewSet):
    """Beliefs of a persona."""

    def admit(self, request: Request) -> None:
        self.kwargs["persona"] = persona_get(self.kwargs.pop("persona_id"))
        require_reader(self.actor)

    @extend_schema(
        operation_id="persona_beliefs",
        summary="Read what a persona believes",
        description=(
            "The whole profile, then at most 16 traits, 16 preferences and 16 parts of the "
            "worldview, each with how sure the record is of it, the memory items that it cites, "
            "and whether they still hold: an item that was erased or is no longer shared does not."
        ),
        responses={
            200: BeliefListOut,
            **problems(
                s403="Persona Read Forbidden", s404="Persona Not Found", s501="Persona Disabled"
            ),
        },
        examples=[
            OpenApiExample(
                "The profile and a belief",
                value=BELIEFS_EXAMPLE,
                response_only=True,
                status_codes=["200"],
            )
        ],
        tags=["memory"],
    )
    def list(self, request: Request, persona: Persona) -> Response:
        beliefs = world_beliefs(
            persona.document,
            version=persona.version,
            updated=persona.updated,
            standings=standings_of(persona, cited_by(persona.document), timezone.now()),
        )
        data = {"persona_id": persona.pk, "version": persona.version, "items": beliefs}
        return tagged(request, data)
