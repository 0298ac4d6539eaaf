"""What changed between two documents, as values that a template can draw (contract §4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from operator import itemgetter
from typing import Literal

from personas.documents.canonical import FIELDS, Json, json_equal
from personas.documents.elements import alike_pairs, likely_pairs, may_be_one, unmoved
from personas.documents.pointer import join
from personas.documents.words import Words, word_marks

Kind = Literal["added", "removed", "changed", "moved"]
_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One changed path.

    ``path`` is a pointer into the document after the change (for ``removed``: before it),
    ``from_path`` where a moved element came from. ``words`` marks the words of changed texts and is
    empty for everything else.
    """

    path: str
    kind: Kind
    before: Json = None
    after: Json = None
    words: Words = ()
    from_path: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """How many changes of each kind, and the top-level fields that they are in."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    moved: int = 0
    fields: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return self.added + self.removed + self.changed + self.moved

    def __str__(self) -> str:
        counts = [
            f"{count} {kind}"
            for kind in ("changed", "added", "removed", "moved")
            if (count := getattr(self, kind))
        ]
        if not counts:
            return "no changes"
        return f"{', '.join(counts)} in {', '.join(self.fields) or 'the record'}"


def compare(before: Json, after: Json) -> list[FieldChange]:
    """Every changed path, top-level fields in document order; empty when nothing differs.

    Objects are compared by key. Array elements are followed by their ``id``, ``label`` or ``name``,
    else by value, else by how much of them is the same: a moved element is one move, an inserted
    one is one addition, and one that moved and was edited is a move and what was edited in it.
    Whoever applies the changes to ``before`` has ``after``.
    """
    return list(_value((), (), before, after))


def summarise(changes: Sequence[FieldChange]) -> Summary:
    """The counts of ``compare``'s answer; ``str()`` of it is a line for people."""
    counts = {"added": 0, "removed": 0, "changed": 0, "moved": 0}
    fields: dict[str, None] = {}
    for change in changes:
        counts[change.kind] += 1
        field = change.path.split("/")[1:2]
        fields.update(dict.fromkeys(field))
    return Summary(**counts, fields=tuple(fields))


def _value(path: _Path, old_path: _Path, before: Json, after: Json) -> Iterator[FieldChange]:
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _object(path, old_path, before, after)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _array(path, old_path, before, after)
    elif not json_equal(before, after):
        texts = isinstance(before, str) and isinstance(after, str)
        words = word_marks(before, after) if texts else ()
        yield FieldChange(join(path), "changed", before, after, words)


def _object(
    path: _Path, old_path: _Path, before: dict[str, Json], after: dict[str, Json]
) -> Iterator[FieldChange]:
    for key in _ordered(before.keys() | after.keys(), top=not path):
        if key not in after:
            yield FieldChange(join((*old_path, key)), "removed", before=before[key])
        elif key not in before:
            yield FieldChange(join((*path, key)), "added", after=after[key])
        else:
            yield from _value((*path, key), (*old_path, key), before[key], after[key])


def _ordered(keys: set[str], *, top: bool) -> list[str]:
    if not top:
        return sorted(keys)
    known = [key for key in FIELDS if key in keys]
    return known + sorted(keys.difference(FIELDS))


def _array(
    path: _Path, old_path: _Path, before: list[Json], after: list[Json]
) -> Iterator[FieldChange]:
    if json_equal(before, after):
        return
    pairs = _pairs(before, after)
    steady = unmoved(pairs)
    in_place = set(steady)
    for old, new in sorted(pairs, key=itemgetter(1)):
        if (old, new) not in in_place:
            here, there = join((*path, new)), join((*old_path, old))
            yield FieldChange(here, "moved", before[old], after[new], from_path=there)
        if not json_equal(before[old], after[new]):
            yield from _value((*path, new), (*old_path, old), before[old], after[new])
    paired_old, paired_new = {old for old, _ in pairs}, {new for _, new in pairs}
    for old_gap, new_gap in _gaps(steady, len(before), len(after)):
        left = [at for at in old_gap if at not in paired_old]
        right = [at for at in new_gap if at not in paired_new]
        # What went and what came between the same neighbours is one element that was changed.
        for old, new in zip_longest(left, right):
            if old is not None and new is not None and may_be_one(before[old], after[new]):
                yield from _value((*path, new), (*old_path, old), before[old], after[new])
                continue
            if old is not None:
                yield FieldChange(join((*old_path, old)), "removed", before=before[old])
            if new is not None:
                yield FieldChange(join((*path, new)), "added", after=after[new])


def _pairs(before: list[Json], after: list[Json]) -> list[tuple[int, int]]:
    """Which element became which, in the order of ``before``."""
    pairs = likely_pairs(before, after)
    known_old, known_new = {old for old, _ in pairs}, {new for _, new in pairs}
    left = [at for at in range(len(before)) if at not in known_old]
    right = [at for at in range(len(after)) if at not in known_new]
    return sorted([*pairs, *alike_pairs(before, after, left, right)])


def _gaps(
    steady: list[tuple[int, int]], old_length: int, new_length: int
) -> Iterator[tuple[range, range]]:
    last_old = last_new = -1
    for old, new in [*steady, (old_length, new_length)]:
        yield range(last_old + 1, old), range(last_new + 1, new)
        last_old, last_new = old, new
