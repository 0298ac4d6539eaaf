"""Which topics a reader asks for (contract §8). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MAX_PREFIXES = 50
MAX_PREFIX_LENGTH = 100


def read_prefixes(values: Iterable[str]) -> tuple[str, ...]:
    """The prefixes in repeated, comma-separated parameters, each once; none selects everything."""
    parts = (part.strip() for value in values for part in value.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def selects(prefixes: Sequence[str], topic: str, aliases: Sequence[str] = ()) -> bool:
    """Whether one of ``prefixes`` begins ``topic`` or another name of it; no prefix selects all."""
    wanted = tuple(prefixes)
    return not wanted or any(name.startswith(wanted) for name in (topic, *aliases))
