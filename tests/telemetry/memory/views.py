"""Builders for what summarisers see: items of named people, and records with beliefs. Pure."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from telemetry.memory.evidence import Remembered
from telemetry.memory.held import Standing, held_beliefs
from telemetry.memory.worldview import View

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def item(person: str, at: int = 0, text: str = "", **more: Any) -> Remembered:
    """An item of that person, written so many seconds after the start; ids follow from both."""
    item_id = more.pop("id", None) or str(uuid.uuid5(uuid.NAMESPACE_URL, f"{person} {at} {text}"))
    moment = START + timedelta(seconds=at)
    return Remembered(item_id, more.pop("lane", "episodic"), text, person, moment, **more)


def said(person: str, statement: str, stance: str = "for", at: int = 0, **more: Any) -> Remembered:
    return item(person, at, value={"belief": statement, "stance": stance}, **more)


def view(*items: Remembered, beliefs: list[Any] | None = None, **states: Standing) -> View:
    """What is seen by the formula; items that are not there are unknown unless said otherwise."""
    held = tuple(held_beliefs({"beliefs": beliefs or []}))
    standings = {one.id: Standing.SHARED for one in items} | states
    return View("persona.alpha", held, items, standings)
