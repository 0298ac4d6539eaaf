"""From a report that begins an excursion to its event (contract §8, §10)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from leases.models import User
from leases.pseudonyms import actor_ref
from telemetry.events import catalog
from telemetry.events.broadcaster import broadcaster
from telemetry.signals import persona_drifted


@receiver(persona_drifted)
def drifted(
    *,
    persona_id: str,
    score: float,
    baseline: dict[str, float],
    latest: dict[str, float],
    actor: User,
    now: datetime,
    **_: Any,
) -> None:
    event = catalog.PersonaDrift(
        actor=actor_ref(actor.id),
        persona_id=persona_id,
        score=score,
        baseline=baseline,
        latest=latest,
    )
    broadcaster.publish([event], now)
