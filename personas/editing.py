"""Editing a whole record: from what was written to a patch, and onto a record that moved on. Pure.

Contract §3 and §4: what is edited is the document, what is submitted is a diff over it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from personas.documents.canonical import Json, Op, canonical_bytes, json_equal
from personas.documents.elements import likely_pairs, unmoved
from personas.documents.inverse import difference
from personas.documents.limits import quick_size
from personas.documents.pointer import join
from personas.documents.rebase import Conflict, Conflicts, rebase

_Path = tuple[str | int, ...]
_ABSENT = object()
_IN_DIFF = re.compile(r"^/diff/(\d+)(?:/(?:path|from|value|op)(.*))?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of the limits an edit uses: bytes of the record and of the patch, operations."""

    document: int
    diff: int
    operations: int


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """An edited document on a newer version; at ``conflicts`` both sides moved and ours stands."""

    document: Json
    conflicts: tuple[Conflict, ...]


def sizes_of(document: Json, ops: list[Op]) -> Sizes:
    """About the canonical sizes in bytes (see ``quick_size``), and the number of operations."""
    return Sizes(quick_size(document), quick_size(ops), len(ops))


def patch_between(before: Json, after: Json) -> list[Op]:
    """RFC 6902 operations that make ``before`` equal ``after``; empty when nothing differs.

    As ``difference``, but an array that was only put into another order is moved and not rewritten,
    so that the order can be rebased onto a record whose elements changed meanwhile.
    """
    return list(_value((), before, after))


def carry_over(base: Json, edited: Json, current: Json) -> CarriedOver:
    """What was edited on ``base``, on ``current``: rebased, and ours where both sides moved.

    Nothing of ``edited`` is lost, and nothing of ``current`` is given up without being listed.
    """
    merged = rebase(base, current, patch_between(base, edited))
    if isinstance(merged, Conflicts):
        return CarriedOver(_ours_first(base, edited, current), tuple(merged.conflicts))
    return CarriedOver(merged.result, ())


def record_pointer(pointer: str, ops: list[Op]) -> str:
    """The place in the record that a fault's pointer into ``/diff`` means; empty where none is."""
    found = _IN_DIFF.match(pointer)
    if not found or int(found[1]) >= len(ops):
        return ""
    path: str = ops[int(found[1])]["path"]
    return path + (found[2] or "")


def _value(path: _Path, before: Json, after: Json) -> Iterator[Op]:
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _object(path, before, after)
    elif isinstance(before, list) and isinstance(after, list) and _reordered(before, after):
        yield from _moves(path, before, after)
    else:
        for op in difference(before, after):
            yield {**op, "path": join(path) + op["path"]}


def _object(path: _Path, before: dict[str, Json], after: dict[str, Json]) -> Iterator[Op]:
    for key in before:
        if key not in after:
            yield {"op": "remove", "path": join((*path, key))}
    for key, value in after.items():
        if key in before:
            yield from _value((*path, key), before[key], value)
        else:
            yield {"op": "add", "path": join((*path, key)), "value": value}


def _reordered(before: list[Json], after: list[Json]) -> bool:
    """Whether both hold the same elements, in another order."""
    if len(before) != len(after) or json_equal(before, after):
        return False
    return sorted(map(canonical_bytes, before)) == sorted(map(canonical_bytes, after))


def _moves(path: _Path, before: list[Json], after: list[Json]) -> Iterator[Op]:
    """Whatever does not keep its order is moved once, to stand behind its new neighbour."""
    pairs = likely_pairs(before, after)
    steady = {old for old, _ in unmoved(pairs)}
    wanted = [old for old, _ in sorted(pairs, key=lambda pair: pair[1])]
    order = list(range(len(before)))
    for at, element in enumerate(wanted):
        if element in steady:
            continue
        source = order.index(element)
        order.pop(source)
        target = order.index(wanted[at - 1]) + 1 if at else 0
        order.insert(target, element)
        if source != target:
            yield {"op": "move", "from": join((*path, source)), "path": join((*path, target))}


def _ours_first(base: Json, ours: Json, theirs: Json) -> Json:
    """Three documents merged by key; what both sides changed is as ``ours`` has it."""
    if _same(ours, base):
        return theirs
    if _same(theirs, base) or not (isinstance(ours, dict) and isinstance(theirs, dict)):
        return ours
    common = base if isinstance(base, dict) else {}
    merged = {}
    for key in [*theirs, *(key for key in ours if key not in theirs)]:
        value = _ours_first(
            common.get(key, _ABSENT), ours.get(key, _ABSENT), theirs.get(key, _ABSENT)
        )
        if value is not _ABSENT:
            merged[key] = value
    return merged


def _same(one: Json, other: Json) -> bool:
    if one is _ABSENT or other is _ABSENT:
        return one is other
    return json_equal(one, other)
