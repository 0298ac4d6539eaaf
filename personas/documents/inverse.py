"""The operations that turn one document into another, and so back again (contract §5)."""

from __future__ import annotations

from collections.abc import Iterator

from personas.documents.canonical import Json, Op, json_equal
from personas.documents.pointer import join

_Path = tuple[str | int, ...]


def difference(before: Json, after: Json) -> list[Op]:
    """RFC 6902 operations (add, remove, replace) that make ``before`` equal ``after``.

    Empty when nothing differs. Creation is ``difference({}, document)``; restoring version N is
    ``difference(current, version_n)``.
    """
    return list(_value((), before, after))


def invert(before: Json, after: Json) -> list[Op]:
    """The patch that undoes a change: applied to ``after`` it gives ``before`` byte for byte."""
    return difference(after, before)


def _value(path: _Path, before: Json, after: Json) -> Iterator[Op]:
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _object(path, before, after)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _array(path, before, after)
    elif not json_equal(before, after):
        yield {"op": "replace", "path": join(path), "value": after}


def _object(path: _Path, before: dict[str, Json], after: dict[str, Json]) -> Iterator[Op]:
    for key in before:
        if key not in after:
            yield {"op": "remove", "path": join((*path, key))}
    for key, value in after.items():
        if key in before:
            yield from _value((*path, key), before[key], value)
        else:
            yield {"op": "add", "path": join((*path, key)), "value": value}


def _array(path: _Path, before: list[Json], after: list[Json]) -> Iterator[Op]:
    head, tail = common_ends(before, after)
    old, new = len(before) - head - tail, len(after) - head - tail
    for offset in range(min(old, new)):
        at = head + offset
        yield from _value((*path, at), before[at], after[at])
    # From the end, so that the positions of what is still to be removed stay true.
    for offset in reversed(range(new, old)):
        yield {"op": "remove", "path": join((*path, head + offset))}
    for offset in range(old, new):
        at = head + offset
        yield {"op": "add", "path": join((*path, at)), "value": after[at]}


def common_ends(before: list[Json], after: list[Json]) -> tuple[int, int]:
    """How many elements two arrays share at the head, and then at the tail."""
    shortest = min(len(before), len(after))
    head = 0
    while head < shortest and json_equal(before[head], after[head]):
        head += 1
    tail = 0
    while tail < shortest - head and json_equal(before[-1 - tail], after[-1 - tail]):
        tail += 1
    return head, tail
