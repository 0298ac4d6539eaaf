"""How much an item matters to a persona, where nobody said it (contract §10). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from telemetry.memory.words import telling_words

# So many words in common make an item half relevant.
HALF_AT = 3


def relevance_computed(text: str, tags: Iterable[str], about: Collection[str]) -> float:
    """From 0 (nothing in common) towards 1: ``n / (n + 3)`` for ``n`` words in common.

    ``about`` are the persona's words (``words.persona_words``). Each counts once, however often
    the item holds it. The same on every database, and whatever else is stored.
    """
    held = telling_words(" ".join((text, *tags)))
    common = len(held.intersection(about))
    return round(common / (common + HALF_AT), 4)
