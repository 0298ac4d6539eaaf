"""Why a button is off, in words, with the way out where there is one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from leases.capabilities import PERSONA_MANAGE, Action
from leases.models import User
from leases.roles import Right
from leases.standing import denial_text, grant_url
from personas.review import Hindrance, Review


@dataclass(frozen=True, slots=True)
class Explanation:
    """A sentence, and a link where it can be put right from here."""

    text: str
    url: str = ""
    label: str = ""


def explanations(
    hindrances: Iterable[Hindrance], review: Review, viewer: User
) -> list[Explanation]:
    """One explanation for each hindrance."""
    return [_explain(one, review, viewer) for one in hindrances]


def _explain(hindrance: Hindrance, review: Review, viewer: User) -> Explanation:
    if hindrance is Hindrance.LEASE:
        reason = denial_text(getattr(review.lease, "reason", ""))
        text = _("Deciding needs a lease for %(capability)s on this persona.")
        words = text % {"capability": PERSONA_MANAGE.capability}
        return _with_grant(f"{words} {reason}", PERSONA_MANAGE, review, viewer)
    if hindrance is Hindrance.LEASES_REQUIRED:
        missing = ", ".join(review.missing_leases)
        text = _("The proposal can only be applied under leases that are not held: %(missing)s.")
        action = Action("proposal.lease_required", review.missing_leases[0])
        return _with_grant(text % {"missing": missing}, action, review, viewer)
    return Explanation(_plain(hindrance, review, viewer))


def _with_grant(text: str, action: Action, review: Review, viewer: User) -> Explanation:
    if not viewer.has_right(Right.MANAGE_LEASES):
        return Explanation(f"{text} {_('An admin can grant it.')}")
    back = review.proposal.get_absolute_url()
    url = grant_url(action.capability, f"persona:{review.persona.id}", back)
    return Explanation(text, url, _("Grant %(capability)s") % {"capability": action.capability})


def _plain(hindrance: Hindrance, review: Review, viewer: User) -> str:
    own = review.proposal.submitted_by_id == viewer.pk
    texts = {
        Hindrance.NOT_PENDING: _("The proposal is %(status)s; only pending ones can be decided.")
        % {"status": review.status.label},
        Hindrance.ROLE: _("Deciding is a right of approvers and admins."),
        Hindrance.NOT_NAMED: _(
            "Proposals for %(owner)s are decided by approvers who are named for it."
        )
        % {"owner": f"{review.persona.owner_kind}:{review.persona.owner_ref}"},
        Hindrance.CHANGES_REQUESTED: _(
            "An approver asked for changes. It can be approved once it is revised."
        ),
        Hindrance.OWN_PROPOSAL: _(
            "This is your own proposal. Somebody else has to approve it, unless the operator sets "
            "ARW_PERSONA_SELF_APPROVAL=allow."
        )
        if own
        else _(
            "You revised this proposal. Somebody else has to approve it, unless the operator sets "
            "ARW_PERSONA_SELF_APPROVAL=allow."
        ),
        Hindrance.CONFLICTS: _(
            "The persona moved on and the proposal does not fit it any more. It has to be "
            "revised, or rejected."
        ),
        Hindrance.NOTHING_LEFT: _(
            "The persona already is as the proposal wants it: nothing is left to apply."
        ),
    }
    return texts[hindrance]
