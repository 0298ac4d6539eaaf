"""The aggregates of personas as readers of their metrics are shown them (contract §7).

Samples are written once and deleted, never changed. So their ids, read in each group's own
transaction, prove whether what was taken from them before still holds: after new feedback, after
an erasure, and as samples grow too old. While nobody has committed anything at all, which SQLite
tells at once, they are not even asked for. Consent and leases are judged by the group before.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from telemetry.aggregates.hearing import Heard, hear
from telemetry.aggregates.showing import members
from telemetry.ingestion.session import Session
from telemetry.models import VibeSample
from telemetry.reading.histories import newest
from telemetry.reading.kept import Kept
from telemetry.reading.rendering import rendered
from telemetry.retention import horizon
from telemetry.selectors import retain_max

MOST = 12 * 1024 * 1024
_OVERHEAD = 512
_HEARD = 768


class _Row(NamedTuple):
    """What is heard of a sample, without what a model costs."""

    id: int
    principal_id: Any
    recorded_at: datetime
    signal: str
    strength: float | None
    metadata: Any


@dataclass(frozen=True, slots=True)
class _Sum:
    """``members`` rendered, of the samples ``ids`` as the database listed them in ``epoch``.

    ``oldest`` is when the first of them came, ``retained`` how many were asked for.
    """

    ids: str | None
    members: bytes
    oldest: datetime | None
    retained: int
    epoch: int


class Sums:
    """Reads aggregates in the transaction of a group, from memory where it may."""

    def __init__(self, most: int = MOST) -> None:
        self._kept: Kept[str, _Sum] = Kept(most * 2 // 3)
        # Only what changes often gains from it, and it weighs ten times as much.
        self._heard: Kept[str, dict[int, Heard]] = Kept(most // 3)
        self._mark: tuple[object, int] | None = None
        self._epoch = 0

    def read(self, session: Session, persona_ids: Collection[str]) -> dict[str, bytes]:
        """The members of each persona that exists, rendered, without the first brace."""
        if not persona_ids:
            return {}
        self._look(session)
        shown, unproved = {}, []
        for persona_id in persona_ids:
            known = self._kept.get(persona_id)
            if known is not None and self._stands(known, session.now):
                shown[persona_id] = known.members
            else:
                unproved.append(persona_id)
        if unproved:
            for persona_id, ids in newest(session, unproved, retain_max()):
                shown[persona_id] = self._members(persona_id, ids)
        return shown

    def _look(self, session: Session) -> None:
        """Begin another epoch unless the database is as it was at the last look."""
        mark = session.mark()
        if mark is None or mark != self._mark:
            self._mark = mark
            self._epoch += 1

    def _stands(self, known: _Sum, now: datetime) -> bool:
        """Whether nothing was written since, and nothing has grown too old."""
        return (
            known.epoch == self._epoch
            and known.retained == retain_max()
            and (known.oldest is None or known.oldest >= horizon(now))
        )

    def _members(self, persona_id: str, ids: str | None) -> bytes:
        known = self._kept.get(persona_id)
        if known is not None and known.ids == ids:
            renewed = replace(known, retained=retain_max(), epoch=self._epoch)
            self._keep(persona_id, renewed)
            return known.members
        heard = _heard(ids, self._heard.get(persona_id) or {})
        self._heard.put(persona_id, heard, _OVERHEAD + _HEARD * len(heard))
        oldest = min((one.order[0] for one in heard.values()), default=None)
        shown = rendered(members(heard.values()))[1:]
        self._keep(persona_id, _Sum(ids, shown, oldest, retain_max(), self._epoch))
        return shown

    def _keep(self, persona_id: str, known: _Sum) -> None:
        weight = _OVERHEAD + len(known.members) + len(known.ids or "")
        self._kept.put(persona_id, known, weight)


def _heard(ids: str | None, known: dict[int, Heard]) -> dict[int, Heard]:
    """What the samples with these ids say; only those that are not known are read."""
    numbers = [int(one) for one in ids.split(",")] if ids else []
    heard = {number: known[number] for number in numbers if number in known}
    missing = [number for number in numbers if number not in known]
    if missing:
        rows = VibeSample.objects.filter(pk__in=missing).values_list(*_Row._fields)
        for row in map(_Row._make, rows):
            heard[row.id] = hear(row)
    return heard
