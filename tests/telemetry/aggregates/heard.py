"""Samples as they are kept, made up for tests of the pure definitions."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

from hypothesis import strategies as st

from telemetry.aggregates.axes import OPPOSED
from tests.people import NOW

_numbers = count(1)
PEOPLE = ("alice", "bob", "dana", "charlie")
SIGNALS = (
    *(signal for _, low, high in OPPOSED for signal in (low, high)),
    *("lane+:docs", "lane-:docs", "minscore+", "minscore-:docs", "slot+:evidence", "brevity"),
    *("confirmed", "acknowledged", "misaligned", "misaligned:tone", "unspecified"),
)


class Said(NamedTuple):
    """A row of samples, as far as it is looked at."""

    id: int
    principal_id: str
    recorded_at: datetime
    signal: str
    strength: float | None
    metadata: Any


def said(
    who: str = "alice",
    signal: str = "unspecified",
    strength: float | None = None,
    *,
    hours: float = 0,
    **metadata: Any,
) -> Said:
    """A sample of ``who``, ``hours`` before now."""
    at = NOW - timedelta(hours=hours)
    return Said(next(_numbers), who, at, signal, strength, metadata or None)


_odd = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
_values = _odd | st.lists(_odd, max_size=4) | st.dictionaries(st.text(max_size=9), _odd, max_size=4)
_names = st.sampled_from(["sentiment", "tokens", "duration_ms", "confirmed", "misaligned", "flags"])
_likely = st.fixed_dictionaries(
    {},
    optional={
        "sentiment": st.floats(-1, 1) | _values,
        "tokens": st.integers(1, 9_000) | _values,
        "duration_ms": st.integers(1, 90_000) | _values,
        "confirmed": st.booleans() | _values,
        "misaligned": st.booleans() | st.sampled_from(["tone", "length"]) | _values,
        "flags": st.lists(st.sampled_from(["tone", "length", "other"]), max_size=3) | _values,
    },
)
METADATA = _likely | st.dictionaries(_names, _values, max_size=6) | _values
SAMPLES = st.lists(
    st.builds(
        lambda who, minutes, signal, strength, metadata: Said(
            next(_numbers), who, NOW - timedelta(minutes=minutes), signal, strength, metadata
        ),
        st.sampled_from(PEOPLE),
        st.integers(0, 40),
        st.sampled_from(SIGNALS) | st.text(min_size=1, max_size=64),
        st.none() | st.floats(0, 1),
        METADATA,
    ),
    max_size=30,
)
