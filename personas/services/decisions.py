"""Deciding on a proposal: approve with quorum, reject, ask for changes (contract §4)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from leases.authorization import Judgement, judged
from leases.capabilities import Action
from leases.errors import Fault, LeaseRequired
from leases.instants import to_milliseconds
from leases.models import User
from leases.services.decision_log import refusals_kept
from leases.signals import send_after_commit
from personas.changes import Merged, change_on_current
from personas.conditions import unmet_condition
from personas.documents.canonical import sha256_hex
from personas.documents.impact import Severity, assess, highest_severity
from personas.documents.patch import Preview
from personas.errors import (
    ChangesRequested,
    RationaleRequired,
    SelfApprovalForbidden,
    StaleProposal,
    VersionMoved,
)
from personas.models import Approval, Comment, HistoryEntry, Persona, Proposal
from personas.selectors import persona_get, proposal_get
from personas.services.approvers import may_decide, require_approver
from personas.services.asked_change import check_rationale
from personas.services.claims import proposal_claim, proposal_hold
from personas.services.discussion import comment_write
from personas.services.records import Change, record_change
from personas.services.reviewed import Reviewed, check_reviewed
from personas.services.rights import require_manage, spend_manage
from personas.signals import approval_recorded, proposal_approved, proposal_rejected


@dataclass(frozen=True, slots=True)
class Decided:
    """The outcome of an approval. ``entry`` is None while more approvals are needed."""

    proposal: Proposal
    entry: HistoryEntry | None
    approvals: int
    required: int


@refusals_kept
def proposal_approve(
    *,
    actor: User,
    proposal_id: uuid.UUID | str,
    now: datetime,
    reviewed: Reviewed | None = None,
    rationale: str = "",
    accessibility_attested: bool = False,
) -> Decided:
    """Say yes; with enough of them the change is applied in the same transaction (contract §4).

    Of any number of approvals at once exactly one applies. Raises ``ProposalNotFound``,
    ``PersonaManageForbidden``, ``SelfApprovalForbidden``, ``LeaseRequired``,
    ``ProposalNotPending``, ``ChangesRequested``, ``ReviewOutdated``, ``StaleProposal``, and what
    a condition of another app raises (``personas.conditions``); then nothing has changed.
    """
    proposal = proposal_get(proposal_id)
    approval_admit(actor=actor, proposal=proposal, now=now)
    check_rationale(rationale)
    given = _Given(reviewed, rationale, accessibility_attested)
    while True:
        try:
            with transaction.atomic():
                return _approve(actor, proposal, to_milliseconds(now), given)
        except VersionMoved:
            # Another change was committed while this one was prepared: judge it on what is now.
            continue


def approval_admit(*, actor: User, proposal: Proposal, now: datetime) -> None:
    """What is judged before anything of the request's body is looked at (contract §2)."""
    require_approver(actor, proposal.persona)
    require_manage(actor=actor, resource=proposal.persona.resource, now=now)
    if is_self_approval(actor, proposal):
        raise SelfApprovalForbidden


def is_self_approval(actor: User, proposal: Proposal) -> bool:
    """Whether the actor wrote the proposal or a revision, on a server that forbids approving it."""
    if settings.ARW_PERSONA_SELF_APPROVAL == "allow":
        return False
    return (
        actor.id == proposal.submitted_by_id
        or proposal.revisions.filter(author_id=actor.id).exists()
    )


def missing_leases(*, actor: User, proposal: Proposal, now: datetime) -> list[str]:
    """The capabilities in ``leases_required`` that the actor does not hold at ``now``."""
    return [
        capability
        for capability in proposal.leases_required
        if not _lease_judged(actor, proposal, capability, now).decision
    ]


def _lease_judged(actor: User, proposal: Proposal, capability: str, now: datetime) -> Judgement:
    action = Action("proposal.lease_required", capability)
    return judged(actor=actor, action=action, resource=proposal.persona.resource, now=now)


def approvals_required(severity: Severity) -> int:
    """How many distinct approvers a change of that severity needs (contract §4)."""
    if severity == "high":
        return int(settings.ARW_PERSONA_APPROVALS_REQUIRED_HIGH)
    return int(settings.ARW_PERSONA_APPROVALS_REQUIRED)


def standing_approvals(proposal: Proposal, result_digest: str) -> list[Approval]:
    """The approvals that count: of this very digest, and of the result that it gives now.

    While the proposal is pending, only of those who could still give one: not of somebody who is
    no approver any more.
    """
    given = proposal.approvals.filter(
        revision=proposal.revision, digest=proposal.digest, result_digest=result_digest
    ).select_related("approver")
    if proposal.status != Proposal.Status.PENDING:
        return list(given)
    return [
        approval
        for approval in given
        if may_decide(approval.approver, proposal.persona)
        and not is_self_approval(approval.approver, proposal)
    ]


def rejection_admit(*, actor: User, proposal: Proposal, now: datetime) -> None:
    """What is judged before a rejection's or a request for changes' body is looked at."""
    require_approver(actor, proposal.persona)
    require_manage(actor=actor, resource=proposal.persona.resource, now=now)


@refusals_kept
def proposal_reject(
    *, actor: User, proposal_id: uuid.UUID | str, rationale: str, now: datetime
) -> Proposal:
    """Archive the proposal with the reason; nothing enters history (contract §4).

    Raises ``ProposalNotFound``, ``PersonaManageForbidden``, ``RationaleRequired``,
    ``ProposalNotPending``.
    """
    proposal = proposal_get(proposal_id)
    rejection_admit(actor=actor, proposal=proposal, now=now)
    if not rationale.strip():
        fault = Fault("/rationale", "say why, so that the proposer can do better", "required")
        raise RationaleRequired(errors=[fault])
    check_rationale(rationale)
    now = to_milliseconds(now)
    with transaction.atomic():
        proposal_claim(proposal, Proposal.Status.REJECTED, actor, now, rationale)
        spend_manage(actor=actor, resource=proposal.persona.resource, now=now)
        decided = proposal_get(proposal.proposal_id)
        send_after_commit(proposal_rejected, Proposal, proposal=decided, actor=actor, now=now)
    return decided


@refusals_kept
def proposal_request_changes(
    *, actor: User, proposal_id: uuid.UUID | str, text: str, now: datetime
) -> Proposal:
    """Ask for changes: the proposal stays pending, but cannot be approved until it is revised.

    Raises ``ProposalNotFound``, ``PersonaManageForbidden``, ``InvalidComment``,
    ``ProposalNotPending``.
    """
    proposal = proposal_get(proposal_id)
    rejection_admit(actor=actor, proposal=proposal, now=now)
    now = to_milliseconds(now)
    with transaction.atomic():
        proposal_hold(proposal, now)
        spend_manage(actor=actor, resource=proposal.persona.resource, now=now)
        Proposal.objects.filter(pk=proposal.pk).update(changes_requested_at=now)
        comment_write(
            actor=actor,
            proposal=proposal,
            text=text,
            kind=Comment.Kind.CHANGES_REQUESTED,
            pointer="/comment",
            now=now,
        )
        return proposal_get(proposal.pk)


@dataclass(frozen=True, slots=True)
class _Given:
    """What the approver gave with the yes."""

    reviewed: Reviewed | None
    rationale: str
    accessibility_attested: bool


def _approve(actor: User, proposal: Proposal, now: datetime, given: _Given) -> Decided:
    proposal_hold(proposal, now)
    proposal.refresh_from_db(fields=["changes_requested_at"])
    if proposal.changes_requested_at is not None:
        raise ChangesRequested
    persona = persona_get(proposal.persona_id)
    spend_manage(actor=actor, resource=persona.resource, now=now)
    merged = change_on_current(proposal, persona)
    check_reviewed(proposal, persona, given.reviewed, merged)
    preview = _applicable(proposal, persona, merged)
    missing = missing_leases(actor=actor, proposal=proposal, now=now)
    if missing:
        raise LeaseRequired(
            f"approving needs a lease for {', '.join(missing)}", required_capabilities=missing
        ).because(_lease_judged(actor, proposal, missing[0], now))
    unmet = unmet_condition(proposal, persona.document, preview.result, now)
    if unmet is not None:
        raise unmet
    result_digest = sha256_hex(preview.result)
    _give_approval(actor, proposal, result_digest, given.rationale, now)
    impacts = assess(persona.document, preview.result, ops_count=len(preview.ops))
    required = approvals_required(highest_severity(impacts))
    approvals = len(standing_approvals(proposal, result_digest))
    if approvals < required:
        fresh = proposal_get(proposal.pk)
        about = {"approvals": approvals, "required": required, "actor": actor, "now": now}
        send_after_commit(approval_recorded, Proposal, proposal=fresh, **about)
        return Decided(fresh, None, approvals, required)
    proposal_claim(proposal, Proposal.Status.APPROVED, actor, now, given.rationale)
    change = Change(
        preview, HistoryEntry.Kind.PROPOSAL, actor, now, proposal, given.accessibility_attested
    )
    entry = record_change(
        persona_id=persona.id, base_version=persona.version, before=persona.document, change=change
    )
    decided = proposal_get(proposal.proposal_id)
    send_after_commit(proposal_approved, Proposal, proposal=decided, actor=actor, now=now)
    return Decided(decided, entry, approvals, required)


def _applicable(proposal: Proposal, persona: Persona, merged: Merged) -> Preview:
    if merged.conflicts:
        raise StaleProposal(
            f"the persona moved on from version {proposal.base_version} to {persona.version}, "
            "and both changed the same paths",
            conflicts=[conflict.as_dict() for conflict in merged.conflicts],
        )
    if merged.preview is None:
        detail = merged.problem or "the persona already is as the proposal wants it"
        raise StaleProposal(detail, conflicts=[])
    return merged.preview


def _give_approval(
    actor: User, proposal: Proposal, result_digest: str, rationale: str, now: datetime
) -> None:
    Approval.objects.update_or_create(
        proposal=proposal,
        revision=proposal.revision,
        approver=actor,
        defaults={
            "digest": proposal.digest,
            "result_digest": result_digest,
            "rationale": rationale.strip(),
            "created_at": now,
        },
    )
