"""Asking for a change (contract §4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from leases.capabilities import capability_fault
from leases.errors import Fault
from leases.instants import to_milliseconds
from leases.models import User
from leases.roles import Right
from leases.signals import send_after_commit
from personas.documents.canonical import Json
from personas.documents.limits import exceeds
from personas.effective import effective_preview, proposal_digest
from personas.errors import InvalidProposal
from personas.models import Persona, Proposal
from personas.selectors import limits, persona_get
from personas.services.rights import require_manage, require_role, spend_manage
from personas.signals import proposal_submitted

RATIONALE_MAX_LENGTH = 10_000
MAX_LEASES_REQUIRED = 20


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
) -> Proposal:
    """Ask for a change. It is tried on a copy first, and refused when it cannot be applied.

    Raises ``PersonaNotFound``, ``PersonaManageForbidden``, ``InvalidDiff``, ``ImmutableField``,
    ``InvalidProposal``.
    """
    persona = persona_get(persona_id)
    require_role(actor, Right.PROPOSE)
    require_manage(actor=actor, resource=persona.resource, now=now)
    opt_ins = {} if telemetry_scope is None else telemetry_scope
    leases = [] if leases_required is None else leases_required
    _check_members(rationale, opt_ins, leases)
    tried = effective_preview(persona.document, diff, opt_ins, limits())
    ops = _asked_ops(persona, diff, opt_ins, tried.ops)
    now = to_milliseconds(now)
    with transaction.atomic():
        spend_manage(actor=actor, resource=persona.resource, now=now)
        proposal = Proposal.objects.create(
            persona=persona,
            submitted_by=actor,
            on_behalf_of=on_behalf_of,
            diff=ops,
            rationale=rationale,
            telemetry_scope=opt_ins,
            leases_required=leases,
            base_version=persona.version,
            digest=proposal_digest(
                persona_id=persona.id,
                base_version=persona.version,
                diff=ops,
                telemetry_scope=opt_ins,
                leases_required=leases,
            ),
            created_at=now,
            updated_at=now,
            expires_at=now + settings.ARW_PERSONA_PROPOSAL_TTL,
        )
        send_after_commit(proposal_submitted, Proposal, proposal=proposal, actor=actor, now=now)
    return proposal


def _asked_ops(
    persona: Persona, diff: Json, opt_ins: dict[str, Any], tried: list[Any]
) -> list[Any]:
    """The diff as RFC 6902 operations, without those that ``telemetry_scope`` adds."""
    if not opt_ins:
        return tried
    if diff in ([], {}):
        return []
    return effective_preview(persona.document, diff, {}, limits()).ops


def check_rationale(rationale: str) -> None:
    """Raise ``InvalidProposal`` for a rationale that is too long."""
    if len(rationale) > RATIONALE_MAX_LENGTH:
        message = f"a rationale has at most {RATIONALE_MAX_LENGTH} characters"
        raise InvalidProposal(message, errors=[Fault("/rationale", message, "too_long")])


def _check_members(rationale: str, opt_ins: Any, leases: Any) -> None:
    check_rationale(rationale)
    faults = []
    if not isinstance(opt_ins, dict):
        faults.append(Fault("/telemetry_scope", "must be an object", "type"))
    elif exceeds(opt_ins, limits().diff_bytes):
        message = f"must not exceed {limits().diff_bytes} bytes"
        faults.append(Fault("/telemetry_scope", message, "too_large"))
    if not isinstance(leases, list) or len(leases) > MAX_LEASES_REQUIRED:
        message = f"must be an array of at most {MAX_LEASES_REQUIRED} capabilities"
        faults.append(Fault("/leases_required", message, "type"))
    else:
        for index, capability in enumerate(leases):
            problem = (
                capability_fault(capability)
                if isinstance(capability, str)
                else "a capability is a string"
            )
            if problem:
                faults.append(Fault(f"/leases_required/{index}", problem))
    if faults:
        raise InvalidProposal(faults[0].message, errors=faults)
