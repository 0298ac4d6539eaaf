"""Proposing a change from the browser: JSON in, a preview or a proposal out (contract §4)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from leases import strict_json
from leases.errors import DomainError, Fault
from leases.page_errors import page_status, sentence
from personas.admin.change_rows import change_rows, summary_text
from personas.admin.editor_moved import Moved, moved_since
from personas.admin.review_page import bias_rows
from personas.documents.canonical import Json, Op
from personas.documents.compare import compare, summarise
from personas.documents.consent import consent_of
from personas.documents.impact import assess
from personas.editing import patch_between
from personas.effective import effective_preview
from personas.errors import InvalidDiff
from personas.models import Persona
from personas.selectors import document_at, limits


@dataclass(slots=True)
class ProposeForm:
    """What was typed, and what is wrong with it: faults of the diff, of the rationale, of all.

    ``digest`` names the revision that is edited, and is empty for a new proposal. ``version`` is
    the record's that was edited; None where the form does not say. ``typed`` is the diff before it
    was carried over to a newer version, and empty where it was not.
    """

    diff: str = ""
    rationale: str = ""
    digest: str = ""
    version: int | None = None
    typed: str = ""
    diff_faults: list[Fault] = field(default_factory=list)
    rationale_faults: list[Fault] = field(default_factory=list)
    error: str = ""
    status: int = 200

    def parsed(self) -> Json:
        """The diff as JSON. Raises ``InvalidDiff`` with a fault for each flaw of the text."""
        return parsed_diff(self.diff)

    def refuse(self, error: DomainError) -> None:
        """Put what ``error`` says beside the field that it is about."""
        self.status = int(page_status(error))
        for fault in error.errors:
            beside = self.rationale_faults if fault.pointer == "/rationale" else self.diff_faults
            # Here the field is the diff itself, so pointers lead into what was typed.
            beside.append(replace(fault, pointer=fault.pointer.removeprefix("/diff")))
        if isinstance(error, InvalidDiff) and not error.errors:
            self.diff_faults.append(Fault("", error.detail or error.title, error.instance_code))
        elif not error.errors:
            self.error = sentence(error)

    def carry(self, persona: Persona, *, submitted: bool) -> Moved | None:
        """Write the diff on the record as it is, where that moved on since the form was opened.

        None where it did not. Raises ``InvalidDiff``, ``ImmutableField`` for a diff that did not
        even fit the version that it was written on.
        """
        if self.version is None or self.version == persona.version:
            return None
        base = document_at(persona, self.version)
        tried = effective_preview(base, self.parsed(), {}, limits())
        moved = moved_since(persona, self.version, base, tried.result)
        ops = patch_between(persona.document, moved.document)
        self.typed, self.version = self.diff, persona.version
        if submitted:
            self.status = 409
        if ops:
            self.diff = laid_out(ops)
        return moved


def parsed_diff(text: str) -> Json:
    """``text`` as JSON. Raises ``InvalidDiff`` with a fault for each flaw."""
    try:
        return strict_json.loads(text)
    except strict_json.StrictJSONError as error:
        faults = typing_faults(error)
        raise InvalidDiff(faults[0].message, errors=faults) from error


def typing_faults(error: strict_json.StrictJSONError) -> list[Fault]:
    """The flaws of a text that somebody typed; where it stops being JSON, in words of the desk."""
    if error.place is None:
        return error.faults
    line, column = error.place
    said = _(
        "no JSON from line %(line)d, column %(column)d on: look there and just before for a comma, "
        "quote or bracket that is missing or too many"
    )
    return [Fault("", said % {"line": line, "column": column}, "syntax")]


def laid_out(ops: list[Op]) -> str:
    """A patch over lines, as it is edited."""
    return json.dumps(ops, indent=2, ensure_ascii=False)


def read_proposal(data: QueryDict, persona: Persona) -> ProposeForm:
    """The form as it was sent."""
    return ProposeForm(
        data.get("diff", ""),
        data.get("rationale", ""),
        data.get("digest", ""),
        read_version(data, persona),
    )


def read_version(data: QueryDict, persona: Persona) -> int | None:
    """The version that was edited; None for one that the persona never had."""
    text = data.get("version", "")
    version = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
    return version if 1 <= version <= persona.version else None


def preview_context(
    before: Json, diff: Json, telemetry_scope: dict[str, Any] | None = None
) -> dict[str, Any]:
    """What ``diff`` would do to the document ``before``, as the review screen would show it.

    ``telemetry_scope`` are further opt-ins that a revised proposal asks for.
    Raises ``InvalidDiff``, ``ImmutableField``.
    """
    tried = effective_preview(before, diff, telemetry_scope or {}, limits())
    changes = compare(before, tried.result)
    old, new = consent_of(before), consent_of(tried.result)
    return {
        "previewed": True,
        "summary": summary_text(summarise(changes), old, new),
        "rows": change_rows(changes),
        "impacts": assess(before, tried.result, ops_count=len(tried.ops)),
        "bias": bias_rows(before, tried.result),
        "consent_before": old,
        "consent_after": new,
        "notice_needed": new.enabled and old != new,
    }
