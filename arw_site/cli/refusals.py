"""A problem document (contract §2) as lines for a person."""

from __future__ import annotations

from typing import Any

from arw_site.cli.failures import Refused
from arw_site.cli.output import compact, one_line, plain

UNAUTHORIZED = "unauthorized: provide --admin-token or set ARW_ADMIN_TOKEN"


def refusal(status: int, problem: Any, text: str) -> Refused:
    """The failure that the problem document tells: title and detail, then one line a fault."""
    if not isinstance(problem, dict):
        return Refused(f"the server answered {status}: {one_line(problem)}", document=text)
    title = problem.get("title") or f"Status {status}"
    detail = problem.get("detail")
    lines = [f"{one_line(title)}: {one_line(detail)}" if detail else one_line(title)]
    if status == 401:
        lines.insert(0, UNAUTHORIZED)
    lines += [_fault(fault) for fault in _dicts(problem.get("errors"))]
    lines += [_conflict(conflict) for conflict in _dicts(problem.get("conflicts"))]
    if status >= 500 and problem.get("trace_id"):
        lines.append(f"  request id {one_line(problem['trace_id'])}")
    return Refused(*lines, document=text)


def _fault(fault: dict[str, Any]) -> str:
    pointer = fault.get("pointer") or "(the whole)"
    return f"  {one_line(pointer)}: {one_line(fault.get('detail'))}"


def _conflict(conflict: dict[str, Any]) -> str:
    sides = ", ".join(f"{side} {_value(conflict, side)}" for side in ("base", "ours", "theirs"))
    return f"  {one_line(conflict.get('path') or '(the whole)')}: {sides}"


def _value(conflict: dict[str, Any], side: str) -> str:
    return plain(compact(conflict[side])) if side in conflict else "absent"


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
