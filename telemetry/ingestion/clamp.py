"""The rate clamp as ingestion asks for it: once for each group, before its transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import DatabaseError, InterfaceError

from leases.models import ApiToken, User
from telemetry.ingestion.judging import Claim
from telemetry.ingestion.submission import Submission
from telemetry.rates.clamp import rates

_REMEMBERED = 10_000
# Whose a token is never changes. Whether it still holds is judged in the transaction.
_holders: dict[Claim, str] = {}


def clamp(submissions: Sequence[Submission], now: datetime) -> list[float | None]:
    """For each submission None, or the seconds that it would have to wait.

    A request whose principal is not known costs nothing here: it will be refused.
    """
    holders = [_holder(one.claim) for one in submissions]
    wanted = [
        (str(holder), one.persona_id)
        for holder, one in zip(holders, submissions, strict=True)
        if holder is not None
    ]
    waits = iter(rates.take(wanted, now))
    return [None if holder is None else next(waits) for holder in holders]


def wait_of(principal_id: uuid.UUID, persona_id: str, now: datetime) -> float | None:
    """The same for one request that is judged by itself."""
    return rates.take([(str(principal_id), persona_id)], now)[0]


def _holder(claim: Claim) -> str | None:
    if claim.kind == "principal":
        return claim.value
    known = _holders.get(claim)
    if known is None:
        try:
            found = _look_up(claim)
        except (DatabaseError, InterfaceError):
            return None  # the transaction that follows will say so
        if found is None:
            return None
        if len(_holders) >= _REMEMBERED:
            _holders.clear()
        known = _holders[claim] = str(found)
    return known


def _look_up(claim: Claim) -> uuid.UUID | None:
    if claim.kind == "service":
        return User.objects.filter(username=claim.value).values_list("pk", flat=True).first()
    return ApiToken.objects.filter(pk=claim.value).values_list("user_id", flat=True).first()
