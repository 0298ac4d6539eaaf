"""Counts feedback once it is committed, and forgets it when it is erased (contract §7, §12)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from telemetry.metrics import counters
from telemetry.metrics.store import store
from telemetry.samples import Sample
from telemetry.signals import feedback_recorded, samples_erased


@receiver(feedback_recorded)
def count(*, persona_id: str, samples: tuple[Sample, ...], now: datetime, **_: Any) -> None:
    """Add the samples to the metrics and to the Prometheus counters."""
    names = store.record(persona_id, samples, now)
    if names:
        counters.count(persona_id, names)


@receiver(samples_erased)
def forget(*, persona_id: str, **_: Any) -> None:
    """Start anew: sums cannot be taken apart again.

    From this moment on and not from the request's: feedback that was erased with it may be newer
    than the request, and its news may still be under way.
    """
    counters.forget(persona_id, store.signals(persona_id))
    store.reset(persona_id, timezone.now())
