"""From the journal to events: that a reflection was written, never what it says (contract §8)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from leases.models import User
from leases.pseudonyms import actor_ref
from telemetry.events import catalog
from telemetry.events.broadcaster import broadcaster
from telemetry.signals import reflection_completed


@receiver(reflection_completed)
def completed(*, persona_id: str, item_id: uuid.UUID, actor: User, now: datetime, **_: Any) -> None:
    event = catalog.ReflectionCompleted(
        actor=actor_ref(actor.id), persona_id=persona_id, item_id=str(item_id)
    )
    broadcaster.publish([event], now)
