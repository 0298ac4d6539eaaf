"""Approve and reject from the browser, bound to what was shown (contract §4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from leases.errors import DomainError
from leases.models import User
from leases.page_errors import sentence
from personas.errors import ProposalNotPending, RationaleRequired, ReviewOutdated, StaleProposal
from personas.models import Proposal
from personas.services.decisions import Reviewed, proposal_approve, proposal_reject

APPROVE, REJECT = "approve", "reject"


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """What was typed and shown. ``decision`` is empty until a button was pressed."""

    decision: str = ""
    rationale: str = ""
    digest: str = ""
    version: int | None = None
    error: str = ""
    rationale_error: str = ""
    status: int = field(default=200, compare=False)

    def shows(self, proposal: Proposal, version: int) -> bool:
        """Whether the form was opened on what the page shows now."""
        return self.digest == proposal.digest and self.version == version


def read_decision(data: QueryDict, *, name: str) -> DecisionForm:
    """The form as it was sent; ``name`` is the member that holds the decision."""
    decision = data.get(name, "")
    version = data.get("version", "")
    return DecisionForm(
        decision=decision if decision in (APPROVE, REJECT) else "",
        rationale=data.get("rationale", ""),
        digest=data.get("digest", ""),
        version=int(version)
        if version.isascii() and version.isdigit() and len(version) < 10
        else None,
    )


def decide(request: HttpRequest, proposal: Proposal, form: DecisionForm, now: datetime) -> str:
    """Carry the decision out; the text of the message that reports it. Raises domain errors."""
    actor = request.user
    assert isinstance(actor, User)  # noqa: S101  the desk lets nobody else in
    if form.decision == APPROVE:
        if form.version is None:
            raise ReviewOutdated(_("The form does not say what was reviewed; look again."))
        entry = proposal_approve(
            actor=actor,
            proposal_id=proposal.pk,
            now=now,
            reviewed=Reviewed(form.digest, form.version),
            rationale=form.rationale,
        )
        facts = {"persona": str(proposal.persona), "version": entry.version}
        return _("Approved. %(persona)s is now at version %(version)d.") % facts
    proposal_reject(actor=actor, proposal_id=proposal.pk, rationale=form.rationale, now=now)
    return _("Rejected. %(persona)s stays as it is.") % {"persona": str(proposal.persona)}


def refusal_text(error: DomainError) -> str:
    """What the page says of a decision that was refused; what was typed is still there."""
    if isinstance(error, ProposalNotPending):
        return _("Somebody else decided first. Nothing was applied twice.")
    if isinstance(error, ReviewOutdated):
        return _("The persona changed while you were looking. Look again, then decide.")
    if isinstance(error, StaleProposal):
        return _("The persona moved on and the proposal does not fit it any more.")
    return "" if isinstance(error, RationaleRequired) else sentence(error)
