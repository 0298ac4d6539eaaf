"""Feedback counters for Prometheus (contract §12): counted after commit, bounded in labels."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from contextlib import suppress

from prometheus_client import Counter

FEEDBACK_GLOBAL = Counter(
    "arw_persona_feedback_global_total", "Feedback samples accepted, all personas together."
)
FEEDBACK = Counter(
    "arw_persona_feedback_total", "Feedback samples accepted for a persona.", ["persona"]
)
FEEDBACK_SIGNAL = Counter(
    "arw_persona_feedback_signal_total",
    "Feedback samples accepted for a persona under a signal; past 50 signals it is other.",
    ["persona", "signal"],
)


def count(persona_id: str, signals: Sequence[str]) -> None:
    """Count samples by the bounded signal names that the metrics use."""
    FEEDBACK_GLOBAL.inc(len(signals))
    FEEDBACK.labels(persona=persona_id).inc(len(signals))
    for signal, times in Tally(signals).items():
        FEEDBACK_SIGNAL.labels(persona=persona_id, signal=signal).inc(times)


def forget(persona_id: str, signals: Iterable[str]) -> None:
    """Take the persona's own series away, after an erasure."""
    with suppress(KeyError):
        FEEDBACK.remove(persona_id)
    for signal in signals:
        with suppress(KeyError):
            FEEDBACK_SIGNAL.remove(persona_id, signal)
