"""Shapes of records, proposals and history (contract §3 to §5)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from leases.api.fields import JSONValue, StrictBoolean, StrictInteger, StrictString
from leases.instants import rfc3339, to_unix_ms
from personas.documents.compare import FieldChange
from personas.models import (
    Approval,
    Comment,
    HistoryEntry,
    Persona,
    Proposal,
    ProposalRevision,
)
from personas.overlaps import Overlap


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


class ProposalIn(serializers.Serializer[Any]):
    """What ``POST /admin/persona/{id}/proposals`` takes."""

    diff = JSONValue(required=False, default=list, help_text="RFC 6902 array or RFC 7396 object.")
    rationale = StrictString(required=False, allow_null=True, allow_blank=True, default="")
    telemetry_scope = JSONValue(required=False, default=dict)
    leases_required = JSONValue(required=False, default=list)
    submitted_by = StrictString(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=200,
        default="",
        help_text="A label for whom this is done. The author is always who is signed in.",
    )


class ProposalOut(serializers.Serializer[Proposal]):
    """A proposal as lists show it."""

    proposal_id = serializers.UUIDField()
    persona_id = serializers.CharField()
    submitted_by = serializers.UUIDField()
    on_behalf_of = serializers.CharField(allow_null=True)
    diff = serializers.JSONField()
    rationale = serializers.CharField(allow_null=True)
    telemetry_scope = serializers.JSONField()
    leases_required = serializers.ListField(child=serializers.CharField())
    status = serializers.ChoiceField(choices=Proposal.Status.choices)
    base_version = serializers.IntegerField()
    digest = serializers.CharField()
    revision = serializers.IntegerField()
    changes_requested = serializers.BooleanField()
    created = serializers.CharField()
    updated = serializers.CharField()
    created_at = serializers.IntegerField()
    updated_at = serializers.IntegerField()
    expires_at = serializers.IntegerField()
    decided_by = serializers.UUIDField(allow_null=True)
    decided_at = serializers.IntegerField(allow_null=True)
    decision_rationale = serializers.CharField(allow_null=True)

    def to_representation(self, proposal: Proposal) -> dict[str, Any]:
        decided = proposal.decided_at
        return {
            "proposal_id": str(proposal.proposal_id),
            "persona_id": proposal.persona_id,
            "submitted_by": str(proposal.submitted_by_id),
            "on_behalf_of": proposal.on_behalf_of or None,
            "diff": proposal.diff,
            "rationale": proposal.rationale or None,
            "telemetry_scope": proposal.telemetry_scope,
            "leases_required": proposal.leases_required,
            "status": str(proposal.status_at(self.context["now"])),
            "base_version": proposal.base_version,
            "digest": proposal.digest,
            "revision": proposal.revision,
            "changes_requested": proposal.changes_requested_at is not None,
            "created": rfc3339(proposal.created_at),
            "updated": rfc3339(proposal.updated_at),
            "created_at": to_unix_ms(proposal.created_at),
            "updated_at": to_unix_ms(proposal.updated_at),
            "expires_at": to_unix_ms(proposal.expires_at),
            "decided_by": None if not proposal.decided_by_id else str(proposal.decided_by_id),
            "decided_at": None if decided is None else to_unix_ms(decided),
            "decision_rationale": proposal.decision_rationale or None,
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


class ProposalListOut(serializers.Serializer[Any]):
    """A page of proposals."""

    items = ProposalOut(many=True)
    next = serializers.CharField(allow_null=True)


class ImpactOut(serializers.Serializer[Any]):
    """One consequence of a proposal."""

    kind = serializers.CharField()
    severity = serializers.ChoiceField(choices=["low", "medium", "high"])
    path = serializers.CharField()
    before = serializers.JSONField()
    after = serializers.JSONField()
    summary = serializers.CharField()


class ConflictOut(serializers.Serializer[Any]):
    """One path that both sides changed."""

    path = serializers.CharField()
    base = serializers.JSONField()
    ours = serializers.JSONField()
    theirs = serializers.JSONField()


class RebaseOut(serializers.Serializer[Any]):
    """Where the proposal stands on the record as it is now."""

    state = serializers.ChoiceField(choices=["current", "rebased", "conflicting", "nothing_left"])
    result = serializers.JSONField(allow_null=True)
    conflicts = ConflictOut(many=True)


class OverlapOut(serializers.Serializer[Any]):
    """Another pending proposal that touches the same paths."""

    proposal_id = serializers.UUIDField()
    submitted_by = serializers.UUIDField()
    paths = serializers.ListField(child=serializers.CharField())

    def to_representation(self, overlap: Overlap) -> dict[str, Any]:
        return {
            "proposal_id": str(overlap.proposal.proposal_id),
            "submitted_by": str(overlap.proposal.submitted_by_id),
            "paths": list(overlap.paths),
        }


class ApprovalOut(serializers.Serializer[Approval]):
    """One approver's yes; ``standing`` says whether it still counts."""

    approver = serializers.UUIDField()
    revision = serializers.IntegerField()
    digest = serializers.CharField()
    rationale = serializers.CharField(allow_null=True)
    standing = serializers.BooleanField()
    created = serializers.CharField()

    def to_representation(self, approval: Approval) -> dict[str, Any]:
        return {
            "approver": str(approval.approver_id),
            "revision": approval.revision,
            "digest": approval.digest,
            "rationale": approval.rationale or None,
            "standing": approval.pk in self.context["standing"],
            "created": rfc3339(approval.created_at),
        }


class RevisionOut(serializers.Serializer[ProposalRevision]):
    """What the proposal asked for at one point of its life."""

    number = serializers.IntegerField()
    author = serializers.UUIDField()
    diff = serializers.JSONField()
    rationale = serializers.CharField(allow_null=True)
    telemetry_scope = serializers.JSONField()
    leases_required = serializers.ListField(child=serializers.CharField())
    base_version = serializers.IntegerField()
    digest = serializers.CharField()
    created = serializers.CharField()

    def to_representation(self, revision: ProposalRevision) -> dict[str, Any]:
        return {
            "number": revision.number,
            "author": str(revision.author_id),
            "diff": revision.diff,
            "rationale": revision.rationale or None,
            "telemetry_scope": revision.telemetry_scope,
            "leases_required": revision.leases_required,
            "base_version": revision.base_version,
            "digest": revision.digest,
            "created": rfc3339(revision.created_at),
        }


class CommentOut(serializers.Serializer[Comment]):
    """One line of the thread."""

    id = serializers.IntegerField()
    author = serializers.UUIDField()
    revision = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Comment.Kind.choices)
    path = serializers.CharField(allow_null=True)
    text = serializers.CharField()
    created = serializers.CharField()

    def to_representation(self, comment: Comment) -> dict[str, Any]:
        return {
            "id": comment.pk,
            "author": str(comment.author_id),
            "revision": comment.revision,
            "kind": str(comment.kind),
            "path": comment.path or None,
            "text": comment.text,
            "created": rfc3339(comment.created_at),
        }


class ProposalDetailOut(ProposalOut):
    """A proposal with what it would do now."""

    persona_version = serializers.IntegerField()
    impact = ImpactOut(many=True)
    rebase = RebaseOut(allow_null=True)
    conflicts_with = OverlapOut(many=True)
    approvals = ApprovalOut(many=True)
    approvals_required = serializers.IntegerField()
    revisions = RevisionOut(many=True)
    comments = CommentOut(many=True)


class ReviseIn(serializers.Serializer[Any]):
    """What ``revise`` takes."""

    diff = JSONValue(help_text="RFC 6902 array or RFC 7396 object, on the record as it is now.")
    rationale = StrictString(required=False, allow_null=True, allow_blank=True, default=None)
    digest = StrictString(
        required=False,
        allow_null=True,
        default=None,
        max_length=64,
        help_text="The digest of the revision that was edited.",
    )


class WithdrawIn(serializers.Serializer[Any]):
    """What ``withdraw`` takes."""

    rationale = StrictString(required=False, allow_null=True, allow_blank=True, default="")


class RequestChangesIn(serializers.Serializer[Any]):
    """What ``request-changes`` takes."""

    comment = StrictString(allow_blank=True)


class CommentIn(serializers.Serializer[Any]):
    """What ``comments`` takes."""

    text = StrictString(allow_blank=True)
    path = StrictString(required=False, allow_null=True, allow_blank=True, default="")


class RestoreIn(serializers.Serializer[Any]):
    """What ``restore`` takes."""

    version = StrictInteger()
    rationale = StrictString(required=False, allow_null=True, allow_blank=True, default="")


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


class SubmittedOut(serializers.Serializer[Any]):
    """The id of a proposal just made."""

    proposal_id = serializers.UUIDField()


class ReviewedIn(serializers.Serializer[Any]):
    """What the approver saw."""

    digest = StrictString(max_length=64)
    version = StrictInteger(required=False, allow_null=True, default=None)


class ApproveIn(serializers.Serializer[Any]):
    """What ``approve`` takes."""

    reviewed = ReviewedIn(required=False, allow_null=True, default=None)
    diff = JSONValue(required=False, help_text="Must be the stored one; edits are new proposals.")
    rationale = StrictString(required=False, allow_null=True, allow_blank=True, default="")
    applied_by = StrictString(required=False, allow_null=True, allow_blank=True, max_length=200)
    accessibility_attested = StrictBoolean(
        required=False,
        default=False,
        help_text="Needed for a grant of consent where ARW_PERSONA_ACCESSIBILITY is `attest`.",
    )


class RejectIn(serializers.Serializer[Any]):
    """What ``reject`` takes."""

    rationale = StrictString(required=False, allow_null=True, allow_blank=True, default="")


class DecidedOut(serializers.Serializer[Any]):
    """The outcome of a decision; ``version`` is the persona's after an approval."""

    proposal_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=Proposal.Status.choices)
    persona_id = serializers.CharField()
    version = serializers.IntegerField()
    approvals = serializers.IntegerField(required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # Serializers have an attribute of this name themselves.
        return {**super().get_fields(), "required": serializers.IntegerField(required=False)}


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
