"""Shapes of what happens to a proposal after it was submitted (contract §4)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from leases.api.fields import JSONValue, StrictBoolean, StrictInteger, StrictString
from personas.models import Proposal


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


class RequestChangesIn(serializers.Serializer[Any]):
    """What ``request-changes`` takes."""

    comment = StrictString(allow_blank=True)


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


class CommentIn(serializers.Serializer[Any]):
    """What ``comments`` takes."""

    text = StrictString(allow_blank=True)
    path = StrictString(required=False, allow_null=True, allow_blank=True, default="")


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
