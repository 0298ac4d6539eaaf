"""Deciding from the browser, bound to what was shown (contract §4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict
from django.utils.translation import gettext as _

from leases.errors import DomainError
from leases.models import User
from personas.admin.decide_options import APPROVE, REJECT, REQUEST_CHANGES, WITHDRAW
from personas.errors import (
    InvalidComment,
    RationaleRequired,
    ReviewOutdated,
)
from personas.models import Proposal
from personas.services.decisions import (
    proposal_approve,
    proposal_reject,
    proposal_request_changes,
)
from personas.services.proposals import proposal_withdraw
from personas.services.reviewed import Reviewed

DECISIONS = (APPROVE, REJECT, REQUEST_CHANGES, WITHDRAW)


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """What was typed and shown. ``decision`` is empty until a button was pressed."""

    decision: str = ""
    rationale: str = ""
    attested: bool = False
    digest: str = ""
    version: int | None = None

    def shows(self, proposal: Proposal, version: int) -> bool:
        """Whether the form was opened on what the page shows now."""
        return self.digest == proposal.digest and self.version == version


def read_decision(data: QueryDict, *, name: str) -> DecisionForm:
    """The form as it was sent; ``name`` is the member that holds the decision."""
    decision = data.get(name, "")
    version = data.get("version", "")
    return DecisionForm(
        decision=decision if decision in DECISIONS else "",
        rationale=data.get("rationale", ""),
        attested=data.get("attested") == "yes",
        digest=data.get("digest", ""),
        version=int(version)
        if version.isascii() and version.isdigit() and len(version) < 10
        else None,
    )


def decide(actor: User, proposal: Proposal, form: DecisionForm, now: datetime) -> str:
    """Carry the decision out; the text of the message that reports it. Raises domain errors.

    Whatever is decided, it is about the revision that was shown.
    """
    pending = proposal.status_at(now) == Proposal.Status.PENDING
    if pending and form.digest != proposal.digest:
        raise ReviewOutdated
    return _CARRY_OUT[form.decision](actor, proposal, form, now)


def is_about_rationale(error: DomainError) -> bool:
    """Whether the refusal belongs beside the text of the decision."""
    return isinstance(error, RationaleRequired | InvalidComment) and bool(error.errors)


def is_about_attestation(error: DomainError) -> bool:
    """Whether consent would be granted without the attestation that this server asks for."""
    return error.code == "accessibility_check_required"


def _approve(actor: User, proposal: Proposal, form: DecisionForm, now: datetime) -> str:
    if form.version is None:
        raise ReviewOutdated(_("The form does not say what was reviewed; look again."))
    decided = proposal_approve(
        actor=actor,
        proposal_id=proposal.pk,
        now=now,
        reviewed=Reviewed(form.digest, form.version),
        rationale=form.rationale,
        accessibility_attested=form.attested,
    )
    if decided.entry is None:
        counts = {"given": decided.approvals, "required": decided.required}
        return _("Your approval is recorded: %(given)d of %(required)d.") % counts
    facts = {"persona": str(proposal.persona), "version": decided.entry.version}
    return _("Approved. %(persona)s is now at version %(version)d.") % facts


def _reject(actor: User, proposal: Proposal, form: DecisionForm, now: datetime) -> str:
    proposal_reject(actor=actor, proposal_id=proposal.pk, rationale=form.rationale, now=now)
    return _("Rejected. %(persona)s stays as it is.") % {"persona": str(proposal.persona)}


def _request_changes(actor: User, proposal: Proposal, form: DecisionForm, now: datetime) -> str:
    proposal_request_changes(actor=actor, proposal_id=proposal.pk, text=form.rationale, now=now)
    return _("Asked for changes. The proposal waits for a revision.")


def _withdraw(actor: User, proposal: Proposal, form: DecisionForm, now: datetime) -> str:
    proposal_withdraw(actor=actor, proposal_id=proposal.pk, rationale=form.rationale, now=now)
    return _("Withdrawn. %(persona)s stays as it is.") % {"persona": str(proposal.persona)}


_CARRY_OUT: dict[str, Callable[[User, Proposal, DecisionForm, datetime], str]] = {
    APPROVE: _approve,
    REJECT: _reject,
    REQUEST_CHANGES: _request_changes,
    WITHDRAW: _withdraw,
}
