"""Which signals mean the opposite of each other, and what kind of word a signal is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

UNSPECIFIED: Final = "unspecified"
CONFIRMING: Final = frozenset({"confirmed", "acknowledged"})
MISALIGNED: Final = "misaligned"

OPPOSED: Final = (
    ("warmth", "cooler", "warmer"),
    ("pace", "slower", "faster"),
    ("formality", "less_formal", "more_formal"),
    ("breadth", "narrower", "broader"),
    ("length", "shorter", "longer"),
    ("detail", "less_detailed", "more_detailed"),
    ("directness", "gentler", "more_direct"),
    ("playfulness", "more_serious", "more_playful"),
)
"""Name of the axis, the signal at its lower end, the signal at its upper end."""

# Families whose name ends in a sign: ``lane+:docs`` against ``lane-:docs``.
_SIGNED: Final = {
    "lane": ("lane", 1),
    "lane+": ("lane", 1),
    "lane-": ("lane", -1),
    "minscore+": ("minscore", 1),
    "minscore-": ("minscore", -1),
}


@dataclass(frozen=True, slots=True)
class Side:
    """One end of an axis. ``low`` is None on a one-sided axis; ``sign`` is 1 or -1."""

    axis: str
    low: str | None
    high: str
    sign: int


_SIDES: Final = {
    signal: Side(axis, low, high, sign)
    for axis, low, high in OPPOSED
    for signal, sign in ((low, -1), (high, 1))
}


def plain(signal: str) -> str:
    """The signal as known words are spelled: ``More formal`` and ``more-formal`` too."""
    return signal.strip().lower().replace(" ", "_").replace("-", "_")


def flag_of(signal: str) -> str | None:
    """What ``misaligned`` or ``misaligned:<flag>`` raises; None for all other signals."""
    name, _, rest = signal.partition(":")
    if plain(name) != MISALIGNED:
        return None
    return rest.strip() or UNSPECIFIED


def side_of(signal: str) -> Side | None:
    """Where a vote with this signal goes; None for words that are verdicts or say nothing.

    A signal without an opposite is the upper end of an axis of its own.
    """
    word = plain(signal)
    known = _SIDES.get(word)
    if known is not None:
        return known
    if word in CONFIRMING or word in {"", UNSPECIFIED} or flag_of(signal) is not None:
        return None
    name, _, rest = signal.partition(":")
    family, about = _SIGNED.get(name.strip().lower()), rest.strip().lower()
    if family is not None and (about or family[0] == "minscore"):
        kind, sign = family
        tail = f":{about}" if about else ""
        return Side(f"{kind}{tail}", f"{kind}-{tail}", f"{kind}+{tail}", sign)
    own = signal.strip()
    return Side(own, None, own, 1)
