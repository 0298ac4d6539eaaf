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
from leases.roles import Right


@dataclass(frozen=True, slots=True)
class LeaseStanding:
    """One capability as its viewer holds it; ``until`` and ``remaining`` only where it is held.

    ``grant_url`` leads to the form that lends it, and is empty for who may not manage leases.
    """

    capability: str
    held: bool
    explanation: str
    until: datetime | None = None
    remaining: int | None = None
    grant_url: str = ""


def lease_standing(
    *, viewer: User, action: Action, resource: Resource, now: datetime, back: str = ""
) -> LeaseStanding:
    """How ``viewer`` stands with ``action`` on ``resource`` at ``now``; nothing is spent.

    ``back`` is the page to return to after a grant.
    """
    decision = action_decision(actor=viewer, action=action, resource=resource, now=now)
    if isinstance(decision, Allow):
        lease = Lease.objects.get(pk=decision.via)
        remaining = lease.facts().remaining
        return LeaseStanding(
            action.capability, True, _("A lease is held."), lease.ttl_until, remaining
        )
    url = ""
    if viewer.has_right(Right.MANAGE_LEASES):
        url = grant_url(action.capability, f"persona:{resource.persona_id}", back)
    return LeaseStanding(action.capability, False, denial_text(decision.reason), grant_url=url)


def grant_url(capability: str, scope: str, back: str) -> str:
    """The address of the grant form, filled in."""
    wanted = {"capability": capability, "scope": scope, "next": back}
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f"{reverse('admin:leases_lease_grant')}?{query}"


def denial_text(reason: str) -> str:
    """A sentence for the code of a refusal."""
    texts = {
        "lease_required": _("No lease for it is held."),
        "lease_expired": _("The lease for it has run out."),
        "lease_exhausted": _("The lease for it is used up."),
        "lease_revoked": _("The lease for it was revoked."),
        "lease_out_of_scope": _("A lease is held, but not for this persona."),
    }
    return texts.get(reason, _("It is not allowed now."))
