"""The editor's live preview: what was typed so far, judged and drawn by the server (contract §4).

The same services judge it as will judge the proposal; nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string

from leases import strict_json
from leases.errors import Fault
from personas.admin.editor_moved import Moved, moved_since
from personas.admin.propose_page import (
    laid_out,
    parsed_diff,
    preview_context,
    read_version,
    typing_faults,
)
from personas.documents.canonical import Json, Op
from personas.documents.schema import document_faults
from personas.editing import patch_between, record_pointer, sizes_of
from personas.effective import effective_preview
from personas.errors import ImmutableField, InvalidDiff
from personas.models import Persona
from personas.selectors import document_at, limits

# What no valid record or patch comes near, escapes and indentation included.
_TEXT_FACTOR = 16
_OUT_OF_BOUNDS = frozenset({"document_too_large", "too_deep"})


@dataclass(slots=True)
class Draft:
    """An edit in the making. ``edited`` is None while the text cannot be read as a record."""

    version: int
    base: Json
    edited: Json = None
    ops: list[Op] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    moved: Moved | None = None


def draft_response(
    request: HttpRequest, persona: Persona, telemetry_scope: dict[str, Any] | None = None
) -> JsonResponse:
    """The answer to ``step=draft``: patch, record, faults, sizes, and the preview as HTML.

    ``source`` says whether ``text`` is the edited ``document`` or a ``patch`` over the record at
    ``version``; with ``carry`` it is written on the record as it is first.
    """
    draft = read_draft(persona, request)
    shown: dict[str, Any] = {"summary": "", "html": ""}
    if draft.edited is not None and not draft.faults and (draft.ops or telemetry_scope):
        shown = _shown(request, draft, telemetry_scope or {})
    readable = draft.edited is not None
    sizes = sizes_of(draft.edited if readable else draft.base, draft.ops)
    answer = {
        **shown,
        "document": draft.edited,
        "patch": laid_out(draft.ops) if readable and not _is_out_of_bounds(draft) else None,
        "faults": [
            {"pointer": fault.pointer, "message": fault.message, "code": fault.code}
            for fault in draft.faults
        ],
        "sizes": {
            "document": sizes.document,
            "diff": sizes.diff,
            "operations": sizes.operations,
        },
        "version": draft.version,
        "base": draft.base if "carry" in request.POST else None,
        "moved": _moved_notice(request, persona, draft),
    }
    return JsonResponse(answer)


def read_draft(persona: Persona, request: HttpRequest) -> Draft:
    """What was sent, as a record and as a patch, with everything that is wrong with it."""
    data = request.POST
    version = read_version(data, persona) or persona.version
    base = persona.document if version == persona.version else document_at(persona, version)
    draft = Draft(version, base)
    text = data.get("text", "")
    if len(text) > _TEXT_FACTOR * limits().document_bytes:
        draft.faults.append(Fault("", "the text is far too long", "too_large"))
        return draft
    if data.get("source") == "patch":
        _read_patch(draft, text)
    else:
        _read_document(draft, text)
    readable = draft.edited is not None and not _is_out_of_bounds(draft)
    if "carry" in data and readable and version != persona.version:
        _carry(draft, persona)
    return draft


def _read_document(draft: Draft, text: str) -> None:
    try:
        edited = strict_json.loads(text)
    except strict_json.StrictJSONError as error:
        draft.faults.extend(typing_faults(error))
        return
    if not isinstance(edited, dict):
        draft.faults.append(Fault("", "a record is an object", "type"))
        return
    draft.edited = edited
    draft.faults.extend(document_faults(edited, limits()))
    if _is_out_of_bounds(draft):
        return  # comparing it would cost more than any record may
    draft.ops = patch_between(draft.base, edited)
    if not draft.faults:
        _judge(draft)


def _is_out_of_bounds(draft: Draft) -> bool:
    return any(fault.code in _OUT_OF_BOUNDS for fault in draft.faults)


def _judge(draft: Draft) -> None:
    """Everything that submission would refuse, with pointers into the record."""
    try:
        effective_preview(draft.base, draft.ops, {}, limits())
    except (InvalidDiff, ImmutableField) as error:
        if error.instance_code == "no_change":
            return
        found = error.errors or [Fault("/diff", error.detail or error.title, error.instance_code)]
        draft.faults.extend(
            replace(fault, pointer=record_pointer(fault.pointer, draft.ops)) for fault in found
        )


def _read_patch(draft: Draft, text: str) -> None:
    try:
        tried = effective_preview(draft.base, parsed_diff(text), {}, limits())
    except (InvalidDiff, ImmutableField) as error:
        if error.instance_code == "no_change":
            draft.edited = draft.base
            return
        found = error.errors or [Fault("", error.detail or error.title, error.instance_code)]
        draft.faults.extend(
            replace(fault, pointer=fault.pointer.removeprefix("/diff")) for fault in found
        )
        return
    draft.edited, draft.ops = tried.result, tried.ops


def _carry(draft: Draft, persona: Persona) -> None:
    draft.moved = moved_since(persona, draft.version, draft.base, draft.edited)
    draft.version, draft.base = persona.version, persona.document
    draft.edited = draft.moved.document
    draft.ops = patch_between(draft.base, draft.edited)
    draft.faults = document_faults(draft.edited, limits())
    if not draft.faults:
        _judge(draft)


def _shown(request: HttpRequest, draft: Draft, telemetry_scope: dict[str, Any]) -> dict[str, Any]:
    try:
        context = preview_context(draft.base, draft.ops, telemetry_scope)
    except (InvalidDiff, ImmutableField) as error:
        if error.instance_code != "no_change":
            draft.faults.append(Fault("", error.detail or error.title, error.instance_code))
        return {"summary": "", "html": ""}
    html = render_to_string("desk/parts/editor_preview.html", context, request)
    return {"summary": context["summary"], "html": html}


def _moved_notice(request: HttpRequest, persona: Persona, draft: Draft) -> str:
    """What to say of a record that moved on, before and after the edit was carried over."""
    if draft.moved is None and draft.version == persona.version:
        return ""
    newest = persona.history.select_related("applied_by").filter(version=persona.version).first()
    context = {
        "persona": persona,
        "moved": draft.moved,
        "base": draft.moved.base if draft.moved else draft.version,
        "entry": newest,
        "asks": draft.moved is None,
    }
    return render_to_string("desk/parts/editor_moved.html", context, request)
