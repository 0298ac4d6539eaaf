"""Samples into their table, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.conf import settings

from telemetry.ingestion.session import Session
from telemetry.ingestion.submission import Recorded
from telemetry.models import VibeSample

_TABLE = VibeSample._meta.db_table
_NAMES = "persona_id principal_id kind signal strength note metadata recorded_at".split()
_COLUMNS = ", ".join(_NAMES)
_INSERT = {
    "sqlite": f"INSERT INTO {_TABLE} ({_COLUMNS}) VALUES {{rows}}",
    "postgresql": (
        f"INSERT INTO {_TABLE} ({_COLUMNS}) SELECT {_COLUMNS} FROM json_to_recordset(%s) AS"
        " r(persona_id text, principal_id uuid, kind text, signal text, strength float8, note text,"
        " metadata jsonb, recorded_at timestamptz)"
    ),
}
_encode = msgspec.json.Encoder().encode


def write_samples(session: Session, recorded: Sequence[Recorded], recorded_at: datetime) -> None:
    """Insert the samples in their order, each persona's newest only.

    What retention would delete in this very transaction is not written.
    """
    rows = _rows(session, recorded, session.stamp(recorded_at))
    session.insert(_INSERT[session.vendor], _NAMES, rows)


def _rows(session: Session, recorded: Sequence[Recorded], moment: Any) -> list[tuple[Any, ...]]:
    retained = settings.ARW_PERSONA_VIBE_HISTORY_RETAIN
    document = session.document
    room: dict[str, int] = {}
    rows: list[tuple[Any, ...]] = []
    for one in reversed(recorded):
        left = room.get(one.persona_id, retained)
        if left <= 0:
            continue
        kept = one.samples[-left:]
        room[one.persona_id] = left - len(kept)
        principal = session.identity(one.principal_id)
        for sample in reversed(kept):
            metadata = sample.metadata
            rows.append(
                (
                    one.persona_id,
                    principal,
                    sample.kind,
                    sample.signal,
                    sample.strength,
                    sample.note,
                    metadata if metadata is None else document(_encode(metadata)),
                    moment,
                )
            )
    rows.reverse()
    return rows
