"""The rate clamp on feedback (contract §7): a batch is one request, whatever it holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from telemetry.rates.buckets import Limits, MemoryBuckets, Wanted
from telemetry.rates.redis_buckets import RedisBuckets
from telemetry.redis_link import link_to


class Rates:
    """Tokens for requests, of this process or of all nodes; safe to use from any thread."""

    def __init__(self, buckets: MemoryBuckets | RedisBuckets) -> None:
        self.buckets = buckets

    def take(self, wanted: Sequence[Wanted], now: datetime) -> list[float | None]:
        """Ask for many requests at once, each ``(principal id, persona id)`` as text.

        For each, in this order: None where it may pass, or the seconds until it may. Do not call
        it inside a database transaction: it may ask Redis.
        """
        return self.buckets.take(wanted, _limits(), now.timestamp())

    def give_back(self, wanted: Sequence[Wanted], now: datetime) -> None:
        """Undo what ``take`` let pass, for requests that may not be made at all."""
        self.buckets.give_back(wanted, _limits(), now.timestamp())


def _limits() -> Limits:
    return Limits(settings.ARW_PERSONA_FEEDBACK_RATE, settings.ARW_PERSONA_FEEDBACK_RATE_PERSONA)


def open_rates(redis_url: str) -> Rates:
    """The rates in Redis where ``redis_url`` names one, else in this process."""
    return Rates(RedisBuckets(link_to(redis_url)) if redis_url else MemoryBuckets())


rates = open_rates(settings.ARW_REDIS_URL)
