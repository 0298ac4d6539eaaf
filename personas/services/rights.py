"""The two gates in front of every change (contract §1): the role's right, and policy or a lease."""

from __future__ import annotations

from datetime import datetime

from leases.authorization import (
    Judgement,
    action_decision,
    action_possible,
    judged,
    judged_spend,
)
from leases.capabilities import PERSONA_MANAGE, Resource
from leases.decisions import Decision, Deny
from leases.models import User
from leases.roles import Right
from leases.services.decision_log import role_right_record
from personas.errors import PersonaManageForbidden, PersonaReadForbidden

_NEEDED = {
    Right.FEEDBACK: "reporting on a persona needs the role of a member",
    Right.PROPOSE: "proposing changes needs the role of a member",
    Right.DECIDE: "deciding on proposals needs the role of an approver",
    Right.MANAGE: "managing personas needs the role of an admin",
}


def require_reader(actor: User) -> None:
    """Raise ``PersonaReadForbidden`` unless the role may read personas."""
    if not actor.has_right(Right.READ):
        raise PersonaReadForbidden


def require_role(actor: User, right: Right) -> None:
    """Raise ``PersonaManageForbidden`` (code ``role_required``) unless the role has ``right``."""
    if not actor.has_right(right):
        raise PersonaManageForbidden(_NEEDED[right], code="role_required")


def role_sufficed(*, actor: User, persona_id: str, now: datetime) -> None:
    """Log a change that needs no lease and that the role let through; in its transaction."""
    role_right_record(actor=actor, action=PERSONA_MANAGE.name, now=now, persona_id=persona_id)


def manage_decision(*, actor: User, resource: Resource, now: datetime) -> Decision:
    """Whether policy or a lease allows ``persona.manage`` on ``resource``, with the reason."""
    return action_decision(actor=actor, action=PERSONA_MANAGE, resource=resource, now=now)


def require_manage(*, actor: User, resource: Resource, now: datetime) -> None:
    """Raise ``PersonaManageForbidden`` unless policy or a lease allows it."""
    _refuse_unless(judged(actor=actor, action=PERSONA_MANAGE, resource=resource, now=now))


def require_any_manage(*, actor: User, now: datetime) -> None:
    """Raise ``PersonaManageForbidden`` when nothing allows the actor ``persona.manage`` at all.

    What can be judged before a body says which persona it is about.
    """
    if not action_possible(actor=actor, action=PERSONA_MANAGE, now=now):
        require_manage(actor=actor, resource=Resource("", "", ""), now=now)


def spend_manage(*, actor: User, resource: Resource, now: datetime) -> None:
    """As ``require_manage``, and one use is taken from the lease; inside the transaction."""
    _refuse_unless(judged_spend(actor=actor, action=PERSONA_MANAGE, resource=resource, now=now))


def _refuse_unless(judgement: Judgement) -> None:
    decision = judgement.decision
    if isinstance(decision, Deny):
        raise PersonaManageForbidden(
            code=decision.reason, required_capability=decision.required_capability
        ).because(judgement)
