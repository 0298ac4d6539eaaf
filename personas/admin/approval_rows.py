"""Who said yes so far, and whether it still counts (contract §4)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from leases.models import User
from personas.models import Approval, Proposal
from personas.review import Review


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """One approval; ``reason`` says why it does not count any more, and is empty when it does."""

    approval: Approval
    reason: str

    @property
    def counts(self) -> bool:
        return not self.reason


def approval_rows(review: Review) -> list[ApprovalRow]:
    """Every approval that was ever given to the proposal, the oldest first."""
    standing = {approval.pk for approval in review.approvals}
    given = review.proposal.approvals.select_related("approver").order_by("created_at", "pk")
    return [ApprovalRow(one, "" if one.pk in standing else _reason(one, review)) for one in given]


def approvals_after(review: Review, viewer: User) -> int:
    """How many approvals would count if the viewer approved now."""
    return len({approval.approver_id for approval in review.approvals} | {viewer.pk})


def own_approval(review: Review, viewer: User) -> Approval | None:
    """The viewer's approval that counts, of a proposal that still needs others."""
    if review.status != Proposal.Status.PENDING:
        return None
    return next((one for one in review.approvals if one.approver_id == viewer.pk), None)


def _reason(approval: Approval, review: Review) -> str:
    if approval.revision != review.proposal.revision:
        text = _("It was given to revision %(old)d; the proposal is at revision %(new)d now.")
        return text % {"old": approval.revision, "new": review.proposal.revision}
    if review.status != Proposal.Status.PENDING:
        return _("It was given to another result than the one that was decided on.")
    return _("The persona changed since, and the result is another one.")
