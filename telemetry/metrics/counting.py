"""Counts feedback once it is committed, and forgets it when it is erased (contract §7, §12)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from telemetry.ingestion.submission import Recorded
from telemetry.metrics.counters import counters
from telemetry.metrics.store import store
from telemetry.metrics.tally import Entry, tallies
from telemetry.signals import feedback_recorded, samples_erased


def count_entries(entries: Iterable[Entry], now: datetime) -> None:
    """Add the samples of requests committed at ``now`` to the metrics and Prometheus' counters."""
    brought = tallies(entries)
    counters.count(brought, without=store.add(brought, now))


@receiver(feedback_recorded)
def count(*, recorded: tuple[Recorded, ...], now: datetime, **_: Any) -> None:
    """The same for the requests of a committed group."""
    count_entries([Entry(one.persona_id, one.samples) for one in recorded], now)


@receiver(samples_erased)
def forget(*, persona_id: str, **_: Any) -> None:
    """Start anew: sums cannot be taken apart again.

    From this moment on and not from the request's: feedback that was erased with it may be newer
    than the request, and its news may still be under way.
    """
    counters.forget(persona_id)
    store.reset(persona_id, timezone.now())
