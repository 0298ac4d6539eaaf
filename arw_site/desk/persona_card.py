"""What the card of a persona says first: chips, tones, beliefs with sources, how sure it is. Pure.

The fields of a record are free: what is not there is left out, whatever has another shape too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from personas.documents.canonical import Json
from telemetry.memory.held import is_memory_id, memory_citations

CHIPS, CHIP_LENGTH = 8, 40
TONES = 12
BELIEFS = 12
DEPTH = 3
# They have a place of their own on the page.
ELSEWHERE = frozenset({"context", "telemetry"})
SOURCES = ("sources", "citations", "evidence")
HOLDS = "shared"


@dataclass(frozen=True, slots=True)
class Tone:
    """A number between 0 and 1. ``group`` is the field that it stands in, or empty."""

    name: str
    group: str
    value: float


@dataclass(frozen=True, slots=True)
class Source:
    """Where a belief comes from; any part may be empty.

    ``memory`` is the id of a memory item, and ``standing`` whether it still holds.
    """

    title: str
    ref: str = ""
    noted: str = ""
    memory: str = ""
    standing: str = ""


@dataclass(frozen=True, slots=True)
class Belief:
    """One statement of the worldview."""

    statement: str
    confidence: float | None = None
    sources: tuple[Source, ...] = ()

    @property
    def is_lost(self) -> bool:
        """Whether it rests on memory alone, none of which is shared any more."""
        cited = [source.standing for source in self.sources if source.memory]
        return bool(cited) and len(cited) == len(self.sources) and HOLDS not in cited


@dataclass(frozen=True, slots=True)
class Card:
    """``sureness`` are the numbers of the calibration, ``drift_since`` the day it counts from.

    ``cost`` is 0 or more, in what the agent counts. ``drift_outside`` says that the drift is an
    excursion, or that it is none, and is None where nobody tells.
    """

    chips: tuple[str, ...] = ()
    tones: tuple[Tone, ...] = ()
    summary: str = ""
    beliefs: tuple[Belief, ...] = ()
    more_beliefs: int = 0
    sureness: tuple[Tone, ...] = ()
    cost: float | None = None
    drift: float | None = None
    drift_since: str = ""
    drift_outside: bool | None = None
    reflections: tuple[str, ...] = field(default=())


def card_of(document: Json, standings: Mapping[str, str] | None = None) -> Card:
    """The card of a record document; ``standings`` tell of memory items whether they hold."""
    traits, worldview = _member(document, "traits"), _member(document, "worldview")
    calibration, beliefs = _member(document, "calibration"), _beliefs(worldview, standings or {})
    drift, cost = _member(calibration, "drift"), _amount(_member(calibration, "cost"))
    elsewhere = {"drift"} if cost is None else {"drift", "cost"}
    numbers = _tones(_without(calibration, elsewhere), "")
    tones = [*_tones(traits, ""), *_tones(_member(document, "preferences"), "")]
    return Card(
        chips=tuple(dict.fromkeys(_chips(traits)))[:CHIPS],
        tones=tuple(tones[:TONES]),
        summary=_text(_member(worldview, "summary")),
        beliefs=tuple(beliefs[:BELIEFS]),
        more_beliefs=max(len(beliefs) - BELIEFS, 0),
        sureness=tuple(islice(numbers, TONES)),
        cost=cost,
        drift=_share(_member(drift, "score")),
        drift_since=_text(_member(drift, "since")),
        drift_outside=_switch(_member(drift, "outside")),
        reflections=tuple(_lines(_member(worldview, "reflections")))[:BELIEFS],
    )


def _tones(value: Json, group: str, depth: int = 0) -> Iterator[Tone]:
    if not isinstance(value, dict) or depth >= DEPTH:
        return
    for name, child in value.items():
        share = _share(child)
        if share is not None:
            yield Tone(name, group, share)
        elif name not in ELSEWHERE:
            yield from _tones(child, name, depth + 1)


def _chips(traits: Json) -> Iterator[str]:
    """Short words first from lists, such as strengths, then those that are traits themselves."""
    values = list(traits.values()) if isinstance(traits, dict) else [traits]
    for value in values:
        if isinstance(value, list):
            yield from (one for one in value if _is_short(one))
    yield from (one for one in values if _is_short(one))


def _beliefs(worldview: Json, standings: Mapping[str, str]) -> list[Belief]:
    listed = _member(worldview, "beliefs") if isinstance(worldview, dict) else worldview
    entries = listed if isinstance(listed, list) else []
    found = (_belief(entry, standings) for entry in entries)
    return [belief for belief in found if belief.statement]


def _belief(entry: Json, standings: Mapping[str, str]) -> Belief:
    if not isinstance(entry, dict):
        return Belief(_text(entry))
    cited = memory_citations(entry)
    memory = [Source("", memory=one, standing=standings.get(one, "")) for one in cited]
    lists = (entry[name] for name in SOURCES if isinstance(entry.get(name), list))
    named = [one for one in next(lists, []) if not is_memory_id(one) or one.lower() not in cited]
    sources = [source for source in map(_source, named) if source.title or source.ref]
    statement = _text(entry.get("statement")) or _text(entry.get("text"))
    return Belief(statement, _share(entry.get("confidence")), (*sources, *memory))


def _source(entry: Json) -> Source:
    if not isinstance(entry, dict):
        return Source(_text(entry))
    title, ref = _text(entry.get("title")), _text(entry.get("ref")) or _text(entry.get("url"))
    return Source(title, ref, _text(entry.get("noted")) or _text(entry.get("date")))


def _lines(value: Json) -> Iterator[str]:
    for entry in value if isinstance(value, list) else []:
        line = _text(entry) or _text(_member(entry, "text")) or _text(_member(entry, "statement"))
        if line:
            yield line


def _share(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        return None
    return float(value)


def _amount(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        return None
    return float(value)


def _switch(value: Json) -> bool | None:
    return value if isinstance(value, bool) else None


def _without(value: Json, names: set[str]) -> Json:
    if not isinstance(value, dict):
        return value
    return {name: child for name, child in value.items() if name not in names}


def _is_short(value: Json) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= CHIP_LENGTH


def _text(value: Json) -> str:
    return value.strip() if isinstance(value, str) else ""


def _member(value: Json, name: str) -> Json:
    return value.get(name) if isinstance(value, dict) else None
