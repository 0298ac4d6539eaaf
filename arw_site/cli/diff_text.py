"""Changes as lines that can be read without knowing JSON Patch.

A change is an object as ``compare`` answers it (contract §13): ``path``, ``kind`` (``added``,
``removed``, ``changed``, ``moved``), ``before``, ``after``, ``from_path``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from arw_site.cli.output import compact, indented, one_line, plain
from arw_site.cli.painting import Line, Run, Style

_SIGNS = {"added": "+", "removed": "-", "changed": "~", "moved": ">"}
_STYLES: dict[str, Style] = {
    "added": "added",
    "removed": "removed",
    "changed": "changed",
    "moved": "moved",
}
_SIDES: dict[str, Style] = {"base": "", "theirs": "removed", "ours": "added"}
WIDE = 88


def change_lines(changes: list[dict[str, Any]]) -> Iterator[Line]:
    """A line for each change; several where its values are long."""
    for change in changes:
        yield from _change(change)


def operation_lines(operations: list[dict[str, Any]]) -> Iterator[Line]:
    """The operations of a diff as they are, where nothing is known to compare them with."""
    for operation in operations:
        source = f" from {one_line(operation['from'])}" if "from" in operation else ""
        value = f": {_value(operation['value'])}" if "value" in operation else ""
        name, path = one_line(operation.get("op")), one_line(operation.get("path"))
        yield [("", f"  {name} {path}{source}{value}")]


def conflict_lines(conflicts: list[dict[str, Any]]) -> Iterator[Line]:
    """Each path that the record and the proposal both changed, with its three sides.

    ``ours`` is the proposal's side, ``theirs`` what was applied meanwhile (contract §2).
    """
    for conflict in conflicts:
        yield [("changed", f"  ! {one_line(conflict.get('path') or '/')}")]
        for side, name in (("base", "before"), ("theirs", "now"), ("ours", "proposed")):
            value = _value(conflict[side]) if side in conflict else "absent"
            yield [(_SIDES[side], f"    {name:<8}  {value}")]


def _change(change: dict[str, Any]) -> Iterator[Line]:
    kind = str(change.get("kind"))
    style = _STYLES.get(kind, "")
    head = f"  {_SIGNS.get(kind, '?')} {one_line(change.get('path') or '/')}"
    if kind == "moved":
        yield [(style, f"{head}: from {one_line(change.get('from_path'))}")]
    elif kind == "changed":
        yield from _replaced(head, change.get("before"), change.get("after"))
    else:
        value = change.get("after" if kind == "added" else "before")
        line = f"{head}: {_value(value)}"
        if len(line) <= WIDE or not isinstance(value, dict | list):
            yield [(style, line)]
        else:
            yield [(style, f"{head}:")]
            yield from ([(style, text)] for text in indented(value, "      "))


def _replaced(head: str, before: Any, after: Any) -> Iterator[Line]:
    old, new = _value(before), _value(after)
    line = f"{head}: {old} -> {new}"
    if len(line) <= WIDE:
        yield [("changed", f"{head}: "), ("removed", old), ("", " -> "), ("added", new)]
        return
    from personas.documents.words import word_marks

    marks = word_marks(old, new) or (("removed", old), ("added", new))
    yield [("changed", head)]
    yield [("removed", "    - "), *_runs(marks, "removed", "word removed")]
    yield [("added", "    + "), *_runs(marks, "added", "word added")]


def _runs(marks: Any, side: Style, word: Style) -> list[Run]:
    whole = not any(mark == "same" for mark, _ in marks)
    return [
        (side if mark == "same" or whole else word, text)
        for mark, text in marks
        if mark in ("same", side)
    ]


def _value(value: Any) -> str:
    return plain(compact(value))
