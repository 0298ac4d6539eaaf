"""Taking feedback: judged, made safe, stored and remembered in one transaction (contract §7)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from leases.errors import InvalidInput
from leases.instants import to_milliseconds
from leases.models import User
from leases.services.decision_log import refusals_kept
from leases.signals import send_after_commit
from personas.documents.canonical import Json
from personas.models import Persona
from telemetry.models import VibeSample
from telemetry.samples import Sample, read_samples
from telemetry.sanitizing import sanitize_sample
from telemetry.services.admission import feedback_admit, feedback_spend, require_telemetry
from telemetry.services.idempotency import Memory, check_key
from telemetry.services.locking import persona_locked
from telemetry.signals import feedback_recorded, samples_recorded


@refusals_kept
def feedback_record(
    *,
    actor: User,
    persona_id: str,
    body: Json,
    now: datetime,
    kind: str | None = None,
    idempotency_key: str | None = None,
) -> int:
    """Store the samples of ``body``, all or none; returns how many were accepted.

    ``body`` is an object or an array of 1 to 1,000, ``kind`` the fallback for samples that name
    none. A repeat, by key or by sample id, is accepted again without counting or costing again.
    When this returns, the samples are committed. Raises ``PersonaNotFound``,
    ``PersonaTelemetryForbidden``, ``TelemetryDisabled``, ``InvalidFeedback``,
    ``EmptyFeedbackBatch``, ``IdempotencyConflict``; then nothing has changed.
    """
    try:
        check_key(idempotency_key)
        samples = read_samples(body, kind)
    except InvalidInput:
        # Who may not send anything is told so, and nothing about the body (contract §2).
        feedback_admit(actor=actor, persona_id=persona_id, now=now, repeat_of=idempotency_key)
        raise
    clean = [sanitize_sample(one) for one in samples]
    with transaction.atomic():
        persona = persona_locked(persona_id)
        require_telemetry(actor=actor, persona=persona, now=now, exhausted_too=True)
        memory = Memory(actor, persona_id, now)
        answered = memory.answered(idempotency_key, samples)
        if answered is not None:
            return answered
        fresh = memory.unseen(samples, in_batch=isinstance(body, list))
        memory.remember(idempotency_key, samples, fresh)
        if fresh:
            feedback_spend(actor=actor, persona=persona, now=now)
            _store(persona, tuple(clean[index] for index in fresh), actor, now)
    return len(samples)


def _store(persona: Persona, samples: tuple[Sample, ...], actor: User, now: datetime) -> None:
    # What retention would delete in this very transaction need not be written.
    kept = samples[-settings.ARW_PERSONA_VIBE_HISTORY_RETAIN :]
    recorded_at = to_milliseconds(now)
    VibeSample.objects.bulk_create(
        VibeSample(
            persona=persona,
            kind=one.kind,
            signal=one.signal,
            strength=one.strength,
            note=one.note,
            metadata=one.metadata,
            principal=actor,
            recorded_at=recorded_at,
        )
        for one in kept
    )
    samples_recorded.send(VibeSample, persona_ids={persona.id}, now=recorded_at)
    send_after_commit(
        feedback_recorded,
        VibeSample,
        persona_id=persona.id,
        samples=samples,
        actor=actor,
        now=now,
    )
