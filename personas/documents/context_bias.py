"""Context bias: how preferences and feedback lean what an agent is given to read (contract §7)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from personas.documents.canonical import Json

_DEFAULT_STRENGTH = 0.6
_TRUE_WEIGHT = 0.25
_DECIMALS = 6  # finer than any weight people write, coarser than the noise of binary fractions
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_SLOT_MAX = 2**53 - 1


@dataclass(frozen=True, slots=True)
class VibeSummary:
    """The part of the vibe metrics that the bias is computed from; strengths lie in 0..1."""

    signal_counts: Mapping[str, int] = field(default_factory=dict)
    signal_strength: Mapping[str, float] = field(default_factory=dict)
    signal_weights: Mapping[str, float] = field(default_factory=dict)
    average_strength: float | None = None
    last_signal: str | None = None
    last_strength: float | None = None


@dataclass(frozen=True, slots=True)
class ContextBias:
    """Lane priorities lie in -1..1, slot overrides are minimum counts, the delta in -0.5..0.5."""

    lane_priorities: dict[str, float] = field(default_factory=dict)
    slot_overrides: dict[str, int] = field(default_factory=dict)
    min_score_delta: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        return {
            "lane_priorities": self.lane_priorities,
            "slot_overrides": self.slot_overrides,
            "min_score_delta": self.min_score_delta,
        }


def compute_context_bias(document: Json, metrics: VibeSummary | None = None) -> ContextBias:
    """The bias that the record's preferences and the feedback so far amount to."""
    bias = _Accumulator()
    _read_preferences(document, bias)
    if metrics is not None:
        _read_signals(metrics, bias)
    return bias.result()


class _Accumulator:
    def __init__(self) -> None:
        self.lanes: dict[str, float] = {}
        self.slots: dict[str, int] = {}
        self.min_score = 0.0

    def lean(self, lane: str, delta: float) -> None:
        self.lanes[lane] = _clamp(self.lanes.get(lane, 0.0) + delta, -1.0, 1.0)

    def raise_slot(self, slot: str, minimum: int) -> None:
        self.slots[slot] = max(self.slots.get(slot, 0), minimum)

    def score(self, delta: float) -> None:
        self.min_score = _clamp(self.min_score + delta, -0.5, 0.5)

    def result(self) -> ContextBias:
        lanes = {lane: _clean(value) for lane, value in sorted(self.lanes.items())}
        return ContextBias(
            lane_priorities={lane: value for lane, value in lanes.items() if value},
            slot_overrides=dict(sorted(self.slots.items())),
            min_score_delta=_clean(self.min_score),
        )


def _read_preferences(document: Json, bias: _Accumulator) -> None:
    preferences = _member(document, "preferences")
    context = _member(preferences, "context")
    for lane, raw in _object(_member(context, "lane_weights")).items():
        weight = _weight(raw)
        if weight is not None and lane.strip():
            bias.lean(lane.strip(), _clamp(weight, -1.0, 1.0))
    for slot, raw in _object(_member(context, "slot_budgets")).items():
        number = _weight(raw) if not isinstance(raw, bool) else None
        if number is not None and number >= 1 and slot.strip():
            bias.raise_slot(slot.strip(), int(min(number, _SLOT_MAX)))
    score = _weight(_member(context, "min_score_bias"))
    if score is not None and not isinstance(_member(context, "min_score_bias"), bool):
        bias.score(_clamp(score, -0.5, 0.5))


def _read_signals(metrics: VibeSummary, bias: _Accumulator) -> None:
    weights = metrics.signal_weights or metrics.signal_counts
    total = sum(weights.values())
    if total > 0:
        for signal in sorted(weights):
            strength = metrics.signal_strength.get(signal)
            if strength is None:
                strength = metrics.average_strength
            share = _clamp(weights[signal] / total, 0.05, 1.5)
            _apply_signal(signal, _strength(strength), share, bias)
    if metrics.last_signal:
        last = metrics.last_strength
        if last is None:
            last = metrics.average_strength
        _apply_signal(metrics.last_signal, _strength(last), 1.0, bias)


def _apply_signal(raw: str, strength: float, weight: float, bias: _Accumulator) -> None:
    weight = _clamp(weight, 0.05, 3.0)
    delta = (0.05 + strength * 0.25) * weight
    name, mark, rest = raw.strip().partition(":")
    name, rest = name.lower(), rest.strip()
    sign = -1.0 if name.endswith("-") else 1.0
    match name:
        case "lane+" | "lane" | "lane-" if rest:
            bias.lean(rest.lower(), sign * delta)
        case "slot+" | "slot" if rest:
            bias.raise_slot(rest.lower(), _slot_minimum(strength, weight))
        case "minscore+" | "minscore-" if mark or not rest:
            bias.score(sign * delta)
            if rest:
                bias.lean(rest.lower(), sign * delta * 0.5)
        case "warmer":
            bias.lean("*", delta)
        case "cooler":
            bias.lean("*", -delta)
        case "broader":
            bias.raise_slot("*", _slot_minimum(min(strength + 0.1, 1.0), weight))
        case "narrower":
            bias.score(-delta * 0.5)


def _slot_minimum(strength: float, weight: float) -> int:
    # Half away from zero, as the reference rounds; the value is never negative.
    return max(1, math.floor((1.0 + 3.0 * strength) * weight + 0.5 + 1e-9))


def _strength(value: float | None) -> float:
    return _clamp(_DEFAULT_STRENGTH if value is None else value, 0.0, 1.0)


def _weight(raw: Json) -> float | None:
    """A weight as written by hand: a number, its text, ``true`` (0.25) or ``false`` (0)."""
    if isinstance(raw, bool):
        return _TRUE_WEIGHT if raw else 0.0
    if isinstance(raw, int | float):
        return float(raw) if math.isfinite(raw) else None
    if isinstance(raw, str) and _NUMBER.fullmatch(raw.strip()):
        return float(raw)
    return None


def _member(value: Json, key: str) -> Json:
    return value.get(key) if isinstance(value, dict) else None


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _clamp(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))


def _clean(value: float) -> float:
    return round(value, _DECIMALS) + 0.0
