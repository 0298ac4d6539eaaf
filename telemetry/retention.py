"""How much feedback is kept: the newest N of each persona, none beyond the maximum age (§7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.dispatch import receiver

from telemetry.models import VibeSample
from telemetry.signals import samples_recorded


def horizon(now: datetime) -> datetime:
    """The instant before which no sample is kept or shown."""
    oldest: datetime = now - settings.ARW_PERSONA_VIBE_MAX_AGE
    return oldest


@receiver(samples_recorded)
def trim(*, persona_ids: set[str], now: datetime, **_: Any) -> None:
    """Delete what the personas have beyond their share, in the transaction of the new samples."""
    for persona_id in persona_ids:
        own = VibeSample.objects.filter(persona_id=persona_id)
        newest = own.newest_first().values("pk")[: settings.ARW_PERSONA_VIBE_HISTORY_RETAIN]
        own.filter(Q(recorded_at__lt=horizon(now)) | ~Q(pk__in=newest)).delete()
