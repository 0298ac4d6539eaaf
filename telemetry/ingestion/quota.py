"""Samples against the day's limit of their persona, in the group's transaction.

Only where there is a limit: without one nothing of this is asked, read or written.
"""

from __future__ import annotations

from collections import Counter

from django.conf import settings

from personas.errors import QuotaExceeded
from personas.models import DailyUse
from personas.services.quotas import TAKE, day_of, quota_exceeded
from telemetry.ingestion.session import Session

_KIND = DailyUse.Kind.SAMPLES
_USED = (
    f"SELECT used FROM {DailyUse._meta.db_table} WHERE persona_id = %s AND day = %s AND kind = %s"
)


class SampleQuota:
    """What is left of the day for each persona of a group, counted down exactly."""

    def __init__(self, session: Session, limit: int) -> None:
        self._session = session
        self._limit = limit
        self._day = day_of(session.now).isoformat()
        self._left: dict[str, int] = {}
        self._taken: Counter[str] = Counter()

    def take(self, persona_id: str, amount: int) -> QuotaExceeded | None:
        """Take ``amount``, or say why not; all of a request or nothing."""
        left = self._left.get(persona_id)
        if left is None:
            rows = self._session.rows(_USED, [persona_id, self._day, _KIND.value])
            left = self._left[persona_id] = self._limit - (rows[0][0] if rows else 0)
        if amount > left:
            return quota_exceeded(_KIND, self._limit, self._session.now)
        self._left[persona_id] = left - amount
        self._taken[persona_id] += amount
        return None

    def settle(self) -> bool:
        """Write what was taken; False where somebody else took it since it was looked at.

        In the order of the ids, so that two groups never wait for each other.
        """
        session = self._session
        for persona_id, amount in sorted(self._taken.items()):
            row = [persona_id, self._day, _KIND.value, amount, self._limit]
            session.execute(TAKE, row)
            if session.rowcount != 1:
                return False
        return True


def sample_quota(session: Session) -> SampleQuota | None:
    """None where samples are not limited."""
    limit: int = settings.ARW_PERSONA_SAMPLES_PER_DAY
    return SampleQuota(session, limit) if limit else None
