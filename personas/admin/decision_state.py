"""The decision as the page shows it: what was typed, what was refused, and what it is bound to."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from leases.errors import DomainError
from leases.models import User
from leases.page_errors import page_status
from personas.admin.refusals import Refusal, outdated, refusal_of
from personas.admin.review_decision import DecisionForm, is_about_attestation, is_about_rationale
from personas.review import Review


@dataclass(frozen=True, slots=True)
class DecisionState:
    """The form for the template. ``decision`` is empty unless its confirmation is to be open.

    ``digest`` and ``version`` are of what the page shows now.
    """

    decision: str
    rationale: str
    attested: bool
    digest: str
    version: int
    status: int = 200
    refusal: Refusal | None = None
    rationale_error: str = ""
    attested_error: str = ""


def decision_state(
    form: DecisionForm, error: DomainError | None, review: Review, viewer: User
) -> DecisionState:
    """The state of the page's form after ``error``, or before anything was sent.

    A confirmation that was opened on something older is closed again, with a word about it: it is
    never bound to what nobody saw. What was typed stays; what was attested was about the older.
    One that is asked for without saying on what is about what is shown.
    """
    proposal, version = review.proposal, review.version
    asks = error is None and not form.digest and form.version is None
    if form.decision and not asks and not form.shows(proposal, version):
        refusal = refusal_of(error, form, review, viewer) if error else None
        return DecisionState(
            decision="",
            rationale=form.rationale,
            attested=False,
            digest=proposal.digest,
            version=version,
            status=int(page_status(error)) if error else 200,
            refusal=refusal or outdated(form, review),
        )
    if error is None:
        return DecisionState(
            decision=form.decision,
            rationale=form.rationale,
            attested=form.attested,
            digest=proposal.digest,
            version=version,
        )
    return DecisionState(
        decision=form.decision,
        rationale=form.rationale,
        attested=form.attested,
        digest=proposal.digest,
        version=version,
        status=int(page_status(error)),
        refusal=refusal_of(error, form, review, viewer),
        rationale_error=error.errors[0].message if is_about_rationale(error) else "",
        attested_error=_("Consent can only be given here with this box ticked.")
        if is_about_attestation(error)
        else "",
    )
