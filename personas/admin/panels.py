"""Further panels of the review page, drawn by the apps above, which know what a change rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leases.models import User
from personas.review import Review


@dataclass(frozen=True, slots=True)
class Panel:
    """A template, and what it shows under the name ``panel``."""

    template: str
    context: Any


PanelMaker = Callable[[Review, User, datetime], Panel | None]

_makers: dict[str, PanelMaker] = {}


def add_panel(name: str, maker: PanelMaker) -> None:
    """Have ``maker`` asked for each review; another one of that name is replaced."""
    _makers[name] = maker


def panels_of(review: Review, *, viewer: User, now: datetime) -> list[Panel]:
    """The panels that have something to say about this review, in the order of their names."""
    made = (_makers[name](review, viewer, now) for name in sorted(_makers))
    return [panel for panel in made if panel is not None]
