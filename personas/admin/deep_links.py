"""Addresses that lead to one place of a page: a changed path, or a decision that was begun.

That of a path leads to its row, whatever number this has by then. The address carries the path as ``?path=`` and ends in ``#at``, which the page puts on the row that
shows it: that works without a script, and after a revision that moved the rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote_plus, urlencode

from personas.admin.change_rows import ChangeRow
from personas.documents.pointer import PointerSyntaxError, Tokens, is_prefix, overlaps, split
from personas.models import Proposal

PATH = "path"
FRAGMENT = "at"
RESUME = "resume"


@dataclass(frozen=True, slots=True)
class LinkedRows:
    """The rows with their addresses. ``missing`` is a path that was asked for and is not there."""

    rows: list[ChangeRow]
    missing: str = ""


def link_rows(
    rows: Sequence[ChangeRow], query: Mapping[str, str], keep: Sequence[str] = ()
) -> LinkedRows:
    """``rows`` with an address each, and the one that ``query`` asks for marked.

    ``keep`` names the members of ``query`` that the addresses carry on. Without a row of that very
    path it is the nearest one: a row above the path, or the first below it.
    """
    carried = urlencode({name: query[name] for name in keep if query.get(name)})
    address = f"?{carried}&{PATH}=" if carried else f"?{PATH}="
    asked = query.get(PATH, "")
    at = _row_at(rows, asked) if asked else None
    linked = [
        replace(
            row,
            link=f"{address}{quote_plus(row.path)}#{FRAGMENT}",
            target=row is at,
        )
        for row in rows
    ]
    return LinkedRows(linked, asked if asked and at is None else "")


def resume_url(proposal: Proposal) -> str:
    """The decision of ``proposal``, with what was begun there and kept."""
    return f"{proposal.get_absolute_url()}?{RESUME}=1#decide"


def _row_at(rows: Sequence[ChangeRow], asked: str) -> ChangeRow | None:
    same = [row for row in rows if asked in (row.path, row.from_path)]
    if same:
        return same[0]
    try:
        wanted = split(asked)
    except PointerSyntaxError:
        return None
    near = [row for row in rows if overlaps(split(row.path), wanted)]
    # The innermost row above the path, else the first one inside it.
    return max(near, key=lambda row: len(split(row.path)) * _is_above(row, wanted), default=None)


def _is_above(row: ChangeRow, wanted: Tokens) -> bool:
    return is_prefix(split(row.path), wanted)
