"""The words of messages that leave the server: what happened, to what, and a link.

They name nobody and quote neither diffs, rationales nor comments: whoever reads the channel need
not be allowed to read the record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from leases.models import LeaseRequest
from personas.models import Notification, Persona, Proposal
from personas.models.notification import address_of

NAME_LENGTH = 80
Kind = Notification.Kind


@dataclass(frozen=True, slots=True)
class Announcement:
    """A message as it is sent."""

    title: str
    body: str


def announcement(kind: Notification.Kind, about: Proposal | LeaseRequest | Persona) -> Announcement:
    """The message about ``about``; with a link where ``ARW_BASE_URL`` is set."""
    title, sentence = _words(kind)
    if isinstance(about, LeaseRequest):
        lines = [sentence % {"capability": _plain(about.capability)}]
    else:
        persona = about.persona if isinstance(about, Proposal) else about
        lines = [sentence % {"persona": persona_label(persona)}]
    if settings.ARW_BASE_URL:
        lines.append(settings.ARW_BASE_URL + address_of(about))
    return Announcement(title, "\n".join(lines))


def persona_label(persona: Persona) -> str:
    """Name and id, without what chat services take for markup or mentions."""
    plain = _plain(persona.name or "", odd=r"[^\w .,'()&-]")
    return f"{plain} ({persona.id})" if plain else persona.id


def _plain(text: str, *, odd: str = r"[^\w .,'()&:-]") -> str:
    return " ".join(re.sub(odd, " ", text).split())[:NAME_LENGTH].strip()


def _words(kind: Notification.Kind) -> tuple[str, str]:
    return {
        Kind.SUBMITTED: (
            _("A proposal waits for a decision"),
            _("A change to %(persona)s was proposed."),
        ),
        Kind.REVISED: (
            _("A proposal was revised"),
            _("A proposal for %(persona)s was revised. Earlier approvals no longer count."),
        ),
        Kind.APPROVAL_RECORDED: (
            _("A proposal needs further approvals"),
            _("A proposal for %(persona)s was approved, and needs further approvals."),
        ),
        Kind.APPROVED: (
            _("A proposal was approved"),
            _("A proposal for %(persona)s was approved and applied."),
        ),
        Kind.REJECTED: (
            _("A proposal was rejected"),
            _("A proposal for %(persona)s was rejected."),
        ),
        Kind.WITHDRAWN: (
            _("A proposal was withdrawn"),
            _("A proposal for %(persona)s was withdrawn."),
        ),
        Kind.COMMENTED: (
            _("A proposal has a new comment"),
            _("Somebody commented on a proposal for %(persona)s."),
        ),
        Kind.CHANGES_REQUESTED: (
            _("A proposal needs changes"),
            _("Changes were asked for on a proposal for %(persona)s."),
        ),
        Kind.EXPIRING: (
            _("A proposal expires soon"),
            _("A proposal for %(persona)s expires soon and is not decided yet."),
        ),
        Kind.EXPIRED: (
            _("A proposal expired"),
            _("A proposal for %(persona)s expired without a decision."),
        ),
        Kind.LEASE_REQUESTED: (
            _("A request for a lease waits for an answer"),
            _("A lease for %(capability)s was asked for."),
        ),
        Kind.LEASE_GRANTED: (
            _("A request for a lease was granted"),
            _("A lease for %(capability)s that was asked for was granted."),
        ),
        Kind.LEASE_DENIED: (
            _("A request for a lease was denied"),
            _("A lease for %(capability)s that was asked for was denied."),
        ),
        Kind.REFLECTION_DUE: (
            _("A reflection is due"),
            _("A reflection on %(persona)s is due."),
        ),
    }[kind]
