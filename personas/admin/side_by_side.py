"""The whole record before and after, field by field, as aligned lines. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from personas.documents.canonical import FIELDS, Json, json_equal

FOLD_ABOVE = 9
CONTEXT = 3
_BUDGET = 4_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One row: ``kind`` is same, removed, added, changed, or fold (``left`` counts the lines)."""

    kind: str
    left_number: int | None = None
    left: str = ""
    right_number: int | None = None
    right: str = ""
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class FieldLines:
    """One top-level field of the record."""

    name: str
    changed: bool
    lines: list[Line]


def side_by_side(before: Json, after: Json, *, full: bool) -> list[FieldLines]:
    """Every field of the record in document order; long unchanged runs fold unless ``full``."""
    fields = []
    for name in FIELDS:
        old, new = before.get(name), after.get(name)
        lines = _aligned(_laid_out(old), _laid_out(new))
        changed = not json_equal(old, new)
        fields.append(
            FieldLines(name, changed, list(_fold(lines)) if changed and not full else lines)
        )
    return fields


def aligned_lines(before: Json, after: Json) -> list[Line]:
    """Two JSON values laid out over lines that stand beside each other."""
    return _aligned(_laid_out(before, sort=False), _laid_out(after, sort=False))


def _laid_out(value: Json, *, sort: bool = True) -> list[str]:
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=sort).splitlines()


def _aligned(old: list[str], new: list[str]) -> list[Line]:
    lines: list[Line] = []
    for tag, old_from, old_to, new_from, new_to in _opcodes(old, new):
        left, right = range(old_from, old_to), range(new_from, new_to)
        for at in range(max(len(left), len(right))):
            one = left[at] if at < len(left) else None
            other = right[at] if at < len(right) else None
            lines.append(_line(tag, old, one, new, other))
    return lines


def _opcodes(old: list[str], new: list[str]) -> Sequence[tuple[str, int, int, int, int]]:
    if len(old) * len(new) > _BUDGET and old != new:
        return [("replace", 0, len(old), 0, len(new))]
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def _line(tag: str, old: list[str], one: int | None, new: list[str], other: int | None) -> Line:
    kind = "same" if tag == "equal" else "changed"
    if one is None:
        kind = "added"
    elif other is None:
        kind = "removed"
    return Line(
        kind,
        None if one is None else one + 1,
        "" if one is None else old[one],
        None if other is None else other + 1,
        "" if other is None else new[other],
    )


def _fold(lines: list[Line]) -> Iterator[Line]:
    near: set[int] = set()
    for at, line in enumerate(lines):
        if line.kind != "same":
            near.update(range(at - CONTEXT, at + CONTEXT + 1))
    run: list[Line] = []
    for at, line in enumerate(lines):
        if line.kind == "same" and at not in near:
            run.append(line)
            continue
        yield from _closed(run)
        run = []
        yield line
    yield from _closed(run)


def _closed(run: list[Line]) -> Iterator[Line]:
    if len(run) >= FOLD_ABOVE:
        yield Line("fold", hidden=len(run))
    else:
        yield from run
