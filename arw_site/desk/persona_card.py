"""What the card of a persona says first: chips, tones, beliefs with sources, how sure it is. Pure.

The fields of a record are free: what is not there is left out, whatever has another shape too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from personas.documents.canonical import Json

CHIPS, CHIP_LENGTH = 8, 40
TONES = 12
BELIEFS = 12
DEPTH = 3
# They have a place of their own on the page.
ELSEWHERE = frozenset({"context", "telemetry"})
SOURCES = ("sources", "citations", "evidence")


@dataclass(frozen=True, slots=True)
class Tone:
    """A number between 0 and 1. ``group`` is the field that it stands in, or empty."""

    name: str
    group: str
    value: float


@dataclass(frozen=True, slots=True)
class Source:
    """Where a belief comes from; any of the three may be empty."""

    title: str
    ref: str = ""
    noted: str = ""


@dataclass(frozen=True, slots=True)
class Belief:
    """One statement of the worldview."""

    statement: str
    confidence: float | None = None
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """``sureness`` are the numbers of the calibration, ``drift_since`` the day it counts from."""

    chips: tuple[str, ...] = ()
    tones: tuple[Tone, ...] = ()
    summary: str = ""
    beliefs: tuple[Belief, ...] = ()
    more_beliefs: int = 0
    sureness: tuple[Tone, ...] = ()
    drift: float | None = None
    drift_since: str = ""
    reflections: tuple[str, ...] = field(default=())


def card_of(document: Json) -> Card:
    """The card of a record document."""
    traits, worldview = _member(document, "traits"), _member(document, "worldview")
    calibration, beliefs = _member(document, "calibration"), _beliefs(worldview)
    drift = _member(calibration, "drift")
    numbers = [one for one in _tones(calibration, "") if one.group != "drift"]
    tones = [*_tones(traits, ""), *_tones(_member(document, "preferences"), "")]
    return Card(
        chips=tuple(dict.fromkeys(_chips(traits)))[:CHIPS],
        tones=tuple(tones[:TONES]),
        summary=_text(_member(worldview, "summary")),
        beliefs=tuple(beliefs[:BELIEFS]),
        more_beliefs=max(len(beliefs) - BELIEFS, 0),
        sureness=tuple(numbers[:TONES]),
        drift=_share(_member(drift, "score")),
        drift_since=_text(_member(drift, "since")),
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


def _beliefs(worldview: Json) -> list[Belief]:
    found = _member(worldview, "beliefs") if isinstance(worldview, dict) else worldview
    entries = found if isinstance(found, list) else []
    return [belief for belief in map(_belief, entries) if belief.statement]


def _belief(entry: Json) -> Belief:
    if not isinstance(entry, dict):
        return Belief(_text(entry))
    lists = (entry[name] for name in SOURCES if isinstance(entry.get(name), list))
    named: list[Json] = next(lists, [])
    sources = [source for source in map(_source, named) if source.title or source.ref]
    statement = _text(entry.get("statement")) or _text(entry.get("text"))
    return Belief(statement, _share(entry.get("confidence")), tuple(sources))


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


def _is_short(value: Json) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= CHIP_LENGTH


def _text(value: Json) -> str:
    return value.strip() if isinstance(value, str) else ""


def _member(value: Json, name: str) -> Json:
    return value.get(name) if isinstance(value, dict) else None
