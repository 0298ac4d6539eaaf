"""What keeps the counters of all personas, wherever it keeps them (contract §7). Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import datetime

from telemetry.metrics.summary import Snapshot
from telemetry.metrics.tally import Entry, Tally, tallies


class Metrics(ABC):
    """Counters that begin at zero with their keeper, and say since when; usable from any thread.

    They are never rebuilt from the samples that were kept. Do not call it inside a database
    transaction: it may ask Redis.
    """

    def record(self, entries: Iterable[Entry], now: datetime) -> frozenset[str]:
        """Count the samples of requests that were committed at ``now``; returns as ``add``."""
        return self.add(tallies(entries), now)

    @abstractmethod
    def add(self, tallies: Mapping[str, Tally], now: datetime) -> frozenset[str]:
        """Count what was received at ``now``; returns the personas that it counts for no more.

        Samples from before a persona's counters were reset were erased.
        """

    @abstractmethod
    def read(self, persona_id: str, now: datetime) -> tuple[Snapshot, datetime]:
        """The persona's metrics as of ``now``, and since when they count."""

    def read_many(
        self, persona_ids: Iterable[str], now: datetime
    ) -> dict[str, tuple[Snapshot, datetime]]:
        """The same for several personas."""
        return {persona_id: self.read(persona_id, now) for persona_id in persona_ids}

    @abstractmethod
    def read_recent(self, limit: int, now: datetime) -> dict[str, tuple[Snapshot, datetime]]:
        """The metrics of the ``limit`` personas that were counted last, the latest first."""

    @abstractmethod
    def reset(self, persona_id: str, now: datetime) -> None:
        """Start the persona's counters anew, on every node: what came before ``now`` is erased."""

    @abstractmethod
    def clear(self, now: datetime) -> None:
        """Start all counters anew."""
