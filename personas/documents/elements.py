"""Which element of one array is which element of another.

Two degrees of certainty: *proved* (unique on both sides, by name or by value) for rebasing, where
a wrong guess would edit the wrong thing; and *likely* (the same, in order) for showing people.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Sequence

from personas.documents.canonical import Json, canonical_bytes

NAMING = ("id", "label", "name")
# From here on two elements are one that was changed: half of what both hold.
ALIKE = 0.5
# Every element left over is held against every other; a list with more of them is not searched.
_LIKENESS_BUDGET = 10_000

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

    Those that are the same to the letter first, then those of the same name; repeated elements in
    their order.
    """
    same = _in_order([_value_key(one) for one in before], [_value_key(one) for one in after])
    known_old, known_new = {old for old, _ in same}, {new for _, new in same}
    left = [at for at in range(len(before)) if at not in known_old and naming_of(before[at])]
    right = [at for at in range(len(after)) if at not in known_new and naming_of(after[at])]
    named = _in_order([_key(before[at]) for at in left], [_key(after[at]) for at in right])
    return sorted([*same, *((left[old], right[new]) for old, new in named)])


def _in_order(before: Sequence[_Key], after: Sequence[_Key]) -> _Pairs:
    """Positions of equal keys, one after the other."""
    waiting: dict[_Key, deque[int]] = defaultdict(deque)
    for at, key in enumerate(after):
        waiting[key].append(at)
    pairs: _Pairs = []
    for at, key in enumerate(before):
        queue = waiting.get(key)
        if queue:
            pairs.append((at, queue.popleft()))
    return pairs


def alike_pairs(
    before: Sequence[Json], after: Sequence[Json], left: Sequence[int], right: Sequence[int]
) -> _Pairs:
    """Positions of ``left`` and ``right`` that hold an element which was changed, the likest first.

    Texts are alike by their words, objects by their members; nothing else is.
    """
    if len(left) * len(right) > _LIKENESS_BUDGET:
        return []
    old = [(at, parts) for at in left if (parts := _parts(before[at]))]
    new = [(at, parts) for at in right if (parts := _parts(after[at]))]
    scored = [
        (-likeness, one, other)
        for one, ours in old
        for other, theirs in new
        if (likeness := _likeness(ours, theirs)) >= ALIKE
        and not _strangers(before[one], after[other])
    ]
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, one, other in sorted(scored):
        if one not in pairs and other not in taken:
            pairs[one] = other
            taken.add(other)
    return list(pairs.items())


def may_be_one(before: Json, after: Json) -> bool:
    """Whether two elements between the same neighbours can be one that was changed.

    Named elements only if they are alike: otherwise one went and another came.
    """
    if not (naming_of(before) and naming_of(after)):
        return True
    if _strangers(before, after):
        return False
    return _likeness(_parts(before), _parts(after)) >= ALIKE


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


def _strangers(before: Json, after: Json) -> bool:
    """Whether both have an ``id``, and not the same one."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return False
    return "id" in before and "id" in after and before["id"] != after["id"]


def _parts(item: Json) -> frozenset[Hashable]:
    if isinstance(item, str):
        return frozenset(item.split())
    if isinstance(item, dict):
        return frozenset((key, canonical_bytes(value)) for key, value in item.items())
    return frozenset()


def _likeness(one: frozenset[Hashable], other: frozenset[Hashable]) -> float:
    """The share of what both hold, from 0 to 1."""
    return 2 * len(one & other) / (len(one) + len(other) or 1)


def _key(item: Json) -> _Key:
    name = naming_of(item)
    return ("name", name) if name else _value_key(item)


def _value_key(item: Json) -> _Key:
    return "value", canonical_bytes(item)
