"""Three-way rebase: a diff that was written against an older version (contract §4).

Edits to places that do not touch each other merge. Whatever overlaps, and whatever cannot be proved
not to, is a conflict; nothing is ever merged on a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from personas.documents.application import apply_raw
from personas.documents.canonical import Json, Op, json_equal
from personas.documents.carry import Carrier
from personas.documents.paired_tree import value_of
from personas.documents.pointer import Tokens, join, resolve
from personas.errors import InvalidDiff


@dataclass(frozen=True, slots=True)
class Conflict:
    """One place where both sides moved; a value that does not exist reads ``None``."""

    path: str
    base: Json
    ours: Json
    theirs: Json

    def as_dict(self) -> dict[str, Any]:
        return {"path": self.path, "base": self.base, "ours": self.ours, "theirs": self.theirs}


@dataclass(frozen=True, slots=True)
class Rebased:
    """``ops`` applied to the current document give ``result``; empty when nothing remains."""

    ops: list[Op]
    result: Json

    @property
    def changes_nothing(self) -> bool:
        return not self.ops


@dataclass(frozen=True, slots=True)
class Conflicts:
    conflicts: list[Conflict]


def rebase(base: Json, current: Json, ops: Sequence[Op]) -> Rebased | Conflicts:
    """``ops``, valid against ``base``, carried over to ``current``.

    Positions of array elements are adjusted where the element is proved the same. A change that
    ``current`` already holds is dropped. Raises ``InvalidDiff`` where ``ops`` do not fit ``base``.
    """
    intended = apply_raw(base, list(ops))
    if json_equal(intended, current):
        return Rebased([], current)
    carrier = Carrier(base, current)
    for op in ops:
        carrier.carry(op)
    if carrier.clashes:
        return Conflicts(
            [
                Conflict(join(place), _at(base, place), _at(intended, place), theirs)
                for place, theirs in carrier.clashes.items()
            ]
        )
    result = value_of(carrier.target)
    if json_equal(result, current):
        return Rebased([], current)
    if not _gives(current, carrier.ops, result):
        return Conflicts([Conflict("", base, intended, current)])
    return Rebased(carrier.ops, result)


def _at(document: Json, place: Tokens) -> Json:
    try:
        return resolve(document, place)
    except LookupError:
        return None


def _gives(document: Json, ops: list[Op], result: Json) -> bool:
    """Whether the carried operations do to a plain document what was done to the trees."""
    try:
        return json_equal(apply_raw(document, ops), result)
    except InvalidDiff:
        return False
