"""The fields of a payload that the export counts, read typed, or tolerantly where they are odd."""

import json
import math
from typing import Any, Final

import msgspec

UNKNOWN: Final = "unknown"
NO_PILLAR: Final = "Unknown"

Number = int | float


class Payload(msgspec.Struct, gc=False):
    """What any event type's payload may give to the export; absent fields have their neutral value."""

    quest_id: str = UNKNOWN
    proof_tier: str = UNKNOWN
    pack_id: str | None = None
    reason: str = UNKNOWN
    component: str = UNKNOWN
    severity: str = UNKNOWN
    pillars: list[str] = []
    xp_awarded: Number = 0
    quest_count: Number = 0
    timebox_estimate_minutes: Number = 0
    observed_duration_seconds: Number = 0


_decode = msgspec.json.Decoder(Payload).decode
_NUMBERS: Final = (
    "xp_awarded",
    "quest_count",
    "timebox_estimate_minutes",
    "observed_duration_seconds",
)
_TEXTS: Final = ("quest_id", "proof_tier", "pack_id", "reason", "component", "severity")


def payload_of(data: msgspec.Raw) -> Payload:
    """The payload; a field of the wrong type counts as absent. Never raises."""
    try:
        return _decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return _leniently(bytes(data))


def _leniently(data: bytes) -> Payload:
    try:
        given = json.loads(data)
    except (ValueError, RecursionError):
        return Payload()
    if not isinstance(given, dict):
        return Payload()
    fields: dict[str, Any] = {}
    for name in _TEXTS:
        if isinstance(given.get(name), str):
            fields[name] = given[name]
    for name in _NUMBERS:
        fields[name] = _number(given.get(name))
    pillars = given.get("pillars")
    if isinstance(pillars, list):
        fields["pillars"] = [each for each in pillars if isinstance(each, str)]
    return Payload(**fields)


def _number(value: Any) -> Number:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    if isinstance(value, float) and not math.isfinite(value):
        return 0
    return value if abs(value) < 1e15 else 0
