"""How much feedback is kept: the newest N of each persona, none beyond the maximum age (§7)."""

from __future__ import annotations

import functools
from datetime import datetime
from typing import Any

from django.conf import settings
from django.dispatch import receiver

from telemetry.ingestion.session import Session
from telemetry.models import VibeSample
from telemetry.signals import samples_recorded


def horizon(now: datetime) -> datetime:
    """The instant before which no sample is kept or shown."""
    oldest: datetime = now - settings.ARW_PERSONA_VIBE_MAX_AGE
    return oldest


@receiver(samples_recorded)
def trim(*, persona_ids: set[str], now: datetime, session: Session, **_: Any) -> None:
    """Delete what the personas have beyond their share, in the transaction of the new samples.

    One statement for all of them, whatever their number; the index ``sample_newest`` serves it.
    """
    if persona_ids:
        retained = settings.ARW_PERSONA_VIBE_HISTORY_RETAIN
        parameters = [*sorted(persona_ids), retained, session.stamp(horizon(now))]
        session.execute(_statement(len(persona_ids)), parameters)


@functools.lru_cache(maxsize=256)
def _statement(personas: int) -> str:
    table = VibeSample._meta.db_table
    marks = ", ".join(["%s"] * personas)
    return (
        f"DELETE FROM {table} WHERE id IN (SELECT id FROM (SELECT id, recorded_at, row_number()"
        " OVER (PARTITION BY persona_id ORDER BY recorded_at DESC, id DESC) AS place"
        f" FROM {table} WHERE persona_id IN ({marks})) AS ranked"
        " WHERE place > %s OR recorded_at < %s)"
    )
