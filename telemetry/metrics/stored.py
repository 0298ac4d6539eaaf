"""A persona's metrics as Redis keeps them, from its fields and back. Pure."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from telemetry.metrics.decay import Aggregate
from telemetry.metrics.naming import OTHER, rank
from telemetry.metrics.summary import PersonaMetrics
from telemetry.metrics.tally import Tally

_NAME_AT = len("s00000000000:")
_SUMS = struct.Struct("<10d")


def field_of(signal: str) -> str:
    """The field of a signal's sum: in the order of fields, signals stand by their rank."""
    return "o" if signal == OTHER else f"s{rank(signal):011d}:{signal}"


def group_of(persona_id: str, tally: Tally) -> list[Any]:
    """The tally as the script takes it."""
    sums: list[Any] = []
    for name, parts in tally.signals.items():
        sums += (field_of(name), *parts)
    position, signal, strength = tally.newest
    return [persona_id, position, strength, signal, sums]


def metrics_of(fields: Sequence[bytes]) -> PersonaMetrics:
    """The metrics that a hash holds, given as its names and values in turn."""
    metrics = PersonaMetrics()
    for name, value in zip(fields[::2], fields[1::2], strict=True):
        if name == b"newest":
            moment, position, strength, signal = value.decode().split(" ", 3)
            metrics.newest = float(moment), (int(position), signal, float(strength))
        elif name == b"o":
            metrics.signals[OTHER] = _aggregate(value)
        elif name[_NAME_AT - 1 : _NAME_AT] == b":":
            metrics.signals[name[_NAME_AT:].decode()] = _aggregate(value)
    return metrics


def _aggregate(packed: bytes) -> Aggregate:
    count, at, weight, lost, from_, valued, missing, since, value, rest = _SUMS.unpack(packed)
    return Aggregate(
        int(count),
        (int(at), weight, lost),
        (int(from_), valued, missing),
        (int(since), value, rest),
    )
