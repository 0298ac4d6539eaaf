"""Words of a text, as the search and the relevance of memory items count them (§10). Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

QUERY_WORDS_MAX = 32
PERSONA_WORDS_MAX = 64
# Shorter ones are mostly articles and pronouns, in any language that is written with letters.
_TELLING_LENGTH = 4
_PLAIN_WORD = re.compile("[a-z0-9]+")
_LETTERS = frozenset("LM")
_WORD_PARTS = frozenset("LNM")


def words_of(text: str) -> list[str]:
    """The words of ``text`` in order: runs of letters, digits and marks, lower case, NFC.

    Nothing else of the text is kept, so no word holds anything that a query language means.
    """
    if text.isascii():
        return _PLAIN_WORD.findall(text.lower())
    return list(_runs(unicodedata.normalize("NFC", text).lower()))


def query_words(text: str) -> list[str]:
    """The words to search for, each once, at most 32."""
    return list(dict.fromkeys(words_of(text)))[:QUERY_WORDS_MAX]


def persona_words(traits: Any, worldview: Any) -> tuple[str, ...]:
    """What a persona is about: the telling words of its traits and worldview, at most 64.

    Names of members count as their values do. Telling are words of letters only, at least four
    of them long: ids and numbers say nothing. Worldview comes first.
    """
    found: dict[str, None] = {}
    for text in (*_texts(worldview), *_texts(traits)):
        found.update(dict.fromkeys(telling_words(text)))
    return tuple(found)[:PERSONA_WORDS_MAX]


def telling_words(text: str) -> set[str]:
    """Those words of ``text`` that say what it is about."""
    return {
        word
        for word in words_of(text)
        if len(word) >= _TELLING_LENGTH and (word.isalpha() or _has_letters_only(word))
    }


def _runs(text: str) -> Iterator[str]:
    run: list[str] = []
    for sign in (*text, " "):
        if _kind(sign) in _WORD_PARTS:
            run.append(sign)
        elif run:
            if any(one.isalnum() for one in run):
                yield "".join(run)
            run.clear()


def _has_letters_only(word: str) -> bool:
    return all(_kind(sign) in _LETTERS for sign in word)


def _kind(sign: str) -> str:
    return unicodedata.category(sign)[0]


def _texts(value: Any) -> Iterator[str]:
    """Strings of a JSON value, names before what stands under them, in document order.

    The lists of citations are left out: they hold ids.
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name != "citations":
                yield name
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
