"""What an approver needs to see of a proposal, as one value (contract §4; ui: review screen).

Comparing is here, drawing is the template's. Nothing is written to find out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from leases.decisions import Decision
from leases.errors import DomainError
from leases.models import User
from leases.roles import Right
from personas.changes import Merged, carry_over, change_on_base
from personas.conditions import unmet_condition
from personas.documents.canonical import Json, Op, sha256_hex
from personas.documents.compare import FieldChange, Summary, compare, summarise
from personas.documents.consent import Consent, consent_of
from personas.documents.impact import Impact, assess, highest_severity
from personas.documents.rebase import Conflict
from personas.models import Approval, HistoryEntry, Persona, Proposal
from personas.overlaps import Overlaps, overlapping_proposals
from personas.selectors import document_at
from personas.services.approvers import may_decide
from personas.services.decisions import (
    approvals_required,
    is_self_approval,
    missing_leases,
    standing_approvals,
)
from personas.services.rights import manage_decision


class Hindrance(StrEnum):
    """Why a button is off. The page explains each, and what to do about it."""

    NOT_PENDING = "not_pending"
    ROLE = "role"
    NOT_NAMED = "not_named_approver"
    LEASE = "lease"
    OWN_PROPOSAL = "own_proposal"
    LEASES_REQUIRED = "leases_required"
    CONFLICTS = "conflicts"
    NOTHING_LEFT = "nothing_left"
    CHANGES_REQUESTED = "changes_requested"
    CONDITION = "condition"


@dataclass(frozen=True, slots=True)
class Review:
    """One proposal as its viewer sees it at one moment.

    ``before`` and ``after`` are whole documents; for a proposal that cannot be applied any more
    they are the base and what it would have given. ``version`` and ``proposal.digest`` are what a
    decision is bound to. ``rebased`` says that the record moved on since it was proposed.
    """

    proposal: Proposal
    persona: Persona
    status: Proposal.Status
    version: int
    before: Json
    after: Json
    ops: list[Op]
    changes: list[FieldChange]
    summary: Summary
    impacts: list[Impact]
    conflicts: tuple[Conflict, ...]
    problem: str
    rebased: bool
    consent_before: Consent
    consent_after: Consent
    approve_hindrances: tuple[Hindrance, ...]
    reject_hindrances: tuple[Hindrance, ...]
    missing_leases: tuple[str, ...]
    lease: Decision
    entry: HistoryEntry | None
    approvals: tuple[Approval, ...]
    required: int
    overlaps: Overlaps
    unmet: DomainError | None = None

    @property
    def applies(self) -> bool:
        """Whether approval would change anything now."""
        return not {Hindrance.CONFLICTS, Hindrance.NOTHING_LEFT} & set(self.approve_hindrances)

    @property
    def can_approve(self) -> bool:
        return not self.approve_hindrances

    @property
    def can_reject(self) -> bool:
        return not self.reject_hindrances


def review_of(proposal: Proposal, *, viewer: User, now: datetime) -> Review:
    """The review of ``proposal`` for ``viewer``: of what would happen now, or of what did."""
    persona = proposal.persona
    status = proposal.status_at(now)
    entry = proposal.history.first() if status == Proposal.Status.APPROVED else None
    before, after, ops, merged = _documents(proposal, persona, status, entry)
    changes = compare(before, after)
    missing = tuple(missing_leases(actor=viewer, proposal=proposal, now=now))
    lease = manage_decision(actor=viewer, resource=persona.resource, now=now)
    shared = _shared_hindrances(persona, status, viewer, lease)
    impacts = assess(before, after, ops_count=len(ops))
    pending = status == Proposal.Status.PENDING
    unmet = unmet_condition(proposal, before, after, now) if pending else None
    return Review(
        proposal=proposal,
        persona=persona,
        status=status,
        version=persona.version,
        before=before,
        after=after,
        ops=ops,
        changes=changes,
        summary=summarise(changes),
        impacts=impacts,
        conflicts=merged.conflicts if merged else (),
        problem=merged.problem if merged else "",
        rebased=merged is not None and merged.onto_version != proposal.base_version,
        consent_before=consent_of(before),
        consent_after=consent_of(after),
        approve_hindrances=(
            *shared,
            *_approval_hindrances(proposal, viewer, missing, merged),
            *((Hindrance.CONDITION,) if unmet is not None else ()),
        ),
        reject_hindrances=shared,
        missing_leases=missing,
        lease=lease,
        entry=entry,
        approvals=tuple(standing_approvals(proposal, sha256_hex(after))),
        required=approvals_required(highest_severity(impacts)),
        overlaps=overlapping_proposals(proposal, persona, now=now) if pending else Overlaps(),
        unmet=unmet,
    )


def _documents(
    proposal: Proposal, persona: Persona, status: Proposal.Status, entry: HistoryEntry | None
) -> tuple[Json, Json, list[Op], Merged | None]:
    """Before, after and operations; and the merge onto the present where it is still to be made."""
    if entry is not None:
        before = document_at(persona, entry.version - 1)
        return before, document_at(persona, entry.version), entry.diff, None
    base, asked = change_on_base(proposal, persona)
    if status != Proposal.Status.PENDING:
        return base, asked.result, asked.ops, None
    merged = carry_over(proposal, persona, base, asked)
    if merged.preview is None:
        return base, asked.result, asked.ops, merged
    return merged.document, merged.preview.result, merged.preview.ops, merged


def _shared_hindrances(
    persona: Persona, status: Proposal.Status, viewer: User, lease: Decision
) -> tuple[Hindrance, ...]:
    found = []
    if status != Proposal.Status.PENDING:
        found.append(Hindrance.NOT_PENDING)
    if not viewer.has_right(Right.DECIDE):
        found.append(Hindrance.ROLE)
    elif not may_decide(viewer, persona):
        found.append(Hindrance.NOT_NAMED)
    if not lease:
        found.append(Hindrance.LEASE)
    return tuple(found)


def _approval_hindrances(
    proposal: Proposal, viewer: User, missing: tuple[str, ...], merged: Merged | None
) -> tuple[Hindrance, ...]:
    found = []
    if is_self_approval(viewer, proposal):
        found.append(Hindrance.OWN_PROPOSAL)
    if proposal.changes_requested_at is not None:
        found.append(Hindrance.CHANGES_REQUESTED)
    if missing:
        found.append(Hindrance.LEASES_REQUIRED)
    if merged is not None and merged.preview is None:
        stuck = bool(merged.conflicts) or bool(merged.problem)
        found.append(Hindrance.CONFLICTS if stuck else Hindrance.NOTHING_LEFT)
    return tuple(found)
