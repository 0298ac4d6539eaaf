"""Proposing, deciding and giving feedback as actions (contract §4, §7, §10)."""

from __future__ import annotations

from typing import Any

from leases.capabilities import PERSONA_MANAGE, telemetry_action
from leases.roles import Right
from personas.api.review_binding import check_same_diff, reviewed_by
from personas.errors import InvalidProposal
from personas.models import Proposal
from personas.selectors import persona_get, proposal_get
from personas.services.asked_change import RATIONALE_MAX_LENGTH
from personas.services.decisions import (
    approval_admit,
    proposal_approve,
    proposal_reject,
    rejection_admit,
)
from personas.services.proposals import proposal_submit, submission_admit
from personas.services.rights import require_any_manage, require_role
from telemetry.actions.kind import Call, Done, Kind
from telemetry.actions.schemas import (
    COUNT,
    IDENTITY,
    PERSONA_ID,
    described,
    nullable,
    record,
    text,
)
from telemetry.errors import InvalidFeedback, PersonaTelemetryForbidden
from telemetry.samples import KIND_MAX
from telemetry.services.admission import feedback_admit
from telemetry.services.feedback import feedback_record

_ANY = {"type": ["object", "array"]}
_RATIONALE = nullable(text(RATIONALE_MAX_LENGTH, "Why."))
_DECIDED = record(
    {
        "proposal_id": IDENTITY,
        "status": {"type": "string", "enum": list(Proposal.Status.values)},
        "persona_id": PERSONA_ID,
        "version": described(COUNT, "The persona's, after the decision."),
        "approvals": COUNT,
        "required": COUNT,
    },
    ["proposal_id", "status", "persona_id", "version"],
)


def _propose_admit(call: Call) -> None:
    persona_id = call.text("persona_id")
    if persona_id is None:
        require_role(call.actor, Right.PROPOSE)
        require_any_manage(actor=call.actor, now=call.now)
        return
    submission_admit(actor=call.actor, persona=persona_get(persona_id), now=call.now)


def _propose(call: Call) -> Done:
    given = call.input
    proposal = proposal_submit(
        actor=call.actor,
        persona_id=given["persona_id"],
        diff=given["diff"],
        rationale=given.get("rationale") or "",
        telemetry_scope=given.get("telemetry_scope"),
        leases_required=given.get("leases_required"),
        on_behalf_of=given.get("submitted_by") or "",
        now=call.now,
    )
    return Done({"proposal_id": str(proposal.proposal_id)})


PROPOSE = Kind(
    "persona.propose",
    "Propose a change of a persona; it is tried at once, and reviewed like any other.",
    Right.PROPOSE,
    record(
        {
            "persona_id": PERSONA_ID,
            "diff": described(_ANY, "RFC 6902 array or RFC 7396 object over the whole record."),
            "rationale": _RATIONALE,
            "telemetry_scope": {"type": "object", "description": "Opt-ins that are asked for."},
            "leases_required": {"type": "array", "items": {"type": "string"}},
            "submitted_by": nullable(text(200, "A label for whom this is done.")),
        },
        ["persona_id", "diff"],
    ),
    record({"proposal_id": IDENTITY}, ["proposal_id"]),
    _propose_admit,
    _propose,
    action=PERSONA_MANAGE,
    refusal=InvalidProposal,
)


def _approve_admit(call: Call) -> None:
    proposal_id = call.text("proposal_id")
    if proposal_id is None:
        require_role(call.actor, Right.DECIDE)
        return
    approval_admit(actor=call.actor, proposal=proposal_get(proposal_id), now=call.now)


def _approve(call: Call) -> Done:
    given = call.input
    proposal = proposal_get(given["proposal_id"])
    if given.get("diff") is not None:
        check_same_diff(proposal, given["diff"])
    decided = proposal_approve(
        actor=call.actor,
        proposal_id=proposal.proposal_id,
        reviewed=reviewed_by(_reviewed(given.get("reviewed")), ""),
        rationale=given.get("rationale") or "",
        accessibility_attested=given.get("accessibility_attested", False),
        now=call.now,
    )
    counts = {"approvals": decided.approvals, "required": decided.required}
    return _outcome(decided.proposal, **counts)


def _reviewed(given: dict[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    version = given.get("version")
    return {"digest": given["digest"], "version": None if version is None else int(version)}


APPROVE = Kind(
    "persona.approve",
    "Approve a proposal; with enough approvals it is applied.",
    Right.DECIDE,
    record(
        {
            "proposal_id": {"type": "string"},
            "reviewed": {
                "type": ["object", "null"],
                "description": "What was read: the approval is bound to it.",
                "properties": {
                    "digest": text(64, "The proposal's."),
                    "version": {"type": ["integer", "null"], "description": "The persona's."},
                },
                "required": ["digest"],
            },
            "diff": {"description": "Must be the stored one; edits are revisions."},
            "rationale": _RATIONALE,
            "accessibility_attested": {"type": "boolean"},
        },
        ["proposal_id"],
    ),
    _DECIDED,
    _approve_admit,
    _approve,
    action=PERSONA_MANAGE,
    refusal=InvalidProposal,
)


def _reject_admit(call: Call) -> None:
    proposal_id = call.text("proposal_id")
    if proposal_id is None:
        require_role(call.actor, Right.DECIDE)
        return
    rejection_admit(actor=call.actor, proposal=proposal_get(proposal_id), now=call.now)


def _reject(call: Call) -> Done:
    return _outcome(
        proposal_reject(
            actor=call.actor,
            proposal_id=call.input["proposal_id"],
            rationale=call.input.get("rationale") or "",
            now=call.now,
        )
    )


REJECT = Kind(
    "persona.reject",
    "Reject a proposal, and say why.",
    Right.DECIDE,
    record({"proposal_id": {"type": "string"}, "rationale": _RATIONALE}, ["proposal_id"]),
    _DECIDED,
    _reject_admit,
    _reject,
    action=PERSONA_MANAGE,
    refusal=InvalidProposal,
)


def _outcome(proposal: Proposal, **further: int) -> Done:
    return Done(
        {
            "proposal_id": str(proposal.proposal_id),
            "status": str(proposal.status),
            "persona_id": proposal.persona_id,
            "version": proposal.persona.version,
            **further,
        }
    )


def _feedback_admit(call: Call) -> None:
    persona_id = call.text("persona_id")
    if persona_id is not None:
        feedback_admit(actor=call.actor, persona_id=persona_id, now=call.now)
    elif not call.actor.has_right(Right.FEEDBACK):
        raise PersonaTelemetryForbidden(code="role_required")


def _feedback(call: Call) -> Done:
    count = feedback_record(
        actor=call.actor,
        persona_id=call.input["persona_id"],
        body=call.input["feedback"],
        kind=call.input.get("kind"),
        token=call.token,
        now=call.now,
    )
    return Done({"status": "accepted", "count": count})


FEEDBACK = Kind(
    "persona.feedback",
    "Give feedback about a persona: one sample, or an array of 1 to 1,000.",
    Right.FEEDBACK,
    record(
        {
            "persona_id": PERSONA_ID,
            "feedback": described(_ANY, "As `POST /persona/{id}/feedback` takes it."),
            "kind": nullable(text(KIND_MAX, "For samples that name no kind.")),
        },
        ["persona_id", "feedback"],
    ),
    record({"status": {"const": "accepted"}, "count": COUNT}, ["status", "count"]),
    _feedback_admit,
    _feedback,
    action=telemetry_action("{scope}"),
    refusal=InvalidFeedback,
    place="/input/feedback",
)

PERSONA_KINDS = (PROPOSE, APPROVE, REJECT, FEEDBACK)
