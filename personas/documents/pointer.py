"""RFC 6901 JSON pointers as tuples of unescaped tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

from personas.documents.canonical import Json

Tokens: TypeAlias = tuple[str, ...]

_INVALID_ESCAPE = re.compile(r"~(?![01])")
_INDEX = re.compile(r"0|[1-9][0-9]*", re.ASCII)
END = "-"  # the place after the last element of an array (RFC 6902)
_LONGEST_INDEX = 12  # digits; no document holds more elements


class PointerSyntaxError(ValueError):
    """The text is no JSON pointer."""


def escape(token: str) -> str:
    """One token as it is written inside a pointer."""
    return token.replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """The token that ``escape`` wrote; ``~01`` is ``~1``, not ``/``."""
    return token.replace("~1", "/").replace("~0", "~")


def split(pointer: str) -> Tokens:
    """The tokens of a pointer; ``""`` is the whole document and has none.

    Raises :class:`PointerSyntaxError` where it does not begin with a slash or escapes wrongly.
    """
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise PointerSyntaxError("a JSON pointer is empty or begins with /")
    if _INVALID_ESCAPE.search(pointer):
        raise PointerSyntaxError("~ must be followed by 0 or 1")
    return tuple(unescape(token) for token in pointer[1:].split("/"))


def join(tokens: Iterable[str | int]) -> str:
    """The pointer that leads along ``tokens``."""
    return "".join("/" + escape(str(token)) for token in tokens)


def is_prefix(one: Tokens, other: Tokens) -> bool:
    """Whether ``other`` is the same place as ``one`` or inside it."""
    return other[: len(one)] == one


def overlaps(one: Tokens, other: Tokens) -> bool:
    """Whether one of the two places is, or contains, the other."""
    return is_prefix(one, other) or is_prefix(other, one)


def parse_index(token: str) -> int | None:
    """The array index that a token spells (no sign, no leading zero), else ``None``."""
    if not _INDEX.fullmatch(token):
        return None
    return int(token[:_LONGEST_INDEX])


def step(container: Json, token: str) -> Json:
    """The member or element of ``container`` named by ``token``; raises ``LookupError``."""
    if isinstance(container, dict):
        return container[token]
    if isinstance(container, list):
        index = parse_index(token)
        if index is None:
            raise LookupError(token)
        return container[index]
    raise LookupError(token)


def resolve(document: Json, tokens: Tokens) -> Json:
    """The value at ``tokens``; raises ``LookupError`` where there is none."""
    for token in tokens:
        document = step(document, token)
    return document
