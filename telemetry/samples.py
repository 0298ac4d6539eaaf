"""Feedback as a client sends it: a body in, valid samples out (contract §7). Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from leases import strict_json
from leases.errors import Fault
from personas.documents.canonical import Json
from personas.documents.limits import exceeds
from telemetry.errors import EmptyFeedbackBatch, InvalidFeedback

BATCH_MAX = 1000
SIGNAL_MAX = 64
KIND_MAX = 64
NOTE_MAX = 2000
ID_MAX = 200
METADATA_MAX_BYTES = 8192
METADATA_MAX_DEPTH = 6
DEFAULT_SIGNAL = "unspecified"
MAX_FAULTS = 20

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Sample(msgspec.Struct, frozen=True):
    """One piece of feedback. ``strength`` lies in 0..1; ``id`` makes a repeat count once."""

    signal: str = DEFAULT_SIGNAL
    kind: str | None = None
    strength: float | None = None
    note: str | None = None
    metadata: dict[str, Any] | None = None
    id: str | None = None


def read_samples(body: Json, kind: str | None = None) -> tuple[Sample, ...]:
    """The samples of a body: one object, or an array of 1 to 1,000 of them.

    ``kind`` is the fallback for samples that name none. Members that are null count as absent,
    unknown ones are ignored. Raises ``EmptyFeedbackBatch``, or ``InvalidFeedback`` with at most
    20 faults, whose pointers lead into the body (``/3/strength`` in an array).
    """
    faults: list[Fault] = []
    if kind is not None and len(kind) > KIND_MAX:
        message = f"the parameter kind has at most {KIND_MAX} characters"
        faults.append(Fault("?kind", message, "too_long"))
    elif kind is not None and _UNSTORABLE.search(kind):
        message = "the parameter kind must not hold U+0000 or lone surrogates"
        faults.append(Fault("?kind", message, "invalid_character"))
    batch = isinstance(body, list)
    rows = body if isinstance(body, list) else [body]
    if not rows:
        raise EmptyFeedbackBatch
    if len(rows) > BATCH_MAX:
        message = f"a batch holds at most {BATCH_MAX} samples; this one has {len(rows)}"
        raise InvalidFeedback(message, errors=[Fault("", message, "too_many")])
    samples: list[Sample] = []
    for index, row in enumerate(rows):
        sample = _read(row, f"/{index}" if batch else "", kind or None, faults)
        if sample is not None:
            samples.append(sample)
        if len(faults) >= MAX_FAULTS:
            break
    if faults:
        raise InvalidFeedback(_summary(faults), errors=faults[:MAX_FAULTS])
    return tuple(samples)


def _summary(faults: Sequence[Fault]) -> str:
    first = faults[0]
    return f"{first.pointer}: {first.message}" if first.pointer else first.message


def _read(row: Json, at: str, kind: str | None, faults: list[Fault]) -> Sample | None:
    if not isinstance(row, dict):
        message = "a sample is a JSON object" if at else "feedback is an object or an array of them"
        faults.append(Fault(at, message, "type"))
        return None
    signal = _text(row, "signal", at, SIGNAL_MAX, faults)
    if signal is not None and not signal.strip():
        faults.append(Fault(f"{at}/signal", "signal must not be empty", "empty"))
    sample_id = _text(row, "id", at, ID_MAX, faults)
    if sample_id == "":
        faults.append(Fault(f"{at}/id", "id must not be empty", "empty"))
    return Sample(
        signal=DEFAULT_SIGNAL if signal is None else signal,
        kind=_text(row, "kind", at, KIND_MAX, faults) or kind,
        strength=_strength(row.get("strength"), f"{at}/strength", faults),
        note=_text(row, "note", at, NOTE_MAX, faults),
        metadata=_metadata(row.get("metadata"), f"{at}/metadata", faults),
        id=sample_id,
    )


def _text(row: dict[str, Any], name: str, at: str, longest: int, faults: list[Fault]) -> str | None:
    value = row.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        faults.append(Fault(f"{at}/{name}", f"{name} must be a string", "type"))
    elif len(value) > longest:
        message = f"{name} has at most {longest} characters; this one has {len(value)}"
        faults.append(Fault(f"{at}/{name}", message, "too_long"))
    elif _UNSTORABLE.search(value):
        message = f"{name} must not hold U+0000 or lone surrogates"
        faults.append(Fault(f"{at}/{name}", message, "invalid_character"))
    else:
        return value
    return None


def _strength(value: Json, at: str, faults: list[Fault]) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        faults.append(Fault(at, "strength must be a number", "type"))
    elif not (math.isfinite(value) and 0 <= value <= 1):
        faults.append(Fault(at, "strength must lie between 0 and 1", "out_of_range"))
    else:
        return float(value) + 0.0  # no negative zero
    return None


def _metadata(value: Json, at: str, faults: list[Fault]) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        faults.append(Fault(at, "metadata must be an object", "type"))
        return None
    try:
        strict_json.check(value, max_depth=METADATA_MAX_DEPTH)
    except strict_json.StrictJSONError as error:
        faults.extend(Fault(at + one.pointer, one.message, one.code) for one in error.faults)
        return None
    if exceeds(value, METADATA_MAX_BYTES):
        message = f"metadata has at most {METADATA_MAX_BYTES} bytes as canonical JSON"
        faults.append(Fault(at, message, "too_large"))
        return None
    return value
