"""What one sample of feedback says, whatever its metadata looks like. Pure.

Metadata is free: a member that has another type or lies outside its range says nothing, and
takes nothing away from the others.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from telemetry.aggregates.axes import CONFIRMING, UNSPECIFIED, Side, flag_of, plain, side_of

DEFAULT_STRENGTH: Final = 0.6
"""Of a sample that carries none; the context bias takes the same."""
SENTIMENTS: Final = {"confirmed": 1.0, "acknowledged": 0.5, "warmer": 0.5, "cooler": -0.5}
"""What a signal says by itself, at full strength; ``misaligned`` and its flags are -1."""
MISALIGNED_SENTIMENT: Final = -1.0
TOKENS_MAX: Final = 10_000_000
DURATION_MAX: Final = 86_400_000
FLAG_MAX: Final = 64
FLAGS_PER_SAMPLE: Final = 16


class Sample(Protocol):
    """What is looked at in a sample: a row of ``persona_vibe_samples`` has all of it."""

    @property
    def id(self) -> int: ...
    @property
    def principal_id(self) -> Hashable: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def signal(self) -> str: ...
    @property
    def strength(self) -> float | None: ...
    @property
    def metadata(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Heard:
    """One sample, read. ``sentiment`` lies in -1..1, ``strength`` in 0..1.

    ``order`` tells the later of two samples, ``tempo`` is milliseconds and tokens, ``side`` where
    the sample votes. None stands for what the sample says nothing about.
    """

    order: tuple[datetime, int]
    who: Hashable
    sentiment: float | None
    tempo: tuple[float, float] | None
    confirmed: bool | None
    flags: tuple[str, ...]
    side: Side | None
    strength: float


def hear(sample: Sample) -> Heard:
    """What the sample says."""
    metadata = sample.metadata if isinstance(sample.metadata, dict) else {}
    strength = DEFAULT_STRENGTH if sample.strength is None else sample.strength
    flags = _flags(sample.signal, metadata)
    return Heard(
        (sample.recorded_at, sample.id),
        sample.principal_id,
        _sentiment(sample.signal, strength, metadata),
        _tempo(metadata),
        _confirmed(sample.signal, flags, metadata),
        flags,
        side_of(sample.signal),
        strength,
    )


def _sentiment(signal: str, strength: float, metadata: dict[str, Any]) -> float | None:
    told = _number(metadata.get("sentiment"), -1, 1)
    if told is not None:
        return told
    known = SENTIMENTS.get(plain(signal))
    if known is None and flag_of(signal) is not None:
        known = MISALIGNED_SENTIMENT
    return None if known is None else known * strength


def _tempo(metadata: dict[str, Any]) -> tuple[float, float] | None:
    duration = _number(metadata.get("duration_ms"), 1, DURATION_MAX)
    tokens = _number(metadata.get("tokens"), 1, TOKENS_MAX)
    if duration is None or tokens is None:
        return None
    return duration, tokens


def _confirmed(signal: str, flags: tuple[str, ...], metadata: dict[str, Any]) -> bool | None:
    told = metadata.get("confirmed")
    if isinstance(told, bool):
        return told
    if plain(signal) in CONFIRMING:
        return True
    return False if flags else None


def _flags(signal: str, metadata: dict[str, Any]) -> tuple[str, ...]:
    """The distinct flags in the order of their names; ``unspecified`` where none is named."""
    raised = flag_of(signal)
    told = metadata.get("misaligned")
    names = {
        name
        for source in (raised, told, metadata.get("flags"))
        for name in map(_flag_name, _texts(source))
        if name
    }
    if told is True:
        names.add(UNSPECIFIED)
    if len(names) > 1:
        names.discard(UNSPECIFIED)
    return tuple(sorted(names)[:FLAGS_PER_SAMPLE])


def _texts(value: Any) -> Iterator[str]:
    """A text, the texts of an array, or the names in an object that are true."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (one for one in value if isinstance(one, str))
    elif isinstance(value, dict):
        yield from (name for name, raised in value.items() if raised is True)


def _flag_name(text: str) -> str:
    return " ".join(text.lower().split())[:FLAG_MAX].rstrip()


def _number(value: Any, low: int, high: int) -> float | None:
    """A JSON number within the range; true and false are none, nor is NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        return None
    return float(value)
