"""How much a persona takes in a day: feedback samples, memory items, proposals.

The day is that of UTC. A limit of 0 is none: then nothing is counted, read or written. What is
taken is taken in the transaction of what it is taken for, so that a refusal costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection

from personas.errors import QuotaExceeded
from personas.models import DailyUse, Persona

NEAR: Final = 0.8
"""The share of a limit from which the persona's page says how much is used."""
RETENTION: Final = timedelta(days=90)
SETTINGS: Final[dict[DailyUse.Kind, str]] = {
    DailyUse.Kind.SAMPLES: "ARW_PERSONA_SAMPLES_PER_DAY",
    DailyUse.Kind.MEMORY: "ARW_PERSONA_MEMORY_PER_DAY",
    DailyUse.Kind.PROPOSALS: "ARW_PERSONA_PROPOSALS_PER_DAY",
}

_TABLE = DailyUse._meta.db_table
TAKE: Final = (
    f"INSERT INTO {_TABLE} (persona_id, day, kind, used) VALUES (%s, %s, %s, %s)"
    f" ON CONFLICT (persona_id, day, kind) DO UPDATE SET used = {_TABLE}.used + excluded.used"
    f" WHERE {_TABLE}.used + excluded.used <= %s"
)
"""Takes an amount that is no larger than the limit; touches no row where it does not fit."""


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a day's limit is used."""

    kind: DailyUse.Kind
    used: int
    limit: int

    @property
    def share(self) -> float:
        """Of the limit, 1 at most."""
        return min(self.used / self.limit, 1.0)


def limit_of(kind: DailyUse.Kind) -> int:
    """How much of it a persona takes in a day; 0 for any amount."""
    return int(getattr(settings, SETTINGS[kind]))


def quota_take(*, persona_id: str, kind: DailyUse.Kind, amount: int, now: datetime) -> None:
    """Take ``amount`` from what is left of the day, or raise ``QuotaExceeded`` and take nothing.

    Call it in the transaction of what it is for. Of any number at once exactly as many pass as
    the limit holds.
    """
    limit = limit_of(kind)
    if not limit or amount < 1:
        return
    if amount > limit:
        raise quota_exceeded(kind, limit, now)
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [persona_id, day_of(now).isoformat(), kind.value, amount, limit])
        if cursor.rowcount != 1:
            raise quota_exceeded(kind, limit, now)


def quota_take_of_owner(
    *, owner_kind: str, owner_ref: str, kind: DailyUse.Kind, amount: int, now: datetime
) -> None:
    """The same from every persona of an owner: for what may come to matter to each of them.

    They are taken in the order of their ids, so that two requests never wait for each other.
    """
    if not limit_of(kind):
        return
    of_owner = Persona.objects.filter(owner_kind=owner_kind, owner_ref=owner_ref)
    for persona_id in of_owner.order_by("id").values_list("id", flat=True):
        quota_take(persona_id=persona_id, kind=kind, amount=amount, now=now)


def quota_open(*, persona_id: str, kind: DailyUse.Kind, now: datetime) -> None:
    """Raise ``QuotaExceeded`` where nothing is left of the day: to be asked before a body is read.

    What it lets pass may still be refused by ``quota_take``.
    """
    limit = limit_of(kind)
    if limit and _used(persona_id, now).get(kind, 0) >= limit:
        raise quota_exceeded(kind, limit, now)


def quotas_near(*, persona_id: str, now: datetime) -> list[Use]:
    """The limits of which more than ``NEAR`` is used today; without limits nothing is read."""
    limits = {kind: limit for kind in DailyUse.Kind if (limit := limit_of(kind))}
    if not limits:
        return []
    used = _used(persona_id, now)
    uses = (Use(kind, used.get(kind, 0), limit) for kind, limit in limits.items())
    return [use for use in uses if use.share > NEAR]


def quota_exceeded(kind: DailyUse.Kind, limit: int, now: datetime) -> QuotaExceeded:
    """The refusal, which ends with the day."""
    tomorrow = datetime.combine(day_of(now) + timedelta(days=1), datetime.min.time(), UTC)
    wait = (tomorrow - now).total_seconds()
    return QuotaExceeded(quota=kind.value, limit=limit, setting=SETTINGS[kind], wait=wait)


def quotas_prune(*, now: datetime) -> int:
    """Delete the counts of days long past; returns how many rows that were."""
    deleted, _each = DailyUse.objects.filter(day__lt=day_of(now - RETENTION)).delete()
    return deleted


def day_of(now: datetime) -> date:
    """The UTC day of an instant."""
    return now.astimezone(UTC).date()


def _used(persona_id: str, now: datetime) -> dict[str, int]:
    today = DailyUse.objects.filter(persona_id=persona_id, day=day_of(now))
    return dict(today.values_list("kind", "used"))
