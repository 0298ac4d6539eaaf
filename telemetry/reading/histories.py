"""The newest samples of personas as readers are shown them (contract §7).

Samples are written once and deleted, never changed, and no id is given twice. So which ids are the
newest is read in each group's own transaction, and a sample that was rendered before is not read
again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from personas.models import Persona
from telemetry.api.serializers import SampleOut
from telemetry.ingestion.session import Session
from telemetry.models import VibeSample
from telemetry.reading.kept import Kept
from telemetry.reading.rendering import rendered
from telemetry.retention import horizon
from telemetry.selectors import retain_max

MOST = 16 * 1024 * 1024
_OVERHEAD = 1_024
_SAMPLE_OVERHEAD = 100
_BEGIN = b'{"items":['

Wanted = tuple[str, int]
"""A persona, and the limit on its samples."""


class _Row(NamedTuple):
    """A sample, without what a model costs."""

    pk: int
    persona_id: str
    kind: str | None
    signal: str
    strength: float | None
    note: str | None
    metadata: Any
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class _History:
    """A rendered history: ``ids`` as the database listed them, and where in ``body`` each ends."""

    ids: str | None
    retained: int
    body: bytes
    ends: dict[int, int]

    def text_of(self) -> dict[int, bytes]:
        """Each sample as it was rendered, by its id."""
        texts = {}
        begin = len(_BEGIN)
        for number, end in self.ends.items():
            texts[number] = self.body[begin:end]
            begin = end + 1
        return texts


class Histories:
    """Reads histories in the transaction of a group, from memory where it may."""

    def __init__(self, most: int = MOST) -> None:
        self._kept: Kept[Wanted, _History] = Kept(most)

    def read(self, session: Session, wanted: Iterable[Wanted]) -> dict[Wanted, bytes]:
        """The bodies of these histories; absent for personas that do not exist."""
        by_limit: defaultdict[int, list[str]] = defaultdict(list)
        for persona_id, limit in wanted:
            by_limit[limit].append(persona_id)
        bodies: dict[Wanted, bytes] = {}
        for limit, persona_ids in by_limit.items():
            for persona_id, ids in newest(session, persona_ids, limit):
                bodies[persona_id, limit] = self._body((persona_id, limit), ids)
        return bodies

    def _body(self, name: Wanted, ids: str | None) -> bytes:
        known, retained = self._kept.get(name), retain_max()
        if known is not None and known.ids == ids and known.retained == retained:
            return known.body
        texts = _texts(ids, {} if known is None else known.text_of())
        body = b"%s%s],\"retain_max\":%d,\"limit\":%d}" % (
            _BEGIN, b",".join(texts.values()), retained, name[1],
        )  # fmt: skip
        ends, at = {}, len(_BEGIN) - 1
        for number, text in texts.items():
            at += 1 + len(text)
            ends[number] = at
        weight = _OVERHEAD + len(body) + _SAMPLE_OVERHEAD * len(ends)
        self._kept.put(name, _History(ids, retained, body, ends), weight)
        return body


def _texts(ids: str | None, known: dict[int, bytes]) -> dict[int, bytes]:
    """The samples with these ids, each rendered, the newest first."""
    if not ids:
        return {}
    numbers = [int(one) for one in ids.split(",")]
    samples = VibeSample.objects.newest_first()
    missing = [number for number in numbers if number not in known]
    if missing:
        shown: Any = SampleOut()
        fresh = samples.filter(pk__in=missing).values_list(*_Row._fields)
        for row in map(_Row._make, fresh):
            known[row.pk] = rendered(shown.to_representation(row))
    # Which stand in the list is known, but in any order, and ids do not say which came first.
    in_order = samples.filter(pk__in=numbers).values_list("pk", flat=True)
    return {number: known[number] for number in in_order}


def newest(session: Session, persona_ids: list[str], limit: int) -> list[tuple[str, str | None]]:
    """The ids of each persona's newest samples, in any order, with commas; None without samples."""
    names = persona_ids if session.is_postgresql else msgspec.json.encode(persona_ids).decode()
    oldest = session.stamp(horizon(session.now))
    return session.rows(_NEWEST[session.vendor], [oldest, min(limit, retain_max()), names])


_AMONG = {"sqlite": "IN (SELECT value FROM json_each(%s))", "postgresql": "= ANY(%s)"}
_JOINED = {
    "sqlite": "group_concat(s.id)",
    "postgresql": "string_agg(CAST(s.id AS text), ',')",
}
_NEWEST = {
    vendor: (
        f"SELECT p.id, (SELECT {_JOINED[vendor]} FROM (SELECT id FROM"
        f" {VibeSample._meta.db_table} WHERE persona_id = p.id AND recorded_at >= %s"
        " ORDER BY recorded_at DESC, id DESC LIMIT %s) AS s)"
        f" FROM {Persona._meta.db_table} p WHERE p.id {_AMONG[vendor]}"
    )
    for vendor in _AMONG
}
