"""The design tokens as the stylesheet states them, and how their colours contrast. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

STYLESHEETS = Path(__file__).resolve().parent.parent / "static" / "desk"
TEXT, GRAPHIC = 4.5, 3.0

_TOKEN = re.compile(r"^\s*--([a-z0-9-]+):\s*([^;]+);", re.MULTILINE)
_SCHEMES = re.compile(r"light-dark\(\s*(#[0-9a-f]{6})\s*,\s*(#[0-9a-f]{6})\s*\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Colour:
    """One token of colour, as ``#rrggbb`` in each scheme."""

    name: str
    light: str
    dark: str


@dataclass(frozen=True, slots=True)
class Pair:
    """An ink on a background. ``needs`` is 4.5 for text, 3 for what is drawn or large."""

    ink: Colour
    background: Colour
    needs: float

    @property
    def light(self) -> float:
        return contrast(self.ink.light, self.background.light)

    @property
    def dark(self) -> float:
        return contrast(self.ink.dark, self.background.dark)

    @property
    def holds(self) -> bool:
        """Whether the contrast is enough in both schemes (WCAG 1.4.3, 1.4.11)."""
        return min(self.light, self.dark) >= self.needs


# What may stand on what. The grounds are those of pages, cards and wells.
GROUNDS = ("paper", "surface", "sunken", "accent-soft")
INKS_ON_GROUNDS = ("ink", "ink-quiet", "accent", "accent-strong")
TEXT_PAIRS = (
    *((ink, ground) for ink in INKS_ON_GROUNDS for ground in GROUNDS),
    *(("danger", ground) for ground in ("paper", "surface", "sunken")),
    *((ink, "high-bg") for ink in ("ink", "ink-quiet", "accent")),
    *((ink, "medium-bg") for ink in ("ink", "ink-quiet", "accent")),
    *((ink, "good-bg") for ink in ("ink", "ink-quiet", "accent")),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-danger", "danger"),
    ("on-danger", "high-ink"),
    *(
        (f"{name}-ink", f"{name}-bg")
        for name in ("added", "removed", "changed", "moved", "high", "medium", "good")
    ),
    *((f"{name}-ink", ground) for name in ("high", "medium", "good") for ground in GROUNDS[:3]),
    *((f"{name}-ink", ground) for name in ("added", "removed") for ground in GROUNDS[:3]),
)
# Edges of fields and buttons, the ring of the focus, bars and dots.
GRAPHIC_PAIRS = (
    *(("line-strong", ground) for ground in GROUNDS[:3]),
    *(("accent", ground) for ground in GROUNDS),
    ("accent", "line"),
    *((f"{name}-ink", "paper") for name in ("changed", "moved")),
    *((f"{name}-ink", "surface") for name in ("changed", "moved")),
)


def tokens(css: str) -> dict[str, str]:
    """Every custom property of the sheet by its name without dashes, the first value it is given."""
    found: dict[str, str] = {}
    for name, value in _TOKEN.findall(css):
        found.setdefault(name, value.strip())
    return found


def colours(css: str) -> dict[str, Colour]:
    """The tokens that are a colour, in the order of the sheet."""
    return {
        name: Colour(name, *match.groups())
        for name, value in tokens(css).items()
        if (match := _SCHEMES.fullmatch(value))
    }


def pairs(css: str) -> Iterator[Pair]:
    """The pairs in use, text first. Raises ``KeyError`` for a token that the sheet lacks."""
    known = colours(css)
    for ink, ground in TEXT_PAIRS:
        yield Pair(known[ink], known[ground], TEXT)
    for ink, ground in GRAPHIC_PAIRS:
        yield Pair(known[ink], known[ground], GRAPHIC)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two ``#rrggbb`` colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
