"""The two gates in front of every change (contract §1): the role's right, and a lease."""

from __future__ import annotations

from datetime import datetime

from leases.authorization import action_decision, action_spend
from leases.capabilities import PERSONA_MANAGE, Resource
from leases.decisions import Decision
from leases.models import Lease, User
from leases.roles import Right
from personas.errors import PersonaManageForbidden, PersonaReadForbidden

_NEEDED = {
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


def manage_decision(*, actor: User, resource: Resource, now: datetime) -> Decision:
    """Whether a lease allows ``persona.manage`` on ``resource``, with the reason."""
    return action_decision(actor=actor, action=PERSONA_MANAGE, resource=resource, now=now)


def require_manage(*, actor: User, resource: Resource, now: datetime) -> None:
    """Raise ``PersonaManageForbidden`` unless a lease allows ``persona.manage``."""
    _refuse_unless(manage_decision(actor=actor, resource=resource, now=now))


def require_any_manage(*, actor: User, now: datetime) -> None:
    """Raise ``PersonaManageForbidden`` when no lease of the actor allows ``persona.manage`` at all.

    What can be judged before a body says which persona it is about.
    """
    held = Lease.objects.active_at(now).for_subject(actor.id)
    if not held.filter(capability=PERSONA_MANAGE.capability).exists():
        require_manage(actor=actor, resource=Resource("", "", ""), now=now)


def spend_manage(*, actor: User, resource: Resource, now: datetime) -> None:
    """As ``require_manage``, and one use is taken from the lease; inside the transaction."""
    _refuse_unless(action_spend(actor=actor, action=PERSONA_MANAGE, resource=resource, now=now))


def _refuse_unless(decision: Decision) -> None:
    if not decision:
        raise PersonaManageForbidden(
            code=decision.reason, required_capability=PERSONA_MANAGE.capability
        )
