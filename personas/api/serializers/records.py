"""Shapes of persona records (contract §3)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from leases.api.fields import JSONValue, StrictBoolean, StrictString
from personas.api.serializers.proposals import ProposalOut
from personas.models import Persona


class PersonaIn(serializers.Serializer[Any]):
    """What ``POST /admin/persona`` takes. The record's schema judges the values."""

    id = StrictString(required=False)
    owner_kind = StrictString()
    owner_ref = StrictString()
    name = StrictString(required=False, allow_null=True)
    archetype = StrictString(required=False, allow_null=True)
    traits = JSONValue(required=False)
    preferences = JSONValue(required=False)
    worldview = JSONValue(required=False)
    vibe_profile = JSONValue(required=False)
    calibration = JSONValue(required=False)
    accessibility_attested = StrictBoolean(
        required=False,
        default=False,
        help_text="Needed for a grant of consent where ARW_PERSONA_ACCESSIBILITY is `attest`.",
    )


class PersonaOut(serializers.Serializer[Persona]):
    """A persona record."""

    id = serializers.CharField()
    owner_kind = serializers.ChoiceField(choices=Persona.OwnerKind.choices)
    owner_ref = serializers.CharField()
    name = serializers.CharField(allow_null=True)
    archetype = serializers.CharField(allow_null=True)
    traits = serializers.JSONField()
    preferences = serializers.JSONField()
    worldview = serializers.JSONField()
    vibe_profile = serializers.JSONField()
    calibration = serializers.JSONField()
    updated = serializers.CharField(help_text="RFC 3339 with milliseconds.")
    updated_at = serializers.IntegerField(help_text="The same instant in unix milliseconds.")
    version = serializers.IntegerField()

    def to_representation(self, persona: Persona) -> dict[str, Any]:
        return {
            **persona.document,
            "updated": persona.updated,
            "updated_at": persona.updated_at,
            "version": persona.version,
        }


class PersonaSummaryOut(PersonaOut):
    """A persona in a list."""

    pending_proposals = serializers.IntegerField()
    approvals_required = serializers.BooleanField()

    def to_representation(self, persona: Persona) -> dict[str, Any]:
        pending: int = vars(persona)["pending_count"]  # annotated by the QuerySet
        return {
            **super().to_representation(persona),
            "pending_proposals": pending,
            "approvals_required": pending > 0,
        }


class PersonaDetailOut(PersonaOut):
    """A persona by itself. The previews are there only when consent and a lease allow them."""

    pending_proposals = ProposalOut(many=True)
    approvals_required = serializers.BooleanField()
    links = serializers.DictField(child=serializers.CharField())
    context_bias_preview = serializers.DictField(required=False)
    vibe_metrics_preview = serializers.DictField(required=False)


class PersonaListOut(serializers.Serializer[Any]):
    """A page of personas."""

    items = PersonaSummaryOut(many=True)
    next = serializers.CharField(allow_null=True)
