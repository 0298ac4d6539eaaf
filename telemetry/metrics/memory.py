"""Metrics in the memory of one process, from its start on (contract §7). Knows no Django."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from telemetry.metrics.decay import instant
from telemetry.metrics.interface import Metrics
from telemetry.metrics.summary import PersonaMetrics, Snapshot
from telemetry.metrics.tally import Tally

# About 45 MB. A persona counts as one sum, and as one more for each signal that is told apart.
SUMS_MAX = 100_000


@dataclass(slots=True)
class _Kept:
    since: datetime
    not_before: datetime | None = None
    metrics: PersonaMetrics = field(default_factory=PersonaMetrics)

    @property
    def sums(self) -> int:
        return 1 + len(self.metrics.signals)


class MemoryMetrics(Metrics):
    """Counters of every persona, safe to use from any thread.

    They begin at zero with the process, say since when, and are never rebuilt from the samples
    that were kept. Beyond ``sums_max`` sums the persona that was counted longest ago is
    dropped; one that is not held counts since the last drop, for it may have been that one.
    """

    def __init__(
        self, half_life: int | None, started: datetime, *, sums_max: int = SUMS_MAX
    ) -> None:
        self._half_life = half_life
        self._sums_max = sums_max
        self._sums = 0
        self._lock = threading.Lock()
        self._unheld_since = started
        self._personas: OrderedDict[str, _Kept] = OrderedDict()  # counted longest ago first

    def add(self, tallies: Mapping[str, Tally], now: datetime) -> frozenset[str]:
        moment = now.timestamp()
        at = instant(moment, self._half_life)
        refused: list[str] = []
        with self._lock:
            for persona_id, tally in tallies.items():
                kept = self._personas.get(persona_id)
                if kept is None:
                    kept = self._hold(persona_id, _Kept(self._unheld_since))
                self._personas.move_to_end(persona_id)
                if kept.not_before is not None and now < kept.not_before:
                    refused.append(persona_id)
                else:
                    signals = kept.metrics.signals
                    before = len(signals)
                    kept.metrics.add(tally, moment, at)
                    self._sums += len(signals) - before
            self._drop(now)
        return frozenset(refused)

    def read(self, persona_id: str, now: datetime) -> tuple[Snapshot, datetime]:
        with self._lock:
            kept = self._personas.get(persona_id) or _Kept(self._unheld_since)
            return kept.metrics.snapshot(now.timestamp(), self._half_life), kept.since

    def read_recent(self, limit: int, now: datetime) -> dict[str, tuple[Snapshot, datetime]]:
        with self._lock:
            latest = [name for name, _ in zip(reversed(self._personas), range(limit), strict=False)]
        return {persona_id: self.read(persona_id, now) for persona_id in latest}

    def reset(self, persona_id: str, now: datetime) -> None:
        with self._lock:
            self._hold(persona_id, _Kept(since=now, not_before=now))
            self._drop(now)

    def clear(self, now: datetime) -> None:
        """Start all counters anew, as a restart does."""
        with self._lock:
            self._personas.clear()
            self._sums = 0
            self._unheld_since = now

    def _hold(self, persona_id: str, kept: _Kept) -> _Kept:
        before = self._personas.pop(persona_id, None)
        self._sums += kept.sums - (before.sums if before else 0)
        self._personas[persona_id] = kept
        return kept

    def _drop(self, now: datetime) -> None:
        while self._sums > self._sums_max and len(self._personas) > 1:
            _, dropped = self._personas.popitem(last=False)
            self._sums -= dropped.sums
            self._unheld_since = max(self._unheld_since, now)
