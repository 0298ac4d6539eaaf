"""Whether a capability is held right now, said so that a page can show it (contract §6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from leases.authorization import action_decision
from leases.capabilities import Action, Resource
from leases.decisions import Allow
from leases.models import Lease, User
from leases.policy.judgement import BEYOND_LEASES
from leases.roles import Right
from leases.verdict_words import denial_text


@dataclass(frozen=True, slots=True)
class LeaseStanding:
    """One capability as its viewer holds it; ``until`` and ``remaining`` only where it is held.

    Held without ``until`` is what the policy allows. ``grant_url`` leads to the form that lends
    it, for who may manage leases; ``ask_url`` to the form that asks for it, for everybody else.
    Both are empty where no lease would help.
    """

    capability: str
    held: bool
    explanation: str
    until: datetime | None = None
    remaining: int | None = None
    grant_url: str = ""
    ask_url: str = ""


def lease_standing(
    *, viewer: User, action: Action, resource: Resource, now: datetime, back: str = ""
) -> LeaseStanding:
    """How ``viewer`` stands with ``action`` on ``resource`` at ``now``; nothing is spent.

    ``back`` is the page to return to after a grant or a request.
    """
    decision = action_decision(actor=viewer, action=action, resource=resource, now=now)
    if isinstance(decision, Allow):
        lease = Lease.objects.filter(pk=decision.via).first() if decision.via else None
        if lease is None:
            return LeaseStanding(action.capability, True, _("The policy allows it."))
        remaining = lease.facts().remaining
        return LeaseStanding(
            lease.capability, True, _("A lease is held."), lease.ttl_until, remaining
        )
    capability = decision.required_capability or action.capability
    text = denial_text(decision.reason)
    if decision.reason in BEYOND_LEASES:
        return LeaseStanding(capability, False, text)
    scope = f"persona:{resource.persona_id}"
    if viewer.has_right(Right.MANAGE_LEASES):
        return LeaseStanding(capability, False, text, grant_url=grant_url(capability, scope, back))
    return LeaseStanding(capability, False, text, ask_url=ask_url(capability, scope, back))


def grant_url(capability: str, scope: str, back: str, *, subject: str = "") -> str:
    """The address of the grant form, filled in; for anyone signed in unless ``subject`` is named."""
    address = _filled_in("admin:leases_lease_grant", capability, scope, back, subject=subject)
    return f"{address}#grant"  # the form stands below, or beside, what is in force


def ask_url(capability: str, scope: str, back: str) -> str:
    """The address of the form that asks for a lease, filled in."""
    return _filled_in("admin:leases_leaserequest_ask", capability, scope, back)


def _filled_in(name: str, capability: str, scope: str, back: str, *, subject: str = "") -> str:
    wanted = {"capability": capability, "scope": scope, "subject": subject, "next": back}
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f"{reverse(name)}?{query}"
