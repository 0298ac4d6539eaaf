"""A proposal's changes as lines that can be read without knowing JSON Patch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arw_site.cli.failures import Refused
from arw_site.cli.output import compact, one_line, plain

if TYPE_CHECKING:
    from arw_site.cli.session import Session

_SIGNS = {"added": "+", "removed": "-", "changed": "~", "moved": ">"}


def change_lines(session: Session, detail: dict[str, Any]) -> list[str]:
    """One line a changed path, with what is there now; the operations where that is not known."""
    if detail.get("status") == "pending":
        lines = _compared(session, detail)
        if lines:
            return lines
    return [_operation(operation) for operation in detail.get("diff") or []]


def _compared(session: Session, detail: dict[str, Any]) -> list[str]:
    from leases.errors import DomainError
    from personas.documents.application import apply_raw
    from personas.documents.canonical import FIELDS
    from personas.documents.compare import compare

    try:
        record = session.api.get("state", "persona", str(detail.get("persona_id"))).record
        before = {field: record[field] for field in FIELDS}
        rebased = (detail.get("rebase") or {}).get("result")
        after = rebased or apply_raw(before, detail.get("diff") or [])
    except (Refused, DomainError, KeyError):
        return []
    return [_change(change) for change in compare(before, after)]


def _change(change: Any) -> str:
    head = f"  {_SIGNS[change.kind]} {one_line(change.path or '/')}"
    match change.kind:
        case "moved":
            return f"{head}: from {one_line(change.from_path)}"
        case "added":
            return f"{head}: {_value(change.after)}"
        case "removed":
            return f"{head}: {_value(change.before)}"
    return f"{head}: {_value(change.before)} -> {_value(change.after)}"


def _operation(operation: dict[str, Any]) -> str:
    source = f" from {one_line(operation['from'])}" if "from" in operation else ""
    value = f": {_value(operation['value'])}" if "value" in operation else ""
    return f"  {one_line(operation.get('op'))} {one_line(operation.get('path'))}{source}{value}"


def _value(value: Any) -> str:
    return plain(compact(value))
