"""Asking for a change: submit, revise, withdraw, restore (contract §4)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from leases.errors import Fault
from leases.instants import to_milliseconds
from leases.models import User
from leases.roles import Right
from leases.services.decision_log import refusals_kept
from leases.signals import send_after_commit
from personas.documents.canonical import Json
from personas.documents.inverse import difference
from personas.errors import InvalidDiff, InvalidProposal, ReviewOutdated, VersionMoved
from personas.models import DailyUse, Persona, Proposal, ProposalRevision
from personas.selectors import document_at, persona_get, proposal_get, stored_limits
from personas.services.approvers import require_approver
from personas.services.asked_change import Request, check_rationale, request_of
from personas.services.claims import refuse_not_pending
from personas.services.quotas import quota_open, quota_take
from personas.services.rights import require_manage, require_role, role_sufficed, spend_manage
from personas.signals import proposal_revised, proposal_submitted, proposal_withdrawn


@refusals_kept
def proposal_submit(
    *,
    actor: User,
    persona_id: str,
    diff: Json,
    now: datetime,
    rationale: str = "",
    telemetry_scope: dict[str, Any] | None = None,
    leases_required: list[str] | None = None,
    on_behalf_of: str = "",
    version: int | None = None,
    author: User | None = None,
) -> Proposal:
    """Ask for a change. It is tried on a copy first, and refused when it cannot be applied.

    ``version`` is the record's that was edited, for who wants to be told that it moved on.
    ``author`` is the automation of this server that wrote what ``actor`` asked it for: rights and
    lease are the actor's, who may not approve it any more than one of their own. Raises
    ``PersonaNotFound``, ``PersonaManageForbidden``, ``QuotaExceeded``, ``InvalidDiff``,
    ``ImmutableField``, ``InvalidProposal``, ``VersionMoved``.
    """
    persona = persona_get(persona_id)
    submission_admit(actor=actor, persona=persona, now=now)
    _refuse_other_version(persona, version)
    opt_ins = {} if telemetry_scope is None else telemetry_scope
    leases = [] if leases_required is None else leases_required
    wanted = request_of(persona, diff, rationale, opt_ins, leases)
    return _submit(actor, persona, wanted, to_milliseconds(now), on_behalf_of, author)


def submission_admit(*, actor: User, persona: Persona, now: datetime) -> None:
    """What is judged before a request's body is looked at: role, lease, the day's quota (§2)."""
    require_role(actor, Right.PROPOSE)
    require_manage(actor=actor, resource=persona.resource, now=now)
    quota_open(persona_id=persona.id, kind=DailyUse.Kind.PROPOSALS, now=now)


def _submit(
    actor: User,
    persona: Persona,
    wanted: Request,
    now: datetime,
    on_behalf_of: str = "",
    author: User | None = None,
) -> Proposal:
    with transaction.atomic():
        spend_manage(actor=actor, resource=persona.resource, now=now)
        quota_take(persona_id=persona.id, kind=DailyUse.Kind.PROPOSALS, amount=1, now=now)
        proposal = Proposal.objects.create(
            persona=persona,
            submitted_by=author or actor,
            on_behalf_of=on_behalf_of,
            created_at=now,
            updated_at=now,
            expires_at=now + settings.ARW_PERSONA_PROPOSAL_TTL,
            **wanted.fields(),
        )
        _keep_revision(proposal, 1, actor, wanted, now)
        send_after_commit(proposal_submitted, Proposal, proposal=proposal, actor=actor, now=now)
    return proposal


def revision_admit(
    *, actor: User, proposal: Proposal, now: datetime, author: User | None = None
) -> None:
    """Revising is for the author and for approvers (contract §13)."""
    if proposal.submitted_by_id == (author or actor).id:
        require_role(actor, Right.PROPOSE)
    else:
        require_approver(actor, proposal.persona)
    require_manage(actor=actor, resource=proposal.persona.resource, now=now)


@refusals_kept
def proposal_revise(
    *,
    actor: User,
    proposal_id: uuid.UUID | str,
    diff: Json,
    now: datetime,
    rationale: str | None = None,
    digest: str | None = None,
    version: int | None = None,
    author: User | None = None,
) -> Proposal:
    """Ask for something else under the same proposal. Earlier approvals no longer count.

    The new revision is written on the record as it is now, and its time to be decided starts
    anew. ``rationale`` None keeps the old one; ``digest`` names the revision that was edited, so
    that two editors do not overwrite each other; ``version`` is the record's that was edited;
    ``author`` as in ``proposal_submit``. Raises ``ProposalNotPending``, ``ReviewOutdated``, and
    what ``proposal_submit`` raises.
    """
    proposal = proposal_get(proposal_id)
    revision_admit(actor=actor, proposal=proposal, now=now, author=author)
    if proposal.status_at(now) != Proposal.Status.PENDING:
        refuse_not_pending(proposal.pk, now)
    if digest is not None and digest != proposal.digest:
        raise ReviewOutdated("somebody else revised the proposal meanwhile")
    persona = proposal.persona
    _refuse_other_version(persona, version)
    reason = proposal.rationale if rationale is None else rationale
    wanted = request_of(persona, diff, reason, proposal.telemetry_scope, proposal.leases_required)
    _refuse_repetition(proposal, wanted)
    now = to_milliseconds(now)
    with transaction.atomic():
        number = proposal.revision + 1
        revised = (
            Proposal.objects.pending_at(now)
            .filter(pk=proposal.pk, revision=proposal.revision)
            .update(
                **wanted.fields(),
                revision=number,
                changes_requested_at=None,
                reminded_at=None,
                updated_at=now,
                expires_at=now + settings.ARW_PERSONA_PROPOSAL_TTL,
            )
        )
        if revised != 1:
            _refuse_revision(proposal, now)
        spend_manage(actor=actor, resource=persona.resource, now=now)
        fresh = proposal_get(proposal.pk)
        _keep_revision(fresh, number, actor, wanted, now)
        send_after_commit(proposal_revised, Proposal, proposal=fresh, actor=actor, now=now)
    return fresh


def withdrawal_admit(*, actor: User, proposal: Proposal, now: datetime) -> None:
    """One's own needs no lease; taking back another's is for approvers with one (§1)."""
    if actor.id == proposal.submitted_by_id:
        require_role(actor, Right.PROPOSE)
        return
    require_approver(actor, proposal.persona)
    require_manage(actor=actor, resource=proposal.persona.resource, now=now)


@refusals_kept
def proposal_withdraw(
    *, actor: User, proposal_id: uuid.UUID | str, now: datetime, rationale: str = ""
) -> Proposal:
    """Take the proposal back; nothing enters history. Raises ``ProposalNotPending``."""
    proposal = proposal_get(proposal_id)
    withdrawal_admit(actor=actor, proposal=proposal, now=now)
    check_rationale(rationale)
    now = to_milliseconds(now)
    with transaction.atomic():
        withdrawn = (
            Proposal.objects.pending_at(now)
            .filter(pk=proposal.pk)
            .update(
                status=Proposal.Status.WITHDRAWN,
                decided_by=actor,
                decided_at=now,
                updated_at=now,
                decision_rationale=rationale.strip(),
            )
        )
        if withdrawn != 1:
            refuse_not_pending(proposal.pk, now)
        if actor.id == proposal.submitted_by_id:
            role_sufficed(actor=actor, persona_id=proposal.persona_id, now=now)
        else:
            spend_manage(actor=actor, resource=proposal.persona.resource, now=now)
        fresh = proposal_get(proposal.pk)
        send_after_commit(proposal_withdrawn, Proposal, proposal=fresh, actor=actor, now=now)
    return fresh


@refusals_kept
def proposal_restore(
    *, actor: User, persona_id: str, version: int, now: datetime, rationale: str = ""
) -> Proposal:
    """Propose to take the record back to what it was at ``version`` (contract §4).

    Raises ``PersonaNotFound``, ``InvalidDiff`` (code ``no_change``) when the record is as it was.
    """
    persona = persona_get(persona_id)
    submission_admit(actor=actor, persona=persona, now=now)
    if version < 1:
        message = "a record can be restored to version 1 or later"
        raise InvalidProposal(message, errors=[Fault("/version", message, "min_value")])
    diff = difference(persona.document, document_at(persona, version))
    reason = rationale or f"Restore version {version}"
    # The way back is as long as it is: it was not written by anybody.
    wanted = request_of(persona, diff, reason, {}, [], bounds=stored_limits())
    return _submit(actor, persona, wanted, to_milliseconds(now))


def _keep_revision(
    proposal: Proposal, number: int, author: User, wanted: Request, now: datetime
) -> None:
    ProposalRevision.objects.create(
        proposal=proposal, number=number, author=author, created_at=now, **wanted.fields()
    )


def _refuse_repetition(proposal: Proposal, wanted: Request) -> None:
    """A revision that says what was said already would only do away with what others answered."""
    if (wanted.digest, wanted.rationale) == (proposal.digest, proposal.rationale):
        fault = Fault("/diff", "the revision asks for what the proposal asks for", "no_change")
        raise InvalidDiff(fault.message, errors=[fault], code="no_change")


def _refuse_other_version(persona: Persona, version: int | None) -> None:
    if version is not None and version != persona.version:
        moved = f"the persona moved on from version {version} to {persona.version}"
        raise VersionMoved(f"{moved}; look at the change again")


def _refuse_revision(proposal: Proposal, now: datetime) -> None:
    if proposal_get(proposal.pk).status_at(now) == Proposal.Status.PENDING:
        raise ReviewOutdated("somebody else revised the proposal meanwhile")
    refuse_not_pending(proposal.pk, now)
