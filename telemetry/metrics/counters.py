"""Feedback counters for Prometheus (contract §12): counted after commit, bounded in labels.

Each process counts what it took, and tells apart the first 50 signals that it saw of a persona, and no more than ``SERIES_MAX`` in all.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress

from prometheus_client import Counter

from telemetry.metrics.naming import OTHER, SIGNALS_MAX
from telemetry.metrics.tally import Tally

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

SERIES_MAX = 50_000  # about 40 MB


class FeedbackCounters:
    """The series of each persona, held so that counting looks nothing up; for any thread."""

    def __init__(self, *, series_max: int = SERIES_MAX) -> None:
        self._lock = threading.Lock()
        self._series_max = series_max
        self._series = 0
        self._personas: dict[str, tuple[Counter, dict[str, Counter]]] = {}

    def count(self, tallies: Mapping[str, Tally], without: Iterable[str] = ()) -> None:
        """Count what was accepted, except for the personas ``without``."""
        skipped = set(without)
        total = 0
        with self._lock:
            for persona_id, tally in tallies.items():
                if persona_id not in skipped:
                    total += self._count_one(persona_id, tally)
        if total:
            FEEDBACK_GLOBAL.inc(total)

    def forget(self, persona_id: str) -> None:
        """Take the persona's own series away, after an erasure."""
        with self._lock:
            _, signals = self._personas.pop(persona_id, (None, {}))
            self._series -= len(signals)
            with suppress(KeyError):
                FEEDBACK.remove(persona_id)
            for signal in signals:
                with suppress(KeyError):
                    FEEDBACK_SIGNAL.remove(persona_id, signal)

    def _count_one(self, persona_id: str, tally: Tally) -> int:
        known = self._personas.get(persona_id)
        if known is None:
            known = self._personas[persona_id] = (FEEDBACK.labels(persona_id), {})
        persona, signals = known
        counted = 0
        for name, (samples, _, _) in tally.signals.items():
            child = signals.get(name) or self._child(persona_id, signals, name)
            child.inc(samples)
            counted += samples
        persona.inc(counted)
        return counted

    def _child(self, persona_id: str, signals: dict[str, Counter], name: str) -> Counter:
        told_apart = len(signals) - (OTHER in signals)
        if told_apart >= SIGNALS_MAX or self._series >= self._series_max:
            name = OTHER
        if name not in signals:
            signals[name] = FEEDBACK_SIGNAL.labels(persona_id, name)
            self._series += 1
        return signals[name]


counters = FeedbackCounters()
