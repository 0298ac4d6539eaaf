"""How much feedback is kept: the newest N of each persona, none beyond the maximum age (§7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
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
        ids: Any = sorted(persona_ids)
        if not session.is_postgresql:
            ids = msgspec.json.encode(ids).decode()
        retained = settings.ARW_PERSONA_VIBE_HISTORY_RETAIN
        parameters = [ids, retained, session.stamp(horizon(now))]
        session.execute(_TRIM[session.vendor], parameters)


_TABLE = VibeSample._meta.db_table
# The index gives a persona's samples from the newest on; what comes after its share goes. SQLite
# cannot skip within a subquery for each persona: there the place of the first one too many is found
# first. Numbering the rows by a window function takes five times as long.
_BEYOND = {
    "sqlite": (
        f"SELECT s.id FROM p CROSS JOIN {_TABLE} s WHERE s.persona_id = p.persona_id"
        f" AND (s.recorded_at, s.id) <= (SELECT t.recorded_at, t.id FROM {_TABLE} t"
        " WHERE t.persona_id = p.persona_id ORDER BY t.recorded_at DESC, t.id DESC"
        " LIMIT 1 OFFSET %s)"
    ),
    "postgresql": (
        f"SELECT s.id FROM p CROSS JOIN LATERAL (SELECT t.id FROM {_TABLE} t"
        " WHERE t.persona_id = p.persona_id ORDER BY t.recorded_at DESC, t.id DESC OFFSET %s) s"
    ),
}
_TRIM = {
    vendor: (
        f"WITH p(persona_id) AS ({personas}) DELETE FROM {_TABLE} WHERE id IN"
        f" ({_BEYOND[vendor]} UNION ALL SELECT s.id FROM p CROSS JOIN {_TABLE} s"
        " WHERE s.persona_id = p.persona_id AND s.recorded_at < %s)"
    )
    for vendor, personas in (
        ("sqlite", "SELECT value FROM json_each(%s)"),
        ("postgresql", "SELECT unnest(%s::text[])"),
    )
}
