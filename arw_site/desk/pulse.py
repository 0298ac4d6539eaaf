"""The pulse of feedback: samples per minute over the last half hour, as far as the viewer may see."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncMinute

from leases.models import User
from personas.models import Persona
from telemetry.models import VibeSample
from telemetry.services.admission import may_read_telemetry

MINUTES = 30
BUSIEST = 20
"""How many personas are looked at; rights are judged for each."""
HEIGHT = 24


@dataclass(frozen=True, slots=True)
class Bar:
    """One minute as a bar of the drawing: its left edge, top and height, in the drawing's units."""

    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Pulse:
    """``counts`` of the last ``MINUTES`` minutes, the running one last."""

    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def newest(self) -> int:
        """Samples in the running minute and the one before it."""
        return sum(self.counts[-2:])

    @property
    def bars(self) -> list[Bar]:
        """The counts as bars that stand on the line ``HEIGHT``; none for empty minutes."""
        most = max(self.counts, default=0) or 1
        heights = [max(2.0, round(HEIGHT * one / most, 1)) if one else 0.0 for one in self.counts]
        return [Bar(4 * at, HEIGHT - height, height) for at, height in enumerate(heights) if height]


def pulse_for(viewer: User, *, now: datetime) -> Pulse:
    """The pulse over the busiest personas whose telemetry ``viewer`` may read now."""
    start = now.replace(second=0, microsecond=0) - timedelta(minutes=MINUTES - 1)
    recent = VibeSample.objects.filter(recorded_at__gte=start).order_by()
    busy = recent.values("persona_id").annotate(n=Count("id")).order_by("-n")[:BUSIEST]
    personas = Persona.objects.filter(id__in=[one["persona_id"] for one in busy])
    seen = [one.id for one in personas if may_read_telemetry(actor=viewer, persona=one, now=now)]
    minutes: Counter[datetime] = Counter()
    if seen:
        per_minute = recent.filter(persona_id__in=seen).annotate(minute=TruncMinute("recorded_at"))
        for minute, count in per_minute.values_list("minute").annotate(n=Count("id")):
            minutes[minute] += count
    return Pulse(tuple(minutes[start + timedelta(minutes=at)] for at in range(MINUTES)))
