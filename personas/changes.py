"""A proposal's change on the record as it is now, rebased where the record moved on (§4)."""

from __future__ import annotations

from dataclasses import dataclass

from personas.documents.canonical import Json
from personas.documents.patch import Preview, preview
from personas.documents.rebase import Conflict, Conflicts, rebase
from personas.effective import effective_preview
from personas.errors import ImmutableField, InvalidDiff
from personas.models import Persona, Proposal
from personas.selectors import document_at, stored_limits


@dataclass(frozen=True, slots=True)
class Merged:
    """What approval would do to ``document``, the record at ``onto_version``.

    ``preview`` is None when nothing can be applied: because of ``conflicts``, because of
    ``problem`` (the merged result would break a rule), or, with neither, because the record
    already is as the proposal wants it.
    """

    onto_version: int
    document: Json
    preview: Preview | None
    conflicts: tuple[Conflict, ...] = ()
    problem: str = ""


def change_on_base(proposal: Proposal, persona: Persona) -> tuple[Json, Preview]:
    """The document the proposal was written on, and what it does there."""
    base = document_at(persona, proposal.base_version)
    return base, asked_on(base, proposal)


def asked_on(base: Json, proposal: Proposal) -> Preview:
    """What the proposal does on ``base``, the document that it was written on."""
    return effective_preview(base, proposal.diff, proposal.telemetry_scope, stored_limits())


def change_on_current(
    proposal: Proposal, persona: Persona, *, version: int | None = None
) -> Merged:
    """The proposal's change on the persona as it is, or as it was at ``version``."""
    base, asked = change_on_base(proposal, persona)
    return carry_over(proposal, persona, base, asked, version=version)


def carry_over(
    proposal: Proposal, persona: Persona, base: Json, asked: Preview, *, version: int | None = None
) -> Merged:
    """``change_on_current`` for who has the answer of ``change_on_base`` already."""
    onto = persona.version if version is None else version
    if onto == proposal.base_version:
        return Merged(onto, base, asked)
    current = document_at(persona, onto)
    merged = rebase(base, current, asked.ops)
    if isinstance(merged, Conflicts):
        return Merged(onto, current, None, tuple(merged.conflicts))
    if merged.changes_nothing:
        return Merged(onto, current, None)
    try:
        return Merged(onto, current, preview(current, merged.ops, stored_limits()))
    except (InvalidDiff, ImmutableField) as error:
        return Merged(onto, current, None, problem=error.detail)
