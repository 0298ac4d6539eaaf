"""Which element of one array is which element of another.

Two degrees of certainty: *proved* (unique on both sides, by name or by value) for rebasing, where
a wrong guess would edit the wrong thing; and *likely* (the same, in order) for showing people.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Hashable

from personas.documents.canonical import Json, canonical_bytes

NAMING = ("id", "label", "name")

_Key = tuple[str, Hashable]
_Pairs = list[tuple[int, int]]


def proved_pairs(before: list[Json], after: list[Json]) -> _Pairs:
    """Positions that hold the same element beyond doubt.

    An element with an ``id``, ``label`` or ``name`` is known by the first of these, any other by
    its value; either must occur once, and once only, on both sides.
    """
    old, new = [_key(item) for item in before], [_key(item) for item in after]
    times_old, times_new = Counter(old), Counter(new)
    at_new = {key: at for at, key in enumerate(new)}
    return [
        (at, at_new[key])
        for at, key in enumerate(old)
        if times_old[key] == 1 and times_new[key] == 1
    ]


def likely_pairs(before: list[Json], after: list[Json]) -> _Pairs:
    """Positions that hold the same element as people would see it, in the order of ``before``.

    As ``proved_pairs``, but repeated elements are paired in their order.
    """
    waiting: dict[_Key, deque[int]] = defaultdict(deque)
    for at, item in enumerate(after):
        waiting[_key(item)].append(at)
    pairs: _Pairs = []
    for at, item in enumerate(before):
        queue = waiting.get(_key(item))
        if queue:
            pairs.append((at, queue.popleft()))
    return pairs


def unmoved(pairs: _Pairs) -> _Pairs:
    """The longest run of ``pairs`` that keeps its order on both sides; the rest has moved."""
    ends: list[int] = []  # the smallest last position of a run of each length
    tops: list[int] = []  # which pair that is
    previous: list[int] = []
    for index, (_, after) in enumerate(pairs):
        length = bisect_left(ends, after)
        previous.append(tops[length - 1] if length else -1)
        ends[length : length + 1] = [after]
        tops[length : length + 1] = [index]
    run: _Pairs = []
    index = tops[-1] if tops else -1
    while index >= 0:
        run.append(pairs[index])
        index = previous[index]
    return run[::-1]


def naming_of(item: Json) -> str:
    """How an element calls itself, as ``attribute=name``; empty where it does not."""
    if isinstance(item, dict):
        for attribute in NAMING:
            name = item.get(attribute)
            if isinstance(name, str) and name:
                return f"{attribute}={name}"
    return ""


def _key(item: Json) -> _Key:
    name = naming_of(item)
    return ("name", name) if name else ("value", canonical_bytes(item))
