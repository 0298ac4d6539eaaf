"""Who decides: the right of the role, narrowed by the rule of the persona's owner (contract §1)."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from leases.models import User
from leases.roles import Right
from personas.errors import PersonaManageForbidden
from personas.models import ApproverRule, Persona
from personas.services.rights import require_role

BACKEND = "leases.authentication.PeopleBackend"


def may_decide(actor: User, persona: Persona) -> bool:
    """Whether the actor may approve and reject for this persona, as far as role and rule go.

    Where the owner has a rule, only whom it names, and admins. Without one, every approver.
    """
    return actor.has_right(Right.DECIDE) and _passes_rule(actor, persona)


def require_approver(actor: User, persona: Persona) -> None:
    """Raise ``PersonaManageForbidden``: ``role_required``, or ``not_named_approver``."""
    require_role(actor, Right.DECIDE)
    if not _passes_rule(actor, persona):
        raise PersonaManageForbidden(
            f"proposals for {persona.owner_kind}:{persona.owner_ref} are decided by approvers "
            "who are named for it",
            code="not_named_approver",
        )


def approvers_of(persona: Persona) -> QuerySet[User]:
    """Who is asked to decide: whom the rule names and whose role has the right.

    Without a rule that is every approver. A rule that names nobody with the right leaves the
    admins, so that somebody is always asked.
    """
    able = holders(Right.DECIDE)
    rule = _rule_of(persona)
    if rule is None:
        return able
    names = Q(pk__in=rule.principals.values("pk"))
    if rule.group_id is not None:
        names |= Q(groups=rule.group_id)
    named = able.filter(names).distinct()
    return named if named.exists() else able.filter(pk__in=holders(Right.MANAGE))


def holders(right: Right) -> QuerySet[User]:
    """Everyone active whose role carries ``right``."""
    return User.objects.with_perm(right.permission, backend=BACKEND)


def _passes_rule(actor: User, persona: Persona) -> bool:
    if actor.has_right(Right.MANAGE):
        return True
    rule = _rule_of(persona)
    if rule is None:
        return True
    in_group = rule.group_id is not None and actor.groups.filter(pk=rule.group_id).exists()
    return in_group or rule.principals.filter(pk=actor.pk).exists()


def _rule_of(persona: Persona) -> ApproverRule | None:
    return ApproverRule.objects.filter(
        owner_kind=persona.owner_kind, owner_ref=persona.owner_ref
    ).first()
