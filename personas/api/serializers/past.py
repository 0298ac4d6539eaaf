"""Shapes of a record's past: history, comparison, proof, restoring (contract §5)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from leases.api.fields import StrictInteger, StrictString
from leases.instants import rfc3339
from personas.documents.compare import FieldChange
from personas.models import HistoryEntry


class HistoryOut(serializers.Serializer[HistoryEntry]):
    """One applied change."""

    id = serializers.IntegerField()
    persona_id = serializers.CharField()
    version = serializers.IntegerField()
    proposal_id = serializers.UUIDField(allow_null=True)
    kind = serializers.ChoiceField(choices=HistoryEntry.Kind.choices)
    diff = serializers.JSONField()
    inverse = serializers.JSONField()
    applied_by = serializers.UUIDField()
    applied_at = serializers.CharField()
    document_digest = serializers.CharField()
    prev_hash = serializers.CharField()
    entry_hash = serializers.CharField()

    def to_representation(self, entry: HistoryEntry) -> dict[str, Any]:
        return {
            "id": entry.id,
            "persona_id": entry.persona_id,
            "version": entry.version,
            "proposal_id": None if entry.proposal_id is None else str(entry.proposal_id),
            "kind": str(entry.kind),
            "diff": entry.diff,
            "inverse": entry.inverse,
            "applied_by": str(entry.applied_by_id),
            "applied_at": rfc3339(entry.applied_at),
            "document_digest": entry.document_digest,
            "prev_hash": entry.prev_hash,
            "entry_hash": entry.entry_hash,
        }


class HistoryListOut(serializers.Serializer[Any]):
    """A page of history, the newest first."""

    items = HistoryOut(many=True)
    next = serializers.CharField(allow_null=True)


class VerificationOut(serializers.Serializer[Any]):
    """The result of proving a history; ``first_bad_version`` names the first unsound row."""

    persona_id = serializers.CharField()
    ok = serializers.BooleanField()
    checked = serializers.IntegerField()
    version = serializers.IntegerField()
    first_bad_version = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    detail = serializers.CharField(allow_null=True)
    anchor = serializers.ChoiceField(choices=["anchored", "unanchored"])


class FieldChangeOut(serializers.Serializer[Any]):
    """One changed path."""

    path = serializers.CharField()
    kind = serializers.ChoiceField(choices=["added", "removed", "changed", "moved"])
    before = serializers.JSONField()
    after = serializers.JSONField()
    from_path = serializers.CharField(allow_null=True)

    def to_representation(self, change: FieldChange) -> dict[str, Any]:
        return {
            "path": change.path,
            "kind": change.kind,
            "before": change.before,
            "after": change.after,
            "from_path": change.from_path or None,
        }


class CompareOut(serializers.Serializer[Any]):
    """What changed between two versions."""

    persona_id = serializers.CharField()
    to = serializers.IntegerField()
    changes = FieldChangeOut(many=True)
    diff = serializers.JSONField(help_text="RFC 6902 from the one to the other.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # "from" is no name that a class body could assign to.
        return {"from": serializers.IntegerField(), **super().get_fields()}


class RestoreIn(serializers.Serializer[Any]):
    """What ``restore`` takes."""

    version = StrictInteger()
    rationale = StrictString(required=False, allow_null=True, allow_blank=True, default="")
