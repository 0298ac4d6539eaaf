"""Would it be allowed, and why? Nothing is spent, and no answer is logged (contract §6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from leases.authorization import Judgement, judged
from leases.capabilities import OWNER_KINDS, Resource, action_named
from leases.decisions import LOCAL_SUBJECT, Allow, Deny
from leases.errors import Fault, InvalidInput, LeaseManageForbidden
from leases.models import User
from leases.policy.judgement import BEYOND_LEASES
from leases.roles import Right
from leases.services.decision_log import refusals_kept
from leases.verdict_words import verdict_text
from personas.models import Persona

ACTION_MAX_LENGTH = 200

# The reference's words for why; what it cannot say keeps ours.
_MODES = {
    "allow_all": "allow_all",
    "policy_permit": "policy_allow",
    "lease_satisfied": "lease_satisfied",
}


class InvalidSimulation(InvalidInput):
    """The question makes no sense; ``errors`` say where."""

    title = "Invalid Simulation"
    code = "invalid_simulation"


@refusals_kept
def simulate(
    *, actor: User, action: str, subject: str | None, resource: Any, now: datetime
) -> dict[str, Any]:
    """The answer to ``POST /policy/simulate``: the reference's Decision, and more about it.

    ``subject`` None or ``local`` is ``actor``; another one is a right of admins, and asking
    without it is logged as every refusal of a role is. ``resource`` is a persona's id, with or
    without ``persona:`` in front, or ``{persona_id?, owner_kind?, owner_ref?}`` for one that need
    not exist, or None. Raises ``InvalidSimulation``, ``LeaseManageForbidden``.
    """
    who = _subject(actor, subject)
    about = _resource(resource)
    if not action.strip() or len(action) > ACTION_MAX_LENGTH:
        raise _invalid("/action", f"an action has 1 to {ACTION_MAX_LENGTH} characters")
    judgement = judged(actor=who, action=action_named(action), resource=about, now=now)
    return _answer(judgement)


def _subject(actor: User, subject: str | None) -> User:
    if subject in (None, "", LOCAL_SUBJECT, actor.username, str(actor.id)):
        return actor
    if not actor.has_right(Right.MANAGE_LEASES):
        message = "asking for somebody else is a right of the group admins"
        raise LeaseManageForbidden(message, code="role_required")
    found = User.objects.named(str(subject))
    if found is None:
        raise _invalid("/subject", "no principal has that name or id")
    return found


def _resource(given: Any) -> Resource:
    if given is None or given == "":
        return Resource("", "", "")
    if isinstance(given, str):
        persona = Persona.objects.filter(pk=given.removeprefix("persona:")).first()
        if persona is None:
            raise _invalid("/resource", "no persona has that id")
        return persona.resource
    if not isinstance(given, dict):
        raise _invalid("/resource", "must be a persona's id or an object")
    members = {name: given.get(name) or "" for name in ("persona_id", "owner_kind", "owner_ref")}
    for name, value in members.items():
        if not isinstance(value, str):
            raise _invalid(f"/resource/{name}", "must be a string")
    persona = Persona.objects.filter(pk=members["persona_id"]).first()
    if persona is not None:
        return persona.resource
    if members["owner_kind"] not in ("", *OWNER_KINDS):
        raise _invalid("/resource/owner_kind", f"must be one of {', '.join(OWNER_KINDS)}")
    return Resource(**members)


def _answer(judgement: Judgement) -> dict[str, Any]:
    decision, answer, question = judgement.decision, judgement.answer, judgement.question
    beyond = decision.reason in BEYOND_LEASES
    needed = decision.required_capability if isinstance(decision, Deny) and not beyond else None
    mode = _MODES.get(decision.reason, decision.reason if beyond else "lease_required")
    explain: dict[str, Any] = {
        "action": question.action.name,
        "mode": mode,
        "reason": mode,
        "message": verdict_text(decision.reason),
    }
    if needed is not None:
        explain["required_capability"] = needed
    if answer.permits or answer.forbids or answer.errors:
        policies = [*answer.forbids, *answer.permits]
        explain["cedar"] = {"policies": policies, "errors": list(answer.errors)}
    return {
        "allow": bool(decision),
        "require_capability": needed,
        "explain": explain,
        "reason": decision.reason,
        "explanation": _in_words(judgement),
        "via": decision.via if isinstance(decision, Allow) else None,
        "subject": question.subject,
        "resource": {
            "persona_id": question.resource.persona_id or None,
            "owner_kind": question.resource.owner_kind or None,
            "owner_ref": question.resource.owner_ref or None,
        },
        "policy_revision": judgement.policy_revision or None,
        "halted": judgement.halted,
    }


def _in_words(judgement: Judgement) -> str:
    decision = judgement.decision
    text = verdict_text(decision.reason, judgement.answer)
    if isinstance(decision, Deny) and decision.reason not in BEYOND_LEASES:
        return f"{text} A lease for {decision.required_capability} would allow it."
    return text


def _invalid(pointer: str, message: str) -> InvalidSimulation:
    return InvalidSimulation(message, errors=[Fault(pointer, message)])
