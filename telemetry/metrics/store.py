"""Where the metrics live: in this process, from its start on (contract §7)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from telemetry.metrics.summary import PersonaMetrics, Snapshot
from telemetry.samples import Sample


class MetricsStore:
    """Counters of every persona, safe to use from any thread.

    They begin at zero with the process, say since when, and are never rebuilt from the samples
    that were kept.
    """

    def __init__(self, started: datetime) -> None:
        self._lock = threading.Lock()
        self._started = started
        self._personas: dict[str, PersonaMetrics] = {}
        self._reset_at: dict[str, datetime] = {}

    def record(self, persona_id: str, samples: Sequence[Sample], now: datetime) -> list[str]:
        """Count samples received at ``now``; returns the signal each was counted under.

        Samples from before the persona's counters were reset count no more: they were erased.
        """
        with self._lock:
            if now < self._reset_at.get(persona_id, now):
                return []
            metrics = self._personas.get(persona_id)
            if metrics is None:
                half_life = settings.ARW_PERSONA_SIGNAL_HALFLIFE_SECS
                metrics = self._personas[persona_id] = PersonaMetrics(half_life)
            return metrics.record(samples, now.timestamp())

    def read(self, persona_id: str, now: datetime) -> tuple[Snapshot, datetime]:
        """The persona's metrics as of ``now``, and since when they count."""
        with self._lock:
            metrics = self._personas.get(persona_id) or PersonaMetrics(None)
            since = self._reset_at.get(persona_id, self._started)
            return metrics.snapshot(now.timestamp()), since

    def signals(self, persona_id: str) -> list[str]:
        """The signals that are told apart for the persona."""
        with self._lock:
            metrics = self._personas.get(persona_id)
            return [] if metrics is None else list(metrics.signals)

    def reset(self, persona_id: str, now: datetime) -> None:
        """Start the persona's counters anew."""
        with self._lock:
            self._personas.pop(persona_id, None)
            self._reset_at[persona_id] = now

    def clear(self, now: datetime) -> None:
        """Start all counters anew, as a restart does."""
        with self._lock:
            self._personas.clear()
            self._reset_at.clear()
            self._started = now


store = MetricsStore(timezone.now())
