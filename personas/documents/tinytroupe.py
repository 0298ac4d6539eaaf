"""Reading TinyTroupe agents (``*.agent.json``) and fragments into persona records.

===============================  ==================================================
TinyTroupe                       record
===============================  ==================================================
name                             name
occupation (text, or its title)  archetype
personality, and style           traits (its own ``traits`` list under ``personality``)
skills, behaviors                traits.skills, traits.behaviors
preferences                      preferences (beside it: long_term_goals as ``goals``)
beliefs, occupation              worldview.beliefs, worldview.occupation
relationships, other_facts       worldview.relationships, worldview.facts
age … health                     worldview.background
===============================  ==================================================

What is not in the table has no place and is listed, never dropped silently.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from personas.documents.canonical import Json
from personas.documents.pointer import join

NAME_LENGTH = 200

_TRAITS = {
    "style": "style",
    "skills": "skills",
    "behaviors": "behaviors",
    "behaviours": "behaviors",
}
_PREFERENCES = {"long_term_goals": "goals", "goals": "goals"}
_WORLDVIEW = {
    "beliefs": "beliefs",
    "relationships": "relationships",
    "other_facts": "facts",
}
_BACKGROUND = ("age", "gender", "nationality", "residence", "education", "health")
# Words that this server gives a meaning of its own: an import must never grant consent by them.
_RESERVED_PREFERENCES = ("telemetry", "context", "goals")


class NotTinyTroupe(ValueError):
    """The value is no TinyTroupe agent or fragment."""


@dataclass(frozen=True, slots=True)
class Imported:
    """``record_fields`` holds name, archetype and the JSON fields; ``unplaced`` JSON pointers."""

    record_fields: dict[str, Any]
    unplaced: list[str] = field(default_factory=list)


def to_record(raw: Json) -> Imported:
    """The record fields of an agent or fragment, and pointers to everything left out.

    Raises :class:`NotTinyTroupe` where ``raw`` holds no persona.
    """
    if not isinstance(raw, dict):
        raise NotTinyTroupe("a TinyTroupe file is a JSON object")
    wrapped = isinstance(raw.get("persona"), dict)
    if not wrapped and "persona" in raw:
        raise NotTinyTroupe("the member persona must be an object")
    if not wrapped and not raw.keys() & {"name", "personality", "occupation", "beliefs"}:
        raise NotTinyTroupe("the file holds no persona")
    reader = _Reader(raw["persona"] if wrapped else raw, ("persona",) if wrapped else ())
    reader.read()
    if wrapped:
        reader.unplaced.extend(join([key]) for key in raw if key not in ("persona", "type"))
    return Imported(reader.record, sorted(reader.unplaced))


class _Reader:
    def __init__(self, persona: dict[str, Json], place: tuple[str, ...]) -> None:
        self.persona, self.place = persona, place
        self.unplaced: list[str] = []
        self.record: dict[str, Any] = {
            "name": None,
            "archetype": None,
            "traits": {},
            "preferences": {},
            "worldview": {},
            "vibe_profile": {},
            "calibration": {},
        }

    def read(self) -> None:
        for key, value in self.persona.items():
            if key in _TRAITS:
                self.put("traits", _TRAITS[key], value, (key,))
            elif key in _PREFERENCES:
                self.put("preferences", _PREFERENCES[key], value, (key,))
            elif key in _WORLDVIEW:
                self.put("worldview", _WORLDVIEW[key], value, (key,))
            elif key in _BACKGROUND:
                background = self.record["worldview"].setdefault("background", {})
                background[key] = copy.deepcopy(value)
            elif key in _READERS:
                _READERS[key](self, value)
            else:
                self.leave([(key,)])

    def put(self, section: str, key: str, value: Json, source: tuple[str, ...]) -> None:
        """Place a value; where another one is already, it stays out and is listed."""
        if key in self.record[section]:
            self.leave([source])
        else:
            self.record[section][key] = copy.deepcopy(value)

    def leave(self, sources: Iterable[tuple[str, ...]]) -> None:
        self.unplaced.extend(join((*self.place, *source)) for source in sources)

    def name(self, value: Json) -> None:
        if _is_label(value):
            self.record["name"] = value.strip()
        elif value is not None:
            self.leave([("name",)])

    def occupation(self, value: Json) -> None:
        if _is_label(value):
            self.record["archetype"] = value.strip()
            return
        details = value
        if isinstance(value, dict) and _is_label(value.get("title")):
            self.record["archetype"] = value["title"].strip()
            details = {key: child for key, child in value.items() if key != "title"}
        if details not in ({}, None, ""):
            self.put("worldview", "occupation", details, ("occupation",))

    def personality(self, value: Json) -> None:
        if not isinstance(value, dict):
            self.put("traits", "personality", value, ("personality",))
            return
        for key, child in value.items():
            # The other members of the section keep their names, so those are taken.
            taken = key in ("personality", *_TRAITS.values())
            if taken:
                self.leave([("personality", key)])
            else:
                name = "personality" if key == "traits" else key
                self.put("traits", name, child, ("personality", key))

    def preferences(self, value: Json) -> None:
        if not isinstance(value, dict):
            self.put("preferences", "general", value, ("preferences",))
            return
        for key, child in value.items():
            if key in _RESERVED_PREFERENCES:
                self.leave([("preferences", key)])
            else:
                self.put("preferences", key, child, ("preferences", key))


_READERS: dict[str, Callable[[_Reader, Json], None]] = {
    "name": _Reader.name,
    "occupation": _Reader.occupation,
    "personality": _Reader.personality,
    "preferences": _Reader.preferences,
}


def _is_label(value: Json) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= NAME_LENGTH
