"""The samples that aggregates are taken from, for one viewer and several personas (contract §7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leases.models import User
from leases.roles import Right
from personas.models import Persona
from telemetry.aggregates.hearing import Heard, hear
from telemetry.aggregates.measures import Aggregates, aggregated
from telemetry.aggregates.reconciling import Reconciled, reconciled
from telemetry.models import VibeSample
from telemetry.retention import horizon
from telemetry.selectors import retain_max
from telemetry.services.admission import telemetry_allowed


@dataclass(frozen=True, slots=True)
class Summed:
    """What the feedback about one persona amounts to."""

    aggregates: Aggregates
    votes: Reconciled


def summed(heard: Sequence[Heard]) -> Summed:
    """The aggregates and the axes of samples that were read."""
    return Summed(aggregated(heard), reconciled(heard))


def readable_sums(personas: Sequence[Persona], *, viewer: User, now: datetime) -> dict[str, Summed]:
    """By id, for those of the personas whose feedback ``viewer`` may read; two queries for all."""
    if not viewer.has_right(Right.READ):
        return {}
    consenting = [one for one in personas if one.consent.enabled]
    allowed = telemetry_allowed(actor=viewer, personas=consenting, now=now)
    readable = [one.pk for one, may in zip(consenting, allowed, strict=True) if may]
    heard: defaultdict[str, list[Heard]] = defaultdict(list)
    kept = VibeSample.objects.filter(persona_id__in=readable).not_older_than(horizon(now))
    for sample in kept.newest_first().iterator():
        own = heard[sample.persona_id]
        # Retention trims with the next feedback; until then there may be more than is kept.
        if len(own) < retain_max():
            own.append(hear(sample))
    return {persona_id: summed(heard[persona_id]) for persona_id in readable}
