"""Proposing a change from the browser: JSON in, a preview or a proposal out (contract §4)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from leases import strict_json
from leases.errors import DomainError, Fault
from leases.page_errors import page_status, sentence
from personas.admin.change_rows import change_rows, summary_text
from personas.admin.review_page import bias_rows
from personas.documents.canonical import Json
from personas.documents.compare import compare, summarise
from personas.documents.consent import consent_of
from personas.documents.impact import assess
from personas.effective import effective_preview
from personas.errors import InvalidDiff
from personas.models import Persona
from personas.selectors import limits


@dataclass(slots=True)
class ProposeForm:
    """What was typed, and what is wrong with it: faults of the diff, of the rationale, of all.

    ``digest`` names the revision that is edited, and is empty for a new proposal.
    """

    diff: str = ""
    rationale: str = ""
    digest: str = ""
    diff_faults: list[Fault] = field(default_factory=list)
    rationale_faults: list[Fault] = field(default_factory=list)
    error: str = ""
    status: int = 200

    def parsed(self) -> Json:
        """The diff as JSON. Raises ``InvalidDiff`` with a fault for each flaw of the text."""
        try:
            return strict_json.loads(self.diff)
        except strict_json.StrictJSONError as error:
            raise InvalidDiff(error.faults[0].message, errors=error.faults) from error

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


def read_proposal(data: QueryDict) -> ProposeForm:
    """The form as it was sent."""
    return ProposeForm(data.get("diff", ""), data.get("rationale", ""), data.get("digest", ""))


def preview_context(
    persona: Persona, diff: Json, telemetry_scope: dict[str, Any] | None = None
) -> dict[str, Any]:
    """What ``diff`` would do to the record, as the review screen would show it.

    ``telemetry_scope`` are further opt-ins that a revised proposal asks for.
    Raises ``InvalidDiff``, ``ImmutableField``.
    """
    before = persona.document
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
