"""Taking a proposal out of ``pending``: once, by a conditional update (contract §4).

Every service writes the rows that others may wait for in one order, the proposal, then the lease,
then the persona: PostgreSQL would otherwise end one of two that wait for each other.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import NoReturn

from leases.models import User
from personas.errors import ProposalNotPending
from personas.models import Proposal
from personas.selectors import proposal_get


def proposal_hold(proposal: Proposal, now: datetime) -> None:
    """Make others wait who would decide on the proposal until this transaction ends.

    The update changes nothing that means anything; PostgreSQL holds the row for it, and SQLite
    the database. Raises ``ProposalNotPending``.
    """
    # A revision may ask for the same and so have the same digest: its number tells it apart.
    held = Proposal.objects.pending_at(now).filter(
        pk=proposal.pk, digest=proposal.digest, revision=proposal.revision
    )
    if held.update(updated_at=now) != 1:
        refuse_not_pending(proposal.pk, now)


def proposal_claim(
    proposal: Proposal, status: Proposal.Status, actor: User, now: datetime, rationale: str
) -> None:
    """Move the proposal from ``pending`` to ``status``; raises ``ProposalNotPending``."""
    pending = Proposal.objects.pending_at(now).filter(pk=proposal.pk, digest=proposal.digest)
    claimed = pending.update(
        status=status,
        decided_by=actor,
        decided_at=now,
        updated_at=now,
        decision_rationale=rationale.strip(),
    )
    if claimed != 1:
        refuse_not_pending(proposal.pk, now)


def refuse_not_pending(proposal_id: uuid.UUID, now: datetime) -> NoReturn:
    """Raise ``ProposalNotPending`` with the status that it has instead."""
    status = proposal_get(proposal_id).status_at(now)
    if status == Proposal.Status.PENDING:
        raise ProposalNotPending("the proposal was revised at the same moment", code="revised")
    raise ProposalNotPending(f"the proposal is {status} already", proposal_status=str(status))
