"""What the viewer can do with a proposal, and why not where they cannot (contract §1, §4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _

from leases.models import User
from leases.roles import Right
from personas.admin.approval_rows import approvals_after
from personas.admin.hindrances import Explanation, explanations
from personas.models import Proposal
from personas.review import Hindrance, Review
from personas.services.approvers import may_decide

APPROVE, REJECT = "approve", "reject"
REQUEST_CHANGES, WITHDRAW, REVISE = "request_changes", "withdraw", "revise"


@dataclass(frozen=True, slots=True)
class DecideOption:
    """One button with its confirmation. With ``url`` it leads to a page of its own instead."""

    name: str
    label: str
    css: str
    help: str
    title: str = ""
    submit: str = ""
    asks: str = ""
    url: str = ""
    reasons: list[Explanation] = field(default_factory=list)

    @property
    def allowed(self) -> bool:
        return not self.reasons


def decide_options(review: Review, viewer: User) -> list[DecideOption]:
    """Approve, reject, ask for changes, revise, withdraw; in the order of the page."""
    reject_off = explanations(review.reject_hindrances, review, viewer)
    names = {"name": str(review.persona)}
    return [
        DecideOption(
            APPROVE,
            _("Approve…"),
            "button-primary",
            _approve_help(review, viewer),
            _("Approve the change to %(name)s?") % names,
            _("Approve the change to %(name)s") % names,
            _("Note (optional)"),
            reasons=explanations(review.approve_hindrances, review, viewer),
        ),
        DecideOption(
            REJECT,
            _("Reject…"),
            "button-danger",
            _("Archives the proposal; the persona stays as it is. You say why."),
            _("Reject the change to %(name)s?") % names,
            _("Reject the change to %(name)s") % names,
            _("Why? (required)"),
            reasons=reject_off,
        ),
        DecideOption(
            REQUEST_CHANGES,
            _("Ask for changes…"),
            "",
            _("The proposal waits, and cannot be approved until it is revised. You say what for."),
            _("Ask for changes to this proposal?"),
            _("Ask for changes"),
            _("What should be different? (required)"),
            reasons=reject_off,
        ),
        *_author_options(review, viewer),
    ]


def option_named(options: list[DecideOption], name: str) -> DecideOption | None:
    """The option of that name, if it can be chosen."""
    return next((one for one in options if one.name == name and one.allowed and not one.url), None)


def revise_reasons(review: Review, viewer: User) -> list[Explanation]:
    """Why the viewer cannot revise the proposal now; empty when they can."""
    return _pending(review, viewer) or [
        *_author_or_approver(review, viewer, _("Revising is for the author and for approvers.")),
        *_lease(review, viewer),
    ]


def _approve_help(review: Review, viewer: User) -> str:
    if viewer.pk in {approval.approver_id for approval in review.approvals}:
        return _("You approved it already, and your approval counts.")
    if approvals_after(review, viewer) < review.required:
        return _("Counts as your yes. You confirm on the next step.")
    return _("Applies the change. You confirm on the next step.")


def _author_options(review: Review, viewer: User) -> list[DecideOption]:
    own = review.proposal.submitted_by_id == viewer.pk
    may = _author_or_approver(review, viewer, _("Withdrawing is for the author and for approvers."))
    names = {"name": str(review.persona)}
    return [
        DecideOption(
            REVISE,
            _("Revise…"),
            "",
            _("Asks for something else under the same proposal. Approvals so far stop counting."),
            url=reverse("admin:personas_proposal_revise", args=[review.proposal.pk]),
            reasons=revise_reasons(review, viewer),
        ),
        DecideOption(
            WITHDRAW,
            _("Withdraw…"),
            "",
            _("Takes the proposal back; the persona stays as it is."),
            _("Withdraw the change to %(name)s?") % names,
            _("Withdraw the proposal"),
            _("Why? (optional)"),
            reasons=_pending(review, viewer)
            or [*may, *([] if own and not may else _lease(review, viewer))],
        ),
    ]


def _pending(review: Review, viewer: User) -> list[Explanation]:
    if review.status == Proposal.Status.PENDING:
        return []
    return explanations([Hindrance.NOT_PENDING], review, viewer)


def _author_or_approver(review: Review, viewer: User, otherwise: str) -> list[Explanation]:
    if review.proposal.submitted_by_id == viewer.pk and viewer.has_right(Right.PROPOSE):
        return []
    if not viewer.has_right(Right.DECIDE):
        return [Explanation(otherwise)]
    named = may_decide(viewer, review.persona)
    return [] if named else explanations([Hindrance.NOT_NAMED], review, viewer)


def _lease(review: Review, viewer: User) -> list[Explanation]:
    return [] if review.lease else explanations([Hindrance.LEASE], review, viewer)
