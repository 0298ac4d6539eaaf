"""Builders for memory items and for what shares them."""

import uuid
from typing import Any

from django.utils import timezone

from leases.models import Lease, User
from telemetry.memory.items import item_upsert
from telemetry.models import MemoryItem
from tests.people import grant

OWNER = {"owner_kind": "workspace", "owner_ref": "local"}


def remember(actor: User, text: str = "They like short answers.", **more: Any) -> MemoryItem:
    """An episodic item of the owner that the tests' personas have, unless said otherwise."""
    given = {"lane": "episodic", "now": timezone.now(), **OWNER, **more}
    return item_upsert(actor=actor, text=text, **given)


def share(**terms: Any) -> Lease:
    """A lease that shares: of everybody with every persona, unless narrowed."""
    return grant("share:persona", **terms)


def kept(item_id: uuid.UUID) -> dict[str, Any]:
    """All that is stored of an item."""
    row = MemoryItem.objects.filter(pk=item_id).values().get()
    item = MemoryItem.objects.get(pk=item_id)
    return {
        **row,
        "tags": sorted(item.tags.values_list("tag", flat=True)),
        "relevance": dict(item.relevances.values_list("persona_id", "score")),
    }
