"""Told once, however long it lasts: a threshold to cross, and a lower one to come back over. Pure.

A score that trembles around one threshold would be news with every report. Between the two
thresholds nothing changes, so an excursion begins once and ends once.
"""

from __future__ import annotations

from dataclasses import dataclass

ENTER = 0.25
LEAVE = 0.15


@dataclass(frozen=True, slots=True)
class Hysteresis:
    """``outside``: the excursion lasts. ``entered``: it began with this very score."""

    outside: bool
    entered: bool


def step(outside: bool, score: float, *, enter: float = ENTER, leave: float = LEAVE) -> Hysteresis:
    """Where ``score`` leads whoever was ``outside`` or not.

    An excursion begins with a score of at least ``enter`` and ends with one of at most ``leave``.
    Raises ``ValueError`` unless ``leave`` lies below ``enter``.
    """
    if not leave < enter:
        raise ValueError("leave must lie below enter")
    if outside:
        return Hysteresis(outside=score > leave, entered=False)
    begins = score >= enter
    return Hysteresis(outside=begins, entered=begins)
