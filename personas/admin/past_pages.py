"""The past of a record on the desk: two versions compared, one version shown, one restored."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from leases.capabilities import PERSONA_MANAGE
from leases.models import User
from leases.roles import Right
from leases.standing import lease_standing
from personas.admin.change_rows import change_rows, summary_text
from personas.admin.deep_links import PATH, link_rows
from personas.admin.review_page import bias_rows, untouched
from personas.documents.canonical import Json
from personas.documents.compare import compare, summarise
from personas.documents.consent import consent_of
from personas.documents.impact import assess
from personas.documents.inverse import difference
from personas.models import HistoryEntry, Persona, Proposal
from personas.verification import documents_between, entry_of

CARD_FIELDS = ("traits", "preferences", "worldview", "vibe_profile", "calibration")
NEWEST = 200


def compare_context(persona: Persona, query: Mapping[str, str], *, viewer: User) -> dict[str, Any]:
    """What ``desk/compare.html`` shows for ``from`` and ``to``; by default the newest change.

    ``error`` is a sentence when a version was asked for that never was.
    """
    newest = persona.version
    start = _version(query.get("from", str(max(newest - 1, 0))), newest)
    end = _version(query.get("to", str(newest)), newest)
    context: dict[str, Any] = {"persona": persona, "error": ""}
    if start is None or end is None:
        error = _("There is no such version: they go from 0 to %(newest)d.") % {"newest": newest}
        choices = version_choices(persona, {0, newest})
        return {**context, "error": error, "choices": choices, "from": 0, "to": newest}
    before, after = documents_between(persona, start, end)
    shown = _what_changes(before, after)
    address = {"from": str(start), "to": str(end), PATH: query.get(PATH, "")}
    linked = link_rows(shown["rows"], address, keep=("from", "to"))
    return {
        **context,
        **shown,
        "rows": linked.rows,
        "path_missing": linked.missing,
        "parts": compare_parts(bool(linked.rows)),
        "from": start,
        "to": end,
        "compared": True,
        "choices": version_choices(persona, {start, end}),
        "diff": difference(before, after),
        "may_restore": viewer.has_right(Right.PROPOSE) and 0 < start < newest,
    }


def compare_parts(changed: bool) -> list[tuple[str, str]]:
    """The parts of the page for its bar: ids with labels."""
    return [("changes", _("What changed")), ("meaning", _("What it means"))] if changed else []


def version_choices(persona: Persona, chosen: set[int]) -> list[tuple[int, HistoryEntry | None]]:
    """The versions to choose from, the newest first, with their row; 0 is the empty record.

    Of a long history the newest, and those of ``chosen``.
    """
    entries = persona.history.select_related("applied_by").defer("diff", "inverse")
    wanted = {
        entry.version: entry
        for entry in (
            *entries.newest_first()[:NEWEST],
            *entries.filter(version__in=chosen).newest_first(),
        )
    }
    ordered: list[tuple[int, HistoryEntry | None]] = sorted(
        wanted.items(), key=lambda pair: pair[0], reverse=True
    )
    return [*ordered, (0, None)]


def version_context(persona: Persona, version: int, *, viewer: User) -> dict[str, Any]:
    """What ``desk/version.html`` shows. Raises ``PersonaNotFound`` for one that never was."""
    document, _same = documents_between(persona, version, version)
    return {
        "persona": persona,
        "version": version,
        "entry": entry_of(persona, version),
        "record": document,
        "consent": consent_of(document),
        "sections": [(name, document[name]) for name in CARD_FIELDS],
        "previous": version - 1,
        "next": version + 1 if version < persona.version else None,
        "may_restore": viewer.has_right(Right.PROPOSE) and version < persona.version,
    }


def restore_context(
    persona: Persona, version: int, *, viewer: User, now: datetime, here: str
) -> dict[str, Any]:
    """What ``desk/restore.html`` shows: what would change if ``version`` came back.

    Raises ``PersonaNotFound`` for a version that never was.
    """
    entry = entry_of(persona, version)
    then, present = documents_between(persona, version, persona.version)
    return {
        "persona": persona,
        "version": version,
        "entry": entry,
        "lease": lease_standing(
            viewer=viewer, action=PERSONA_MANAGE, resource=persona.resource, now=now, back=here
        ),
        **_what_changes(present, then),
    }


def undo_context(persona: Persona, version: int, asked: str) -> dict[str, Any]:
    """What is undone, where the page was reached from a decision: ``asked`` is its proposal.

    ``later`` counts the changes after it, which would be undone too.
    """
    try:
        undone = Proposal.objects.filter(pk=uuid.UUID(asked), persona=persona).first()
    except ValueError:
        undone = None
    entry = undone.history.first() if undone else None
    if undone is None or entry is None or entry.version != version + 1:
        return {"undone": None, "later": 0, "back": persona.get_absolute_url()}
    later = persona.version - entry.version
    return {"undone": undone, "later": later, "back": undone.get_absolute_url()}


def suggested_reason(version: int, undone: Proposal | None) -> str:
    """The reason that the form begins with."""
    if undone is None:
        return _("Restore version %(version)d.") % {"version": version}
    address = reverse("admin:personas_proposal_review", args=[undone.pk])
    said = _("Undo the change of version %(version)d (%(address)s).")
    return said % {"version": version + 1, "address": address}


def _version(text: str, newest: int) -> int | None:
    known = text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= newest
    return int(text) if known else None


def _what_changes(before: Json, after: Json) -> dict[str, Any]:
    changes = compare(before, after)
    old, new = consent_of(before), consent_of(after)
    return {
        "summary": summary_text(summarise(changes), old, new),
        "rows": change_rows(changes, before=before, after=after),
        "untouched": untouched(before, after),
        "impacts": assess(before, after, ops_count=len(changes)),
        "bias": bias_rows(before, after),
        "consent_before": old,
        "consent_after": new,
    }
