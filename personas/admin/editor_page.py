"""What the editor's page needs besides the form: record, fields, words and limits, as JSON."""

from __future__ import annotations

import json
from typing import Any

from personas.admin.editor_fields import editor_fields, editor_words
from personas.admin.editor_moved import Moved
from personas.admin.propose_page import ProposeForm, preview_context
from personas.models import Persona
from personas.selectors import document_at, limits


def editor_context(persona: Persona, form: ProposeForm) -> dict[str, Any]:
    """The context of ``desk/parts/editor_form.html``; each value of ``editor`` is JSON text."""
    bounds = limits()
    version = persona.version if form.version is None else form.version
    return {
        "document": persona.document,
        "form_version": version,
        "editor": {
            "base": _text(document_at(persona, version)),
            "fields": _text(editor_fields(persona.owner_kind)),
            "words": _text(editor_words()),
            "limits": _text(
                {
                    "document": bounds.document_bytes,
                    "diff": bounds.diff_bytes,
                    "operations": bounds.operations,
                }
            ),
        },
    }


def moved_context(
    persona: Persona,
    form: ProposeForm,
    moved: Moved,
    telemetry_scope: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The notice that the record moved on, and what the diff that was carried over would do now."""
    notice = {"moved": moved, "entry": moved.entry, "base": moved.base}
    if moved.nothing_left:
        return notice
    return {**notice, **preview_context(persona.document, form.parsed(), telemetry_scope)}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
