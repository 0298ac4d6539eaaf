"""From a worldview that begins to be far off to its event (contract §8, §10)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from leases.models import User
from leases.pseudonyms import actor_ref
from telemetry.events import catalog
from telemetry.events.broadcaster import broadcaster
from telemetry.signals import worldview_drifted


@receiver(worldview_drifted)
def drifted(
    *,
    persona_id: str,
    score: float,
    beliefs: int,
    version: int,
    actor: User | None,
    now: datetime,
    **_: Any,
) -> None:
    event = catalog.WorldviewDrift(
        actor=actor_ref(None if actor is None else actor.id),
        persona_id=persona_id,
        score=score,
        beliefs=beliefs,
        version=version,
    )
    broadcaster.publish([event], now)
