"""Shapes of proposals as they are sent and shown (contract §4)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from leases.api.fields import JSONValue, StrictString
from leases.instants import rfc3339, to_unix_ms
from personas.models import Approval, Comment, Proposal, ProposalRevision
from personas.overlaps import Overlap


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


class SubmittedOut(serializers.Serializer[Any]):
    """The id of a proposal just made."""

    proposal_id = serializers.UUIDField()


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
