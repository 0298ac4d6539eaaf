"""Taking feedback: judged, made safe, stored and remembered in one transaction (contract §7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import connection

from leases.api.errors import MalformedJSON
from leases.api.parsers import parse_body
from leases.errors import InvalidInput
from leases.models import ApiToken, User
from leases.services.decision_log import refusals_kept
from personas.documents.canonical import Json
from personas.models import DailyUse
from personas.services.quotas import quota_open
from telemetry.errors import RateLimited
from telemetry.ingestion.claims import principal_claim
from telemetry.ingestion.clamp import wait_of
from telemetry.ingestion.commit import commit_group
from telemetry.ingestion.ingestor import running_ingestor
from telemetry.ingestion.submission import submission
from telemetry.samples import Sample, read_samples
from telemetry.services.admission import feedback_admit
from telemetry.services.idempotency import check_key
from telemetry.wire import quick_samples


@refusals_kept
def feedback_record(
    *,
    actor: User,
    persona_id: str,
    body: Json,
    now: datetime,
    kind: str | None = None,
    idempotency_key: str | None = None,
    token: ApiToken | None = None,
) -> int:
    """Store the samples of ``body``, all or none; returns how many were accepted.

    ``body`` is an object or an array of 1 to 1,000, ``kind`` the fallback for samples that name
    none; ``token`` is the one that ``actor`` presented, and is judged again. A repeat, by key or
    by sample id, is accepted again without counting or costing again. When this returns, the
    samples are committed. Raises ``PersonaNotFound``, ``PersonaTelemetryForbidden``,
    ``TelemetryDisabled``, ``RateLimited``, ``QuotaExceeded``, ``InvalidFeedback``,
    ``EmptyFeedbackBatch``, ``IdempotencyConflict``, ``Overloaded``, ``StoreUnavailable``; then
    nothing has changed.
    """
    return _record(
        lambda: read_samples(body, kind),
        actor=actor,
        persona_id=persona_id,
        in_batch=isinstance(body, list),
        now=now,
        key=idempotency_key,
        token=token,
    )


@refusals_kept
def feedback_receive(
    *,
    actor: User,
    persona_id: str,
    raw: bytes,
    now: datetime,
    kind: str | None = None,
    idempotency_key: str | None = None,
    token: ApiToken | None = None,
) -> int:
    """The same for a body as it was sent. Raises ``MalformedJSON`` too."""
    return _record(
        lambda: read_body(raw, kind),
        actor=actor,
        persona_id=persona_id,
        in_batch=raw.lstrip()[:1] == b"[",
        now=now,
        key=idempotency_key,
        token=token,
    )


def read_body(raw: bytes, kind: str | None) -> tuple[Sample, ...]:
    """The samples of a body as it was sent: the quick way, or the strict one with its faults."""
    quick = quick_samples(raw, kind)
    if quick is not None:
        return quick
    if not raw.strip():
        raise MalformedJSON("the body is empty; send an object or an array of objects")
    return read_samples(parse_body(raw), kind)


def _record(
    read: Callable[[], tuple[Sample, ...]],
    *,
    actor: User,
    persona_id: str,
    in_batch: bool,
    now: datetime,
    key: str | None,
    token: ApiToken | None,
) -> int:
    claim = principal_claim(actor, token)
    try:
        samples = read()
        check_key(key)
    except InvalidInput:
        # Who may not send anything is told so, and nothing about the body (contract §2).
        feedback_admit(actor=actor, persona_id=persona_id, now=now, repeat_of=key)
        wait = wait_of(actor.pk, persona_id, now)
        if wait is not None:
            raise RateLimited(wait) from None
        quota_open(persona_id=persona_id, kind=DailyUse.Kind.SAMPLES, now=now)
        raise
    one = submission(claim, persona_id, samples, key=key, in_batch=in_batch)
    ingestor = running_ingestor()
    if ingestor is None or connection.in_atomic_block:
        outcome = commit_group([one], now)[0]
    else:
        if connection.vendor == "postgresql":
            # Back to the pool: the writer needs one too, and whoever waits for it holds none.
            connection.close()
        outcome = ingestor.submit(one).result()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
