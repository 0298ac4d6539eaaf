"""The beliefs of a record as the reference shows them, with what they rest on (contract §10). Pure.

One for the whole profile, then one for each member of traits, preferences and worldview, at most
16 of each; the entries of ``worldview.beliefs`` take the places that the worldview leaves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from personas.documents.canonical import Json
from telemetry.memory.evidence import DEFAULT_CONFIDENCE, slugify
from telemetry.memory.held import (
    Footing,
    Standing,
    Standings,
    footing_of,
    memory_citations,
    share,
    statement_of,
)

MAX_OF_SLOT = 16
SUMMARY_MAX = 160
SHOWN = 4
LOWEST, HIGHEST = 0.05, 1.0
FIELDS = ("name", "archetype", "traits", "preferences", "worldview", "calibration")
# Field of the record, slot, and how sure one is of what stands there against the whole.
SLOTS = (
    ("traits", "persona_trait", 0.9),
    ("preferences", "persona_preference", 0.85),
    ("worldview", "persona_worldview", 1.0),
)


@dataclass(frozen=True, slots=True)
class _Entry:
    label: str
    name: str
    value: Json
    confidence: float


def world_beliefs(
    document: Json, *, version: int, updated: str, standings: Standings
) -> list[dict[str, Any]]:
    """The beliefs of a record document, as JSON.

    ``confidence`` is the calibration's (0.62 without one), times 0.9 for traits and 0.85 for
    preferences; an entry of ``worldview.beliefs`` has its own. ``citations`` are the memory items
    that it names, each with its ``state`` (``shared``, ``erased``, ``unshared``, ``unknown``);
    ``standing`` is ``uncited``, ``holds``, ``partly`` or ``lost``: of the last none holds any more.
    """
    persona_id = document["id"]
    calibration = document.get("calibration")
    sure = share(calibration.get("confidence")) if isinstance(calibration, dict) else None
    base = DEFAULT_CONFIDENCE if sure is None else sure
    beliefs = [_profile(document, base, version, updated)]
    for field, slot, part in SLOTS:
        confidence = base if part == 1.0 else min(max(base * part, LOWEST), HIGHEST)
        seen: set[str] = set()
        for entry in _entries(document.get(field), field, slot, confidence):
            slug = belief_slug(entry.name)
            if not slug or slug in seen or len(seen) >= MAX_OF_SLOT:
                continue
            seen.add(slug)
            beliefs.append(_belief(persona_id, slot, slug, entry, updated, standings))
    return beliefs


def cited_by(document: Json) -> list[str]:
    """Every memory id that a part of the record cites which is shown as a belief."""
    parts = ((document.get(field), field, slot) for field, slot, _part in SLOTS)
    entries = (one for value, field, slot in parts for one in _entries(value, field, slot, 0.0))
    return [cited for entry in entries for cited in memory_citations(entry.value)]


def belief_slug(label: str) -> str:
    """The last part of a belief's id; a hash for labels without an ASCII letter or digit."""
    label = label.strip()
    if not label:
        return ""
    return slugify(label) or hashlib.sha256(label.encode()).hexdigest()[:12]


def summary_of(value: Json) -> str:
    """The value in words: the first 160 characters, and an ellipsis where there is more."""
    text = _in_words(value)
    return text if len(text) <= SUMMARY_MAX else f"{text[:SUMMARY_MAX]}…"


def _profile(document: Json, base: float, version: int, updated: str) -> dict[str, Any]:
    persona_id = document["id"]
    return {
        "id": f"persona::{persona_id}::profile",
        "persona_id": persona_id,
        "lane": "worldview",
        "slot": "persona_profile",
        "kind": "persona_profile",
        **{name: document.get(name) for name in FIELDS},
        "confidence": _rounded(base),
        "weight": _rounded(base),
        "updated": updated,
        "source": "persona",
        "rationale": {"type": "persona_profile", "version": version},
        "citations": [],
        "standing": str(Footing.UNCITED),
    }


def _belief(
    persona_id: str, slot: str, slug: str, entry: _Entry, updated: str, standings: Standings
) -> dict[str, Any]:
    cited = memory_citations(entry.value)
    return {
        "id": f"persona::{persona_id}::{slot}::{slug}",
        "persona_id": persona_id,
        "lane": "worldview",
        "slot": slot,
        "kind": slot,
        "label": entry.label.strip(),
        "summary": summary_of(entry.value),
        "value": entry.value,
        "confidence": _rounded(entry.confidence),
        "weight": _rounded(entry.confidence),
        "updated": updated,
        "source": "persona",
        "rationale": {"type": slot, "label": entry.label.strip()},
        "citations": [
            {"id": one, "state": str(standings.get(one, Standing.UNKNOWN))} for one in cited
        ],
        "standing": str(footing_of(cited, standings)),
    }


def _entries(value: Json, field: str, slot: str, confidence: float) -> Iterator[_Entry]:
    words = slot.replace("_", " ")
    if isinstance(value, dict):
        for name in sorted(value):
            yield _Entry(name, name, value[name], confidence)
        if field == "worldview" and isinstance(value.get("beliefs"), list):
            yield from _held_ones(value["beliefs"], words, confidence)
    elif isinstance(value, list):
        for number, one in enumerate(value, start=1):
            label = _first_of(one, ("label", "name")) or f"{words} {number}"
            yield _Entry(label, label, one, confidence)
    elif value is not None:
        yield _Entry(words, words, value, confidence)


def _held_ones(beliefs: list[Json], words: str, confidence: float) -> Iterator[_Entry]:
    for number, one in enumerate(beliefs, start=1):
        label = statement_of(one) or _first_of(one, ("name",)) or f"{words} {number}"
        own = share(one.get("confidence")) if isinstance(one, dict) else None
        name = _first_of(one, ("id",)) or label
        yield _Entry(label, name, one, confidence if own is None else own)


def _first_of(value: Json, names: tuple[str, ...]) -> str:
    members = value if isinstance(value, dict) else {}
    found = (members[name] for name in names if isinstance(members.get(name), str))
    return next((one for one in found if one.strip()), "")


def _in_words(value: Json) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        parts = [f"{name}: {_in_words(value[name])}" for name in sorted(value)[:SHOWN]]
    elif isinstance(value, list):
        parts = [_in_words(one) for one in value[:SHOWN]]
    else:
        return json.dumps(value)
    if len(value) > SHOWN:
        parts.append("…")
    return ", ".join(parts) if parts else ("{}" if isinstance(value, dict) else "[]")


def _rounded(value: float) -> float:
    return round(value, 6)
