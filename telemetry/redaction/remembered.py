"""Texts and names in which nothing was found: they come again and again. Bounded."""

from __future__ import annotations

from typing import Any, Final

from telemetry.redaction.key_names import NameKind, name_kind

_REMEMBERED: Final = 8192
_MANY_NAMES: Final = 32
LONGEST: Final = 40

NAME_NAMES: Final = frozenset(
    ("name", "key", "header", "field", "variable", "env", "param", "id", "Name", "Key")
)
"""Fields that may name a secret whose value stands beside."""

harmless: Final[set[str]] = set()
"""Names of fields and short values that no policy changes."""
plain_names: Final[dict[tuple[Any, ...], int]] = {}
"""The names of an object's fields where none tells anything of its value; their characters."""


def remember(text: str) -> None:
    """Keep a text in which nothing was found."""
    if len(text) <= LONGEST:
        if len(harmless) >= _REMEMBERED:
            harmless.clear()
        harmless.add(text)


def remember_names(names: tuple[Any, ...]) -> None:
    """Keep the names of an object's fields, if all of them are harmless and plain."""
    if (
        len(names) <= _MANY_NAMES
        and NAME_NAMES.isdisjoint(names)
        and all(
            isinstance(name, str) and name in harmless and name_kind(name) is NameKind.PLAIN
            for name in names
        )
    ):
        if len(plain_names) >= _REMEMBERED:
            plain_names.clear()
        plain_names[names] = sum(map(len, names))
