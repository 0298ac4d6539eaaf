"""The beliefs that a record holds, whoever wrote them, and what they cite (contract §10). Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, count

from personas.documents.canonical import Json
from telemetry.memory.evidence import (
    DEFAULT_CONFIDENCE,
    slugify,
    statement_id,
    statement_key,
    statement_text,
)

NEUTRAL = 0.5
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class Standing(StrEnum):
    """Whether a cited item still holds. Only ``shared`` ones do."""

    SHARED = "shared"
    ERASED = "erased"
    UNSHARED = "unshared"
    UNKNOWN = "unknown"


class Footing(StrEnum):
    """What a belief stands on: nothing cited, all of it holding, some of it, none of it."""

    UNCITED = "uncited"
    HOLDS = "holds"
    PARTLY = "partly"
    LOST = "lost"


Standings = Mapping[str, Standing]
"""By the ids of items; one that is missing was never known here."""


@dataclass(frozen=True, slots=True)
class Held:
    """A belief of the record, at ``index`` of its list.

    ``prior`` is how sure the record was before memory had its say: what people wrote, or 0.5 for
    a belief that rests on memory. ``written`` says that people wrote it.
    """

    index: int
    id: str
    statement: str
    key: str
    confidence: float
    prior: float
    written: bool
    citations: tuple[str, ...]

    def lost(self, standings: Standings) -> tuple[str, ...]:
        """What it cites that does not hold any more."""
        return tuple(
            one for one in self.citations if standings.get(one, Standing.UNKNOWN) != Standing.SHARED
        )


def belief_list(worldview: Json) -> list[Json] | None:
    """The list of beliefs: ``worldview.beliefs``, or the worldview itself where it is a list.

    Empty where there is none yet; None where something else stands in its place.
    """
    found = worldview.get("beliefs", []) if isinstance(worldview, dict) else worldview
    if found is None:
        return []
    return found if isinstance(found, list) else None


def held_beliefs(worldview: Json) -> list[Held]:
    """Every belief with a statement, in the order of the record, each under an id of its own.

    Of several that were written under one id the first has it; the others go by what they say.
    """
    entries = enumerate(belief_list(worldview) or [])
    said = [(index, text, one) for index, one in entries if (text := statement_of(one))]
    owners: dict[str, int] = {}
    taken: dict[str, str] = {}
    for index, statement, entry in said:
        name = _own_id(entry)
        if name and name not in owners:
            owners[name], taken[name] = index, statement_key(statement)
    held: list[Held] = []
    for index, statement, entry in said:
        belief_id = _own_id(entry)
        if not belief_id or owners[belief_id] != index:
            belief_id = _free_id(statement, taken)
            taken[belief_id] = statement_key(statement)
        held.append(_held(index, belief_id, statement, entry))
    return held


def statement_of(entry: Json) -> str:
    """What the belief says, on one line; empty when it says nothing."""
    if isinstance(entry, str):
        return statement_text(entry)
    if not isinstance(entry, dict):
        return ""
    for name in ("statement", "text", "label"):
        if isinstance(entry.get(name), str) and entry[name].strip():
            return statement_text(entry[name])
    return ""


def memory_citations(entry: Json) -> tuple[str, ...]:
    """The memory ids that a belief cites, each once; other kinds of sources are left out."""
    listed = entry.get("citations") if isinstance(entry, dict) else None
    found = [one.lower() for one in listed if is_memory_id(one)] if isinstance(listed, list) else []
    return tuple(dict.fromkeys(found))


def is_memory_id(value: Json) -> bool:
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def footing_of(citations: tuple[str, ...], standings: Standings) -> Footing:
    """What a belief with these citations stands on."""
    if not citations:
        return Footing.UNCITED
    holding = sum(standings.get(one) == Standing.SHARED for one in citations)
    if holding == len(citations):
        return Footing.HOLDS
    return Footing.PARTLY if holding else Footing.LOST


def share(value: Json) -> float | None:
    """A number in 0..1, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and 0 <= value <= 1 else None


def _own_id(entry: Json) -> str:
    """The id that the belief was written under; empty where there is none to go by."""
    own = entry.get("id") if isinstance(entry, dict) else None
    return own.strip() if isinstance(own, str) and slugify(own) else ""


def _free_id(statement: str, taken: Mapping[str, str]) -> str:
    made = statement_id(statement, taken)
    others = (f"{made}-{number}" for number in count(2))
    return next(one for one in chain((made,), others) if one not in taken)


def _held(index: int, belief_id: str, statement: str, entry: Json) -> Held:
    members = entry if isinstance(entry, dict) else {}
    citations = memory_citations(entry)
    confidence = share(members.get("confidence"))
    sure = DEFAULT_CONFIDENCE if confidence is None else confidence
    said = share(members.get("prior"))
    written = said is not None or not citations
    prior = said if said is not None else (NEUTRAL if citations else sure)
    key = statement_key(statement)
    return Held(index, belief_id, statement, key, sure, prior, written, citations)
