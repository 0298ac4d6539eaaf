"""Reading feedback and metrics (contract §7). Rights are judged by the caller's admit."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.dispatch import receiver

from leases.instants import rfc3339
from leases.models import User
from personas.documents.canonical import Json
from personas.documents.context_bias import compute_context_bias
from personas.models import Persona
from personas.signals import persona_detail_asked
from telemetry.aggregates.hearing import Heard, hear
from telemetry.aggregates.measures import aggregated
from telemetry.aggregates.reconciling import reconciled
from telemetry.aggregates.showing import members, members_of
from telemetry.metrics.store import store
from telemetry.metrics.summary import Snapshot
from telemetry.models import VibeSample
from telemetry.retention import horizon
from telemetry.services.admission import may_read_telemetry

_MEMBERS = tuple(field.name for field in fields(Snapshot))


def retain_max() -> int:
    """How many samples of a persona are kept."""
    retained: int = settings.ARW_PERSONA_VIBE_HISTORY_RETAIN
    return retained


def vibe_history(persona_id: str, *, limit: int, now: datetime) -> list[VibeSample]:
    """The newest samples, none beyond the maximum age."""
    own = VibeSample.objects.filter(persona_id=persona_id).not_older_than(horizon(now))
    return list(own.newest_first()[: min(limit, retain_max())])


def vibe_metrics(persona_id: str, *, now: datetime) -> dict[str, Any]:
    """The persona's metrics as the API shows them, decayed to ``now``, and its aggregates."""
    shown = metrics_shown(persona_id, *store.read(persona_id, now))
    return {**shown, **members(vibe_heard(persona_id, now=now))}


def vibe_heard(persona_id: str, *, now: datetime) -> list[Heard]:
    """What the samples say that are kept and not too old, the newest first."""
    return [hear(one) for one in vibe_history(persona_id, limit=retain_max(), now=now)]


def vibe_aggregates(persona_id: str, *, now: datetime) -> dict[str, Any]:
    """The RFC's aggregates and the reconciled axes as the API shows them (spec 001)."""
    heard = vibe_heard(persona_id, now=now)
    found = aggregated(heard)
    return {
        "persona_id": persona_id,
        **members_of(found, reconciled(heard)),
        "samples": found.samples,
        "oldest": None if found.oldest is None else rfc3339(found.oldest),
        "retain_max": retain_max(),
    }


def metrics_shown(persona_id: str, snapshot: Snapshot, since: datetime) -> dict[str, Any]:
    """Metrics that were read, as the API shows them."""
    return {"persona_id": persona_id, **_shown(snapshot, since)}


def previews(*, persona: Persona, viewer: User, now: datetime) -> dict[str, Any]:
    """``context_bias_preview`` and ``vibe_metrics_preview``, or nothing.

    Nothing unless consent is on and the viewer's role and leases allow reading the telemetry.
    """
    if not may_read_telemetry(actor=viewer, persona=persona, now=now):
        return {}
    return previews_shown(persona.document, *store.read(persona.id, now))


def previews_shown(document: Json, snapshot: Snapshot, since: datetime) -> dict[str, Any]:
    """The previews of a record with these metrics; of ``document`` it takes the preferences."""
    return {
        "context_bias_preview": compute_context_bias(document, snapshot.vibe).as_dict(),
        "vibe_metrics_preview": _shown(snapshot, since),
    }


@receiver(persona_detail_asked)
def detail_members(*, persona: Persona, viewer: User, now: datetime, **_: Any) -> dict[str, Any]:
    """The previews as further members of a persona's detail."""
    return previews(persona=persona, viewer=viewer, now=now)


def _shown(snapshot: Snapshot, since: datetime) -> dict[str, Any]:
    shown: dict[str, Any] = {name: getattr(snapshot, name) for name in _MEMBERS}
    if snapshot.last_updated is not None:
        shown["last_updated"] = rfc3339(datetime.fromtimestamp(snapshot.last_updated, UTC))
    return {**shown, "retain_max": retain_max(), "since": rfc3339(since)}
