"""Where the metrics live: in this process, or in the Redis that nodes share (contract §7)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from telemetry.metrics.interface import Metrics
from telemetry.metrics.memory import MemoryMetrics
from telemetry.metrics.redis_store import RedisMetrics
from telemetry.redis_link import link_to


def open_metrics(redis_url: str, half_life: int | None, now: datetime) -> Metrics:
    """The metrics in Redis where ``redis_url`` names one, else in this process from ``now`` on."""
    if redis_url:
        return RedisMetrics(link_to(redis_url), half_life)
    return MemoryMetrics(half_life, now)


store = open_metrics(
    settings.ARW_REDIS_URL, settings.ARW_PERSONA_SIGNAL_HALFLIFE_SECS, timezone.now()
)
