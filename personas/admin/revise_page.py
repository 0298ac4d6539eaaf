"""Revising a proposal from the browser: what is asked for now, to be edited (contract §13)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from leases.capabilities import PERSONA_MANAGE
from leases.models import User
from leases.roles import Right
from leases.standing import lease_standing
from personas.admin.editor_page import editor_context
from personas.admin.propose_page import ProposeForm, laid_out, preview_context
from personas.changes import change_on_base, change_on_current
from personas.documents.canonical import Op
from personas.documents.rebase import Conflict
from personas.editing import carry_over, patch_between
from personas.errors import ReviewOutdated
from personas.models import Proposal
from personas.selectors import proposal_get
from personas.services.approvers import may_decide
from personas.services.proposals import proposal_revise


def may_revise(viewer: User, proposal: Proposal) -> bool:
    """Whether the page is for the viewer: the author, and those who decide."""
    if viewer.pk == proposal.submitted_by_id and viewer.has_right(Right.PROPOSE):
        return True
    return may_decide(viewer, proposal.persona)


def revise_preview(proposal: Proposal, form: ProposeForm) -> dict[str, Any]:
    """What the edited change would do to the record as it is; nothing is written."""
    return preview_context(proposal.persona.document, form.parsed(), proposal.telemetry_scope)


def revise(actor: User, proposal: Proposal, form: ProposeForm, now: datetime) -> Proposal:
    """Submit the revision, bound to the one that was edited. Raises domain errors."""
    if not form.digest:
        raise ReviewOutdated(_("The form does not say which revision was edited; look again."))
    return proposal_revise(
        actor=actor,
        proposal_id=proposal.pk,
        diff=form.parsed(),
        rationale=form.rationale,
        digest=form.digest,
        version=form.version,
        now=now,
    )


def revise_context(
    proposal_id: uuid.UUID, form: ProposeForm | None, *, viewer: User, here: str
) -> dict[str, Any]:
    """What ``desk/revise.html`` shows. Without a form it is filled with what is asked for now.

    ``outdated`` says that somebody else revised the proposal since the form was opened.
    """
    proposal = proposal_get(proposal_id)
    persona = proposal.persona
    ops, rebased, conflicts = _starting_diff(proposal)
    if form is None:
        form = ProposeForm(
            laid_out(ops), proposal.rationale, proposal.digest, version=persona.version
        )
    return {
        "proposal": proposal,
        "persona": persona,
        "form": form,
        **editor_context(persona, form),
        "current_diff": laid_out(ops),
        "rebased": rebased,
        "stale_conflicts": conflicts,
        "stale": not rebased and persona.version != proposal.base_version,
        "outdated": bool(form.digest) and form.digest != proposal.digest,
        "lease": lease_standing(
            viewer=viewer,
            action=PERSONA_MANAGE,
            resource=persona.resource,
            now=timezone.now(),
            back=here,
        ),
    }


def _starting_diff(proposal: Proposal) -> tuple[list[Op], bool, tuple[Conflict, ...]]:
    """The operations to begin with, whether they were carried over, and where both sides moved.

    Where both did, the proposal's value stands; a diff that cannot be carried over is as it was.
    """
    persona = proposal.persona
    merged = change_on_current(proposal, persona)
    if merged.onto_version == proposal.base_version:
        return proposal.diff, False, ()
    if merged.preview is not None:
        return merged.preview.ops, True, ()
    base, asked = change_on_base(proposal, persona)
    carried = carry_over(base, asked.result, persona.document)
    ops = patch_between(persona.document, carried.document)
    return ops or proposal.diff, False, carried.conflicts
