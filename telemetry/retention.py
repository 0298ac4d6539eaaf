"""How much feedback is kept: the newest N of each persona, none beyond the maximum age (§7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction
from django.dispatch import receiver

from telemetry.ingestion.recall import Recall, Trimmed
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
    if not persona_ids:
        return
    names = sorted(persona_ids)
    retained = settings.ARW_PERSONA_VIBE_HISTORY_RETAIN
    oldest = session.stamp(horizon(now))
    if not session.is_postgresql:
        parameters = [msgspec.json.encode(names).decode(), retained, oldest]
        session.execute(_TRIM[session.vendor], parameters)
        return
    known = [_known(session.recall, name, retained, now) for name in names]
    floors = ["-infinity" if one is None else one.floor.isoformat() for one in known]

    def learn(rows: list[Any]) -> None:
        looked = {name: one.looked for name, one in zip(names, known, strict=True) if one}
        told = {name: Trimmed(floor, looked.get(name, now), retained) for name, floor in rows}
        transaction.on_commit(lambda: session.recall.trimmed.update(told))

    session.later(_TRIM[session.vendor], [names, floors, retained, oldest], learn)


def _known(recall: Recall, name: str, retained: int, now: datetime) -> Trimmed | None:
    known = recall.trimmed.get(name)
    if known is None or known.retained != retained:
        return None
    holds = known.floor <= now and known.looked <= now < known.looked + _LOOK_AGAIN
    return known if holds else None


# PostgreSQL leaves deleted rows in the index until it vacuums, and would walk over all of a minute's
# each time. None that is left lies before the newest that was deleted; but a node whose clock is
# behind may add one there, so that all are looked at again soon.
_LOOK_AGAIN = timedelta(seconds=1)
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
        " WHERE t.persona_id = p.persona_id AND t.recorded_at >= p.floor"
        " ORDER BY t.recorded_at DESC, t.id DESC OFFSET %s) s"
    ),
}
_OLD = f"SELECT s.id FROM p CROSS JOIN {_TABLE} s WHERE s.persona_id = p.persona_id"
_GONE = {
    vendor: f"{beyond} UNION ALL {_OLD} AND s.recorded_at < %s"
    for vendor, beyond in _BEYOND.items()
}
_TRIM = {
    "sqlite": (
        "WITH p(persona_id) AS (SELECT value FROM json_each(%s))"
        f" DELETE FROM {_TABLE} WHERE id IN ({_GONE['sqlite']})"
    ),
    "postgresql": (
        "WITH p(persona_id, floor) AS (SELECT * FROM unnest(%s::text[], %s::timestamptz[])),"
        f" gone AS (DELETE FROM {_TABLE} WHERE id = ANY(ARRAY({_GONE['postgresql']}))"
        " RETURNING persona_id, recorded_at)"
        " SELECT persona_id, max(recorded_at) FROM gone GROUP BY persona_id"
    ),
}
