"""Two revisions of a proposal beside each other: what they ask for, and what they would give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from personas.admin.change_rows import ChangeRow, change_rows
from personas.admin.side_by_side import aligned_lines
from personas.documents.canonical import Json
from personas.documents.compare import compare
from personas.effective import effective_preview
from personas.models import Persona, Proposal, ProposalRevision
from personas.selectors import document_at, limits

ASKED = ("rationale", "telemetry_scope", "leases_required")


def revisions_context(proposal: Proposal, query: Mapping[str, str]) -> dict[str, Any]:
    """What ``desk/revisions.html`` shows for ``from`` and ``to``; by default the newest two.

    ``error`` is a sentence when a revision was asked for that is not there.
    """
    persona = proposal.persona
    revisions = list(proposal.revisions.select_related("author").order_by("number"))
    by_number = {str(revision.number): revision for revision in revisions}
    first = query.get("from", str(max(proposal.revision - 1, 1)))
    second = query.get("to", str(proposal.revision))
    old, new = by_number.get(first), by_number.get(second)
    context: dict[str, Any] = {
        "proposal": proposal,
        "persona": persona,
        "revisions": revisions,
        "from": first,
        "to": second,
        "error": "",
    }
    if old is None or new is None:
        return {**context, "error": _("There is no such revision.")}
    return {
        **context,
        "old": old,
        "new": new,
        "asked_rows": _asked_rows(old, new),
        "rows": change_rows(compare(_result(persona, old), _result(persona, new))),
        "lines": aligned_lines(old.diff, new.diff),
    }


def _asked_rows(old: ProposalRevision, new: ProposalRevision) -> list[ChangeRow]:
    """What changed beside the diff: the reason, the opt-ins, the leases."""
    before, after = ({name: getattr(one, name) for name in ASKED} for one in (old, new))
    return change_rows(compare(before, after))


def _result(persona: Persona, revision: ProposalRevision) -> Json:
    """The record as the revision would have made it, on the version that it was written on."""
    base = document_at(persona, revision.base_version)
    return effective_preview(base, revision.diff, revision.telemetry_scope, limits()).result
