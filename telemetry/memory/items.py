"""Writing and erasing memory items (contract §10). An item belongs to whoever wrote it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from leases.errors import Fault
from leases.instants import to_milliseconds
from leases.models import User
from leases.roles import Right
from leases.services.decision_log import refusals_kept, role_right_record
from leases.signals import send_after_commit
from personas.documents.canonical import Json
from personas.documents.pointer import escape
from personas.models import DailyUse, Persona
from personas.services.quotas import quota_take_of_owner
from telemetry.memory.drafts import Draft, read_draft
from telemetry.memory.errors import (
    InvalidMemoryItem,
    MemoryForbidden,
    MemoryItemErased,
    MemoryItemNotFound,
)
from telemetry.memory.reading import readable
from telemetry.models import MemoryItem, MemoryRelevance, MemoryTag
from telemetry.signals import memory_erased, memory_upserted

ERASE = "memory.erase"
ERASED_AT_ONCE = 500


def require_memory_keeper(actor: User) -> None:
    """Raise ``MemoryForbidden`` unless the role may keep memory. No lease is needed for it."""
    if not actor.has_right(Right.FEEDBACK):
        raise MemoryForbidden(code="role_required")


def require_own_memory(actor: User, principal: User | None) -> None:
    """Raise ``MemoryForbidden`` unless ``principal`` is the actor, or the actor an admin."""
    is_own = principal is not None and principal.pk == actor.pk
    if not is_own and not actor.has_right(Right.MANAGE):
        raise MemoryForbidden("erasing somebody else's memory is a right of admins")


@refusals_kept
def item_upsert(
    *,
    actor: User,
    lane: str,
    owner_kind: str,
    owner_ref: str,
    now: datetime,
    text: str = "",
    value: Json = None,
    tags: Any = (),
    confidence: float | None = None,
    source: str = "",
    relevance: Mapping[str, float] | None = None,
    item_id: uuid.UUID | str | None = None,
) -> MemoryItem:
    """Keep an item, sanitized; with the ``item_id`` of one's own, it replaces that one whole.

    ``relevance`` is by persona id, from 0 to 1; where none is given it is computed when it is
    asked for. An ``item_id`` that nobody has becomes the id of a new item, so that a repeat
    changes nothing. ``created_at`` stays. Raises ``MemoryForbidden``, ``MemoryItemNotFound`` for
    somebody else's, ``MemoryItemErased``, ``InvalidMemoryItem`` with JSON pointers, and
    ``QuotaExceeded``.
    """
    require_memory_keeper(actor)
    wanted = None if item_id is None else _id_of(item_id)
    draft = read_draft(
        {
            "lane": lane,
            "text": text,
            "value": value,
            "tags": tags,
            "confidence": confidence,
            "source": source,
            "owner_kind": owner_kind,
            "owner_ref": owner_ref,
            "relevance": relevance,
        }
    )
    _require_personas(draft.relevance)
    now = to_milliseconds(now)
    with transaction.atomic():
        item = _write(wanted, draft, actor, now)
        quota_take_of_owner(
            owner_kind=item.owner_kind,
            owner_ref=item.owner_ref,
            kind=DailyUse.Kind.MEMORY,
            amount=1,
            now=now,
        )
        MemoryTag.objects.filter(item=item).delete()
        MemoryTag.objects.bulk_create(MemoryTag(item=item, tag=tag) for tag in draft.tags)
        MemoryRelevance.objects.filter(item=item).delete()
        MemoryRelevance.objects.bulk_create(
            MemoryRelevance(item=item, persona_id=persona_id, score=score)
            for persona_id, score in draft.relevance.items()
        )
        send_after_commit(memory_upserted, MemoryItem, item=item, actor=actor, now=now)
    return item


@refusals_kept
def item_erase(*, actor: User, item_id: uuid.UUID | str, now: datetime) -> MemoryItem:
    """Take an item's content away for good; returns the tombstone that stays.

    The tombstone keeps id, lane, owner, principal and times. Of whoever wrote it, or a right of
    admins. Erasing again changes nothing. Raises ``MemoryItemNotFound``, also for what the actor
    may not read, and ``MemoryForbidden``.
    """
    manages = actor.has_right(Right.MANAGE)
    with transaction.atomic():
        item = _held(_id_of(item_id))
        if item is None:
            raise MemoryItemNotFound
        if item.principal_id != actor.pk and not manages:
            if not actor.has_right(Right.READ) or not readable(actor, [item], now):
                raise MemoryItemNotFound
            raise MemoryForbidden("only whoever wrote it or an admin erases a memory item")
        _erase([item], actor, to_milliseconds(now))
    return item


@refusals_kept
def items_erase_all(*, actor: User, principal: User, now: datetime) -> int:
    """Erase all that ``principal`` wrote; how many items that were. One's own, or as an admin.

    Raises ``MemoryForbidden``.
    """
    require_own_memory(actor, principal)
    moment = to_milliseconds(now)
    erased = 0
    while True:
        with transaction.atomic():
            left = MemoryItem.objects.present().filter(principal=principal).order_by("pk")
            batch = list(left.select_for_update(no_key=True)[:ERASED_AT_ONCE])
            erased += _erase(batch, actor, moment)
        if len(batch) < ERASED_AT_ONCE:
            return erased


def item_get(item_id: uuid.UUID | str) -> MemoryItem:
    """The item or tombstone with that id, whoever asks; raises ``MemoryItemNotFound``."""
    item = MemoryItem.objects.filter(pk=_id_of(item_id)).first()
    if item is None:
        raise MemoryItemNotFound
    return item


def _write(wanted: uuid.UUID | None, draft: Draft, actor: User, now: datetime) -> MemoryItem:
    content = {
        "lane": draft.lane,
        "owner_kind": draft.owner_kind,
        "owner_ref": draft.owner_ref,
        "text": draft.text,
        "value": draft.value,
        "confidence": draft.confidence,
        "source": draft.source,
        "updated_at": now,
    }
    item = None if wanted is None else _held(wanted)
    if item is None:
        new = MemoryItem(id=wanted or uuid.uuid4(), principal=actor, created_at=now, **content)
        try:
            with transaction.atomic():
                new.save(force_insert=True)
        except IntegrityError:
            # Somebody wrote that id meanwhile.
            item = None if wanted is None else _held(wanted)
            if item is None:
                raise
        else:
            return new
    if item.principal_id != actor.pk:
        raise MemoryItemNotFound
    if item.erased_at is not None:
        raise MemoryItemErased
    for name, member in content.items():
        setattr(item, name, member)
    item.save(update_fields=list(content))
    return item


def _erase(items: list[MemoryItem], actor: User, now: datetime) -> int:
    fresh = [item for item in items if item.erased_at is None]
    emptied: dict[str, Any] = {
        "text": "",
        "value": None,
        "confidence": None,
        "source": "",
        "erased_at": now,
        "erased_by": actor,
    }
    ids = [item.pk for item in fresh]
    MemoryTag.objects.filter(item__in=ids).delete()
    MemoryRelevance.objects.filter(item__in=ids).delete()
    MemoryItem.objects.filter(pk__in=ids).update(**emptied)
    if any(item.principal_id != actor.pk for item in fresh):
        role_right_record(actor=actor, action=ERASE, now=now)
    for item in fresh:
        for name, member in emptied.items():
            setattr(item, name, member)
        send_after_commit(memory_erased, MemoryItem, item=item, actor=actor, now=now)
    return len(fresh)


def _held(item_id: uuid.UUID) -> MemoryItem | None:
    """The row, held until the transaction ends: two writers of one item come one after another."""
    return MemoryItem.objects.select_for_update(no_key=True).filter(pk=item_id).first()


def _id_of(item_id: uuid.UUID | str) -> uuid.UUID:
    try:
        return item_id if isinstance(item_id, uuid.UUID) else uuid.UUID(str(item_id))
    except ValueError:
        raise MemoryItemNotFound from None


def _require_personas(relevance: Mapping[str, float]) -> None:
    wanted = [one for one in relevance if "\x00" not in one]
    known = set(Persona.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    faults = [
        Fault(f"/relevance/{escape(one)}", "no persona has that id", "unknown_persona")
        for one in relevance
        if one not in known
    ]
    if faults:
        raise InvalidMemoryItem(f"{faults[0].pointer}: {faults[0].message}", errors=faults)
