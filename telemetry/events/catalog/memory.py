"""What is learned from interactions: ids and numbers, never a word of it (contract §8, §10). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from telemetry.events.catalog.event import Event


@dataclass(frozen=True, slots=True)
class PersonaDrift(Event):
    """What an agent reports of itself has moved away from what it used to report.

    Sent once when an excursion begins, and not again before it has ended. ``score`` is the largest
    deviation, ``baseline`` where ``confidence``, ``competence`` and ``cost`` used to be, ``latest``
    where they are; see docs/self-model.md.
    """

    topic = "persona.drift"

    persona_id: str
    score: float
    baseline: dict[str, float]
    latest: dict[str, float]


@dataclass(frozen=True, slots=True)
class ReflectionCompleted(Event):
    """A person answered a prompt of the journal; what they wrote is the memory item."""

    topic = "persona.reflection.completed"

    persona_id: str
    item_id: str


@dataclass(frozen=True, slots=True)
class MemoryUpserted(Event):
    """A memory item was written, or replaced by whoever wrote it. What it holds is not sent."""

    topic = "memory.upserted"

    item_id: str
    lane: str
    owner_kind: str
    owner_ref: str


@dataclass(frozen=True, slots=True)
class MemoryErased(Event):
    """A memory item was erased for good; its id stays, for citations."""

    topic = "memory.erased"

    item_id: str
    lane: str
    owner_kind: str
    owner_ref: str


@dataclass(frozen=True, slots=True)
class WorldviewDrift(Event):
    """What a persona believes and what people lately said of it have parted ways.

    Sent once when an excursion begins, and not again before it has ended. ``score`` is the mean
    distance over ``beliefs`` beliefs of the record at ``version``; see docs/worldview.md.
    ``actor`` asked for a suggestion; it is ``actor:system`` when time brought it to light.
    """

    topic = "persona.worldview.drift"

    persona_id: str
    score: float
    beliefs: int
    version: int
