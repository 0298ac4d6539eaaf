"""Why a decision was not carried out: who or what came first, and where to go from here.

Whatever is refused, nothing was written, and what was typed is still on the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from leases.errors import DomainError, LeaseRequired
from leases.models import User
from leases.page_errors import sentence
from personas.admin.decide_options import APPROVE
from personas.admin.hindrances import Explanation, explanations
from personas.admin.review_decision import DecisionForm, is_about_attestation, is_about_rationale
from personas.errors import (
    ChangesRequested,
    PersonaManageForbidden,
    ProposalNotPending,
    ReviewOutdated,
    StaleProposal,
)
from personas.models import Proposal
from personas.review import Hindrance, Review

_LEASES = (Hindrance.LEASE, Hindrance.LEASES_REQUIRED)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A sentence of what happened and one of what it means, with links that lead on.

    ``decided`` says that the page shows who decided and when; ``lease`` that a lease is missing
    and the decision can be taken up again with it.
    """

    text: str
    meaning: str = ""
    links: tuple[Explanation, ...] = ()
    decided: bool = False
    lease: bool = False


def refusal_of(
    error: DomainError, form: DecisionForm, review: Review, viewer: User
) -> Refusal | None:
    """What the page says of ``error``, as things stand now; None where a field says it already."""
    if is_about_rationale(error) or is_about_attestation(error):
        return None
    pending = review.status == Proposal.Status.PENDING
    if isinstance(error, ProposalNotPending | PersonaManageForbidden) and not pending:
        return _not_pending(review, viewer)
    if isinstance(error, ProposalNotPending | ReviewOutdated):
        return outdated(form, review)
    if isinstance(error, StaleProposal):
        return _stale(review)
    if isinstance(error, ChangesRequested):
        link = Explanation("", "#asked", _("Read what was asked for"))
        return Refusal(_("Changes were asked for meanwhile."), _nothing(), (link,))
    if isinstance(error, PersonaManageForbidden | LeaseRequired):
        return _forbidden(error, form, review, viewer)
    return Refusal(sentence(error))


def outdated(form: DecisionForm, review: Review) -> Refusal:
    """What the page says when it shows something else than what was decided on."""
    proposal, persona = review.proposal, review.persona
    meaning = _("Look again, then decide. What you typed is still there.")
    if form.digest and form.digest != proposal.digest:
        newest = proposal.revisions.select_related("author").order_by("number").last()
        shown = proposal.revisions.filter(digest=form.digest).order_by("number").last()
        if newest is not None and shown is not None and shown.number < newest.number:
            facts = {"who": str(newest.author), "number": newest.number}
            query = {"from": shown.number, "to": newest.number}
            address = reverse("admin:personas_proposal_revisions", args=[proposal.pk])
            link = Explanation("", f"{address}?{urlencode(query)}", _("What the revision changed"))
            return Refusal(
                _("It changed while you were looking. %(who)s wrote revision %(number)d.") % facts,
                meaning,
                (link,),
            )
    elif form.version is not None and 0 < form.version < review.version:
        query = {"from": form.version, "to": review.version}
        address = reverse("admin:personas_persona_compare", args=[persona.id])
        link = Explanation("", f"{address}?{urlencode(query)}", _("What changed in the persona"))
        words = _("It changed while you were looking. %(persona)s is at version %(version)d now.")
        facts = {"persona": str(persona), "version": review.version}
        return Refusal(words % facts, meaning, (link,))
    return Refusal(_("It changed while you were looking."), meaning)


def _not_pending(review: Review, viewer: User) -> Refusal:
    proposal = review.proposal
    if review.status == Proposal.Status.EXPIRED:
        address = reverse("admin:personas_persona_propose", args=[review.persona.id])
        again = Explanation("", address, _("Propose it again"))
        return Refusal(_("It expired before you decided."), _nothing(), (again,), decided=True)
    links = [Explanation("", "#outcome", _("See the decision"))]
    if review.entry is not None:
        query = urlencode({"from": review.entry.version - 1, "to": review.entry.version})
        address = reverse("admin:personas_persona_compare", args=[review.persona.id])
        label = _("What version %(version)d changed") % {"version": review.entry.version}
        links.append(Explanation("", f"{address}?{query}", label))
    meaning = _("Nothing was applied twice, and your decision was not needed.")
    if proposal.decided_by_id == viewer.pk:
        text = _("You decided already, in another window or on another device.")
    else:
        text = _("Somebody else decided first.")
    return Refusal(text, meaning, tuple(links), decided=True)


def _stale(review: Review) -> Refusal:
    revise = reverse("admin:personas_proposal_revise", args=[review.proposal.pk])
    links = (
        Explanation("", "#q-true", _("See where they meet")),
        Explanation("", revise, _("Revise it")),
    )
    return Refusal(
        _("The persona moved on and the proposal does not fit it any more."), _nothing(), links
    )


def _forbidden(error: DomainError, form: DecisionForm, review: Review, viewer: User) -> Refusal:
    approving = form.decision == APPROVE
    hindrances = review.approve_hindrances if approving else review.reject_hindrances
    found = [one for one in hindrances if one in _LEASES]
    missing = explanations(found, review, viewer)
    if not missing:
        # Held again by now, or nothing that a lease would help with.
        return Refusal(sentence(error), _nothing())
    return Refusal(
        _("A lease that this needs ran out or is missing."),
        _("Nothing was decided. With the lease you come back here, and what you typed is kept."),
        tuple(missing),
        lease=any(one.url for one in missing),
    )


def _nothing() -> str:
    return _("Nothing was decided.")
