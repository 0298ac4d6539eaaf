"""Word-level marks between two texts, at a bounded cost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal

Mark = Literal["same", "removed", "added"]
Words = tuple[tuple[Mark, str], ...]

_WORD = re.compile(r"\s+|\S+")
# Matching words costs about the product of their numbers; beyond this the middle stays unmatched.
_MATCH_BUDGET = 60_000


def word_marks(before: str, after: str) -> Words:
    """Runs of text marked ``same``, ``removed`` or ``added``.

    The runs that are not ``added`` join to ``before``, those not ``removed`` to ``after``. Empty
    for two single words: there is nothing to tell apart inside them.
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    if len(old) < 2 and len(new) < 2:
        return ()
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    marks: list[tuple[Mark, str]] = [("same", "".join(old[:head]))]
    marks.extend(_middle(middle_old, middle_new))
    marks.append(("same", "".join(old[len(old) - tail :])))
    return tuple((mark, text) for mark, text in marks if text)


def _common(old: list[str], new: list[str]) -> int:
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _middle(old: list[str], new: list[str]) -> Iterator[tuple[Mark, str]]:
    if len(old) * len(new) > _MATCH_BUDGET or not set(old) & set(new):
        yield "removed", "".join(old)
        yield "added", "".join(new)
        return
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            yield "same", "".join(old[old_from:old_to])
        else:
            yield "removed", "".join(old[old_from:old_to])
            yield "added", "".join(new[new_from:new_to])
