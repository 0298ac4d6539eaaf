"""Word-level marks between two texts, at a bounded cost.

A text that is too long to be matched word by word is matched sentence by sentence first, and word
by word only where sentences differ.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal

from personas.documents.elements import unmoved

Mark = Literal["same", "removed", "added"]
Words = tuple[tuple[Mark, str], ...]
_Sentence = tuple[str, ...]

# Scripts that are written without spaces are told apart character by character.
_SPACELESS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0eff"
_WORD = re.compile(rf"\s+|[{_SPACELESS}]|[^\s{_SPACELESS}]+")
_CHARACTER = re.compile(rf"[{_SPACELESS}]")
_SENTENCE_END = (".", "!", "?", "…", "。", ":", ";")
# Matching costs about the product of the numbers of words; what is beyond this stays unmatched.
_MATCH_BUDGET = 60_000
# All that is matched in one text together.
_TEXT_BUDGET = 240_000


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


def word_places(text: str) -> list[slice]:
    """Where the words of ``text`` stand, told apart as ``word_marks`` does."""
    return [slice(*one.span()) for one in _WORD.finditer(text) if not one[0].isspace()]


def is_spaceless(text: str) -> bool:
    """Whether most of what ``word_marks`` tells apart in ``text`` are single characters."""
    return 2 * len(_CHARACTER.findall(text)) > len(word_places(text))


def character_count(text: str) -> int:
    """How many characters ``text`` has besides spaces and line ends."""
    return sum(not one.isspace() for one in text)


def _common(old: list[str], new: list[str]) -> int:
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _middle(old: list[str], new: list[str]) -> Iterator[tuple[Mark, str]]:
    if len(old) * len(new) <= _MATCH_BUDGET:
        yield from _matched(old, new)
        return
    spent = 0
    for same, ours, theirs in _sentence_blocks(_sentences(old), _sentences(new)):
        cost = len(ours) * len(theirs)
        if same:
            yield "same", "".join(ours)
        elif cost > _MATCH_BUDGET or spent + cost > _TEXT_BUDGET:
            yield from _replaced(ours, theirs)
        else:
            spent += cost
            yield from _matched(ours, theirs)


def _sentence_blocks(
    old: list[_Sentence], new: list[_Sentence]
) -> Iterator[tuple[bool, list[str], list[str]]]:
    """The words of sentences that are on both sides once and in order, and those between them."""
    times_old, times_new = Counter(old), Counter(new)
    at_new = {sentence: at for at, sentence in enumerate(new)}
    once = [
        (at, at_new[sentence])
        for at, sentence in enumerate(old)
        if times_old[sentence] == 1 and times_new[sentence] == 1
    ]
    from_old = from_new = 0
    for at, other in [*unmoved(once), (len(old), len(new))]:
        yield False, _joined(old[from_old:at]), _joined(new[from_new:other])
        yield True, _joined(old[at : at + 1]), _joined(new[other : other + 1])
        from_old, from_new = at + 1, other + 1


def _joined(sentences: list[_Sentence]) -> list[str]:
    return [word for sentence in sentences for word in sentence]


def _matched(old: list[str], new: list[str]) -> Iterator[tuple[Mark, str]]:
    if not set(old) & set(new):
        yield from _replaced(old, new)
        return
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            yield "same", "".join(old[old_from:old_to])
        else:
            yield from _replaced(old[old_from:old_to], new[new_from:new_to])


def _replaced(old: list[str], new: list[str]) -> Iterator[tuple[Mark, str]]:
    yield "removed", "".join(old)
    yield "added", "".join(new)


def _sentences(words: list[str]) -> list[_Sentence]:
    """The words in runs that end with a sentence or a line; the space after it belongs to it."""
    found: list[_Sentence] = []
    start = 0
    for at, word in enumerate(words):
        ends = word.isspace() and (
            "\n" in word or (at > 0 and words[at - 1].endswith(_SENTENCE_END))
        )
        if ends:
            found.append(tuple(words[start : at + 1]))
            start = at + 1
    if start < len(words):
        found.append(tuple(words[start:]))
    return found
