"""What the charts of a persona show to one viewer: behind role, consent and lease (contract §7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from leases.models import User
from personas.documents.context_bias import ContextBias, compute_context_bias
from personas.models import Persona
from telemetry.aggregates.hearing import hear
from telemetry.aggregates.reading import Summed, summed
from telemetry.charts.intervals import Point, Timeline, timeline
from telemetry.metrics.store import store
from telemetry.metrics.summary import Snapshot
from telemetry.models import VibeSample
from telemetry.selectors import retain_max, vibe_history
from telemetry.services.admission import may_read_telemetry

LATEST = 8


@dataclass(frozen=True, slots=True)
class Charts:
    """Feedback over time from the samples that are kept; bias and metrics as of now."""

    timeline: Timeline
    latest: tuple[VibeSample, ...]
    bias: ContextBias
    metrics: Snapshot
    since: datetime
    sums: Summed


def persona_charts(*, persona: Persona, viewer: User, now: datetime) -> Charts | None:
    """The charts, or None where ``telemetry_read_admit`` would not let ``viewer`` pass."""
    if not may_read_telemetry(actor=viewer, persona=persona, now=now):
        return None
    samples = vibe_history(persona.id, limit=retain_max(), now=now)
    metrics, since = store.read(persona.id, now)
    return Charts(
        timeline(Point(one.recorded_at, one.signal, one.strength) for one in samples),
        tuple(samples[:LATEST]),
        compute_context_bias(persona.document, metrics.vibe),
        metrics,
        since,
        summed([hear(one) for one in samples]),
    )
