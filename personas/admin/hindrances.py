"""Why a button is off, in words, with the way out where there is one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from leases.capabilities import PERSONA_MANAGE, Action
from leases.models import User
from leases.page_errors import sentence
from leases.policy.judgement import BEYOND_LEASES
from leases.roles import Right
from leases.standing import ask_url, grant_url
from leases.verdict_words import denial_text
from personas.admin.deep_links import resume_url
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
        return _missing_lease(review, viewer)
    if hindrance is Hindrance.LEASES_REQUIRED:
        missing = ", ".join(review.missing_leases)
        text = _("The proposal can only be applied under leases that are not held: %(missing)s.")
        action = Action("proposal.lease_required", review.missing_leases[0])
        return _with_grant(text % {"missing": missing}, action, review, viewer)
    if hindrance is Hindrance.CONDITION and review.unmet is not None:
        return Explanation(sentence(review.unmet))
    return Explanation(_plain(hindrance, review, viewer))


def _missing_lease(review: Review, viewer: User) -> Explanation:
    reason = getattr(review.lease, "reason", "")
    if reason in BEYOND_LEASES:
        return Explanation(denial_text(reason))
    # A rule of the policy can make it another capability than its own.
    needed = getattr(review.lease, "required_capability", "") or PERSONA_MANAGE.capability
    text = _("Deciding needs a lease for %(capability)s on this persona.")
    words = f"{text % {'capability': needed}} {denial_text(reason)}"
    return _with_grant(words, Action(PERSONA_MANAGE.name, needed), review, viewer)


def _with_grant(text: str, action: Action, review: Review, viewer: User) -> Explanation:
    named = {"capability": action.capability}
    place = (action.capability, f"persona:{review.persona.id}", resume_url(review.proposal))
    if not viewer.has_right(Right.MANAGE_LEASES):
        return Explanation(text, ask_url(*place), _("Ask for %(capability)s") % named)
    return Explanation(text, grant_url(*place), _("Grant %(capability)s") % named)


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
