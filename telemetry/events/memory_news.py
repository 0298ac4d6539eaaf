"""From memory items to events: that one was written or erased, never what it says (contract §8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from leases.models import User
from leases.pseudonyms import actor_ref
from telemetry.events import catalog
from telemetry.events.broadcaster import broadcaster
from telemetry.models import MemoryItem
from telemetry.signals import memory_erased, memory_upserted


@receiver(memory_upserted)
def upserted(*, item: MemoryItem, actor: User, now: datetime, **_: Any) -> None:
    broadcaster.publish([catalog.MemoryUpserted(**_about(item, actor))], now)


@receiver(memory_erased)
def erased(*, item: MemoryItem, actor: User, now: datetime, **_: Any) -> None:
    broadcaster.publish([catalog.MemoryErased(**_about(item, actor))], now)


def _about(item: MemoryItem, actor: User) -> dict[str, str]:
    return {
        "actor": actor_ref(actor.id),
        "item_id": str(item.id),
        "lane": str(item.lane),
        "owner_kind": item.owner_kind,
        "owner_ref": item.owner_ref,
    }
