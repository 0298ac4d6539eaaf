"""Which signals of a persona are told apart: at most 50, the rest is ``other`` (contract §7). Pure.

The rule looks at names alone, never at who came first: the 50 first in a fixed order keep their
names, and one that falls behind is added to ``other``. Sums can be added, so every node arrives
at the same numbers, whatever came first and wherever. The order: words that the context bias acts
on, then its ``lane:x``, ``slot:x`` and ``minscore+:x``, then all others; among equals by CRC-32,
so that no alphabet is preferred, and last by the name itself.
"""

from __future__ import annotations

import heapq
import zlib
from collections.abc import Iterable
from functools import lru_cache

SIGNALS_MAX = 50
OTHER = "other"

# As personas.documents.context_bias reads them, and what a sample without a signal is given.
_WORDS = frozenset(
    "warmer cooler broader narrower minscore+ minscore- minscore unspecified".split()
)
_FAMILIES = frozenset("lane lane+ lane- slot slot+ minscore+ minscore-".split())


@lru_cache(maxsize=8192)
def rank(signal: str) -> int:
    """Where the signal stands: the lower, the sooner it keeps its name; below 2 ** 34."""
    family, mark, rest = signal.strip().partition(":")
    if not mark and family.lower() in _WORDS:
        class_ = 0
    elif rest and family.lower() in _FAMILIES:
        class_ = 1
    else:
        class_ = 2
    return (class_ << 32) | zlib.crc32(signal.encode("utf-8", "surrogatepass"))


def order(signal: str) -> tuple[int, str]:
    """The key that signals are ordered by."""
    return rank(signal), signal


def told_apart(signals: Iterable[str]) -> set[str]:
    """The signals that keep their names."""
    return set(heapq.nsmallest(SIGNALS_MAX, (one for one in signals if one != OTHER), key=order))
