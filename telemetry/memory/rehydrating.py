"""From a citation back to what it rests on (contract §10, ``memory.rehydrate``)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from leases.models import User
from leases.services.decision_log import refusals_kept
from telemetry.memory.items import item_get
from telemetry.memory.reading import readable, require_memory_reader
from telemetry.models import MemoryItem


@dataclass(frozen=True, slots=True)
class Rehydrated:
    """What an id stands for. ``item`` is the tombstone of an ``erased`` one.

    ``withheld`` exists, but is somebody else's and not shared at this moment: nothing more of it
    is told.
    """

    state: Literal["present", "erased", "withheld"]
    item: MemoryItem | None


@refusals_kept
def item_rehydrate(*, actor: User, item_id: uuid.UUID | str, now: datetime) -> Rehydrated:
    """What the memory item with that id holds, as far as ``actor`` may know at ``now``.

    A right of members. Raises ``MemoryForbidden``, ``MemoryItemNotFound``.
    """
    item = item_get(item_id)
    require_memory_reader(actor)
    return _state(item, bool(readable(actor, [item], now)))


def items_rehydrate(
    *, actor: User, item_ids: list[uuid.UUID], now: datetime
) -> dict[uuid.UUID, Rehydrated]:
    """The same for many at once, by id; unknown ids are left out. ``actor`` is a reader."""
    rows = list(MemoryItem.objects.filter(pk__in=item_ids))
    may_read = {one.pk for one in readable(actor, rows, now)}
    return {one.pk: _state(one, one.pk in may_read) for one in rows}


def _state(item: MemoryItem, may_read: bool) -> Rehydrated:
    if item.erased_at is not None:
        return Rehydrated("erased", item)
    return Rehydrated("present", item) if may_read else Rehydrated("withheld", None)
