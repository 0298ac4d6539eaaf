"""The rate clamp as ingestion asks for it: once for each group, before its transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from itertools import compress

from django.db import DatabaseError, InterfaceError
from rest_framework.exceptions import AuthenticationFailed

from leases.models import ApiToken, User
from personas.errors import PersonaNotFound
from telemetry.errors import PersonaTelemetryForbidden, TelemetryDisabled
from telemetry.ingestion.claims import Claim
from telemetry.ingestion.submission import Outcome, Submission
from telemetry.rates.clamp import rates

_REMEMBERED = 10_000
# Whose a token is never changes. Whether it still holds is judged in the transaction.
_holders: dict[Claim, str] = {}

# What stands before the rate in contract §2's order: who is told so was never to pay.
_NOT_ALLOWED = (
    AuthenticationFailed, PersonaNotFound, PersonaTelemetryForbidden, TelemetryDisabled,
)  # fmt: skip


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


def give_back(
    submissions: Sequence[Submission],
    waits: Sequence[float | None],
    outcomes: Sequence[Outcome],
    now: datetime,
) -> None:
    """Give back what ``clamp`` took for requests that turned out to be not allowed."""
    refused = [isinstance(one, _NOT_ALLOWED) for one in outcomes]
    if any(refused):
        take_back(list(compress(submissions, refused)), list(compress(waits, refused)), now)


def take_back(
    submissions: Sequence[Submission], waits: Sequence[float | None], now: datetime
) -> None:
    """Give back what ``clamp`` took for all of them, as if they had never come."""
    taken = [
        (holder, one.persona_id)
        for one, wait in zip(submissions, waits, strict=True)
        if wait is None and (holder := known_holder(one.claim)) is not None
    ]
    if taken:
        rates.give_back(taken, now)


def wait_of(principal_id: uuid.UUID, persona_id: str, now: datetime) -> float | None:
    """The same for one request that is judged by itself."""
    return rates.take([(str(principal_id), persona_id)], now)[0]


def known_holder(claim: Claim) -> str | None:
    """The id of whose the claim is, if it is known; says nothing about whether it holds."""
    return claim.value if claim.kind == "principal" else _holders.get(claim)


def _holder(claim: Claim) -> str | None:
    known = known_holder(claim)
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
