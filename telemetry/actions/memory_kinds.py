"""Keeping, finding and erasing memory items as actions (contract §10)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from leases.capabilities import OWNER_KINDS
from leases.errors import Fault
from leases.instants import rfc3339
from leases.models import User
from leases.roles import Right
from personas.selectors import persona_get
from telemetry.actions.kind import Call, Done, Kind
from telemetry.actions.schemas import (
    COUNT,
    IDENTITY,
    PERSONA_ID,
    SHARE,
    described,
    nullable,
    one_of,
    record,
    text,
)
from telemetry.memory.drafts import LANES, OWNER_REF_MAX, SOURCE_MAX, TAG_MAX, TAGS_MAX
from telemetry.memory.errors import InvalidMemoryItem, InvalidMemorySearch, MemoryItemNotFound
from telemetry.memory.items import (
    item_erase,
    item_get,
    item_upsert,
    items_erase_all,
    require_memory_keeper,
    require_own_memory,
)
from telemetry.memory.reading import require_memory_reader
from telemetry.memory.rehydrating import Rehydrated, item_rehydrate, items_rehydrate
from telemetry.memory.searching import LIMIT_DEFAULT, TEXT_MAX, items_search
from telemetry.models import MemoryItem

_LANE = {"type": "string", "enum": list(LANES)}
_OWNER_KIND = {"type": "string", "enum": list(OWNER_KINDS)}
_ITEM_ID = {"type": "string", "description": "A memory item's id."}
_FOUND: dict[str, Any] = {
    "state": {"type": "string", "enum": ["present", "erased", "withheld"]},
    "item": {"type": ["object", "null"]},
    "relevance": {"type": ["number", "null"]},
}
_ITEM = {
    "type": "object",
    "description": "An item as it is now; `item` is null where it is withheld.",
    "properties": _FOUND,
}


def _upsert_admit(call: Call) -> None:
    require_memory_keeper(call.actor)
    item_id = call.text("item_id")
    if item_id is not None:
        _own_or_new(call.actor, item_id)


def _own_or_new(actor: User, item_id: str) -> None:
    """Raise ``MemoryItemNotFound`` for somebody else's; an id that nobody has is a new item's."""
    try:
        held = MemoryItem.objects.filter(pk=uuid.UUID(item_id)).first()
    except ValueError:
        raise MemoryItemNotFound from None
    if held is not None and held.principal_id != actor.pk:
        raise MemoryItemNotFound


def _upsert(call: Call) -> Done:
    given = {name: value for name, value in call.input.items() if name in _WRITTEN}
    given["text"] = given.get("text") or ""
    given["tags"] = given.get("tags") or ()
    given["source"] = given.get("source") or ""
    item = item_upsert(actor=call.actor, now=call.now, **given)
    return Done({"item_id": str(item.pk)})


_WRITABLE: dict[str, Any] = {
    "item_id": described(nullable(_ITEM_ID), "One's own: it is replaced whole."),
    "lane": _LANE,
    "text": nullable(text(8192, "At most 8 KiB.")),
    "value": {"description": "Any JSON of at most 8 KiB, 6 deep."},
    "tags": {
        "type": ["array", "null"],
        "items": {"type": "string", "minLength": 1, "maxLength": TAG_MAX},
        "maxItems": TAGS_MAX,
    },
    "confidence": nullable(described(SHARE, "How sure it is.")),
    "source": nullable(text(SOURCE_MAX, "Where it comes from.")),
    "owner_kind": _OWNER_KIND,
    "owner_ref": text(OWNER_REF_MAX, "As personas have it.", shortest=1),
    "relevance": {
        "type": ["object", "null"],
        "additionalProperties": SHARE,
        "description": "By persona id; computed where none is given.",
    },
}
_WRITTEN = frozenset(_WRITABLE)

UPSERT = Kind(
    "memory.upsert",
    "Keep a memory item, or replace one's own; it is private until a lease shares it.",
    Right.FEEDBACK,
    record(_WRITABLE, ["lane", "owner_kind", "owner_ref"]),
    record({"item_id": IDENTITY}, ["item_id"]),
    _upsert_admit,
    _upsert,
    refusal=InvalidMemoryItem,
)


def _search_admit(call: Call) -> None:
    persona_id = call.text("persona_id")
    if persona_id is not None:
        persona_get(persona_id)
    require_memory_reader(call.actor)


def _search(call: Call) -> Done:
    given = {
        name: value
        for name, value in call.input.items()
        if name in _SEARCHABLE and value is not None
    }
    if "limit" in given:
        given["limit"] = int(given["limit"])
    found = items_search(actor=call.actor, now=call.now, **given)
    shown = [
        {"state": "present", "item": item_shown(one.item), "relevance": one.relevance}
        for one in found
    ]
    return Done({"item_ids": [str(one.item.pk) for one in found]}, {"items": shown})


def _found_again(call: Call, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The same items in the same order, as far as the actor may read them now."""
    require_memory_reader(call.actor)
    ids = [uuid.UUID(one) for one in kept["item_ids"]]
    known = items_rehydrate(actor=call.actor, item_ids=ids, now=call.now)
    return {
        "items": [{**_rehydrated(known[one]), "relevance": None} for one in ids if one in known]
    }


_SEARCHABLE: dict[str, Any] = {
    "text": nullable(text(TEXT_MAX, "All its words have to be there.")),
    "lane": nullable(_LANE) | {"enum": [*LANES, None]},
    "tag": nullable(text(TAG_MAX, "An item's tag.")),
    "owner_kind": nullable(_OWNER_KIND) | {"enum": [*OWNER_KINDS, None]},
    "owner_ref": nullable(text(OWNER_REF_MAX, "An owner of that kind.")),
    "persona_id": nullable(described(PERSONA_ID, "Items of its owner, by relevance for it.")),
    "limit": {"type": ["integer", "null"], "minimum": 1, "default": LIMIT_DEFAULT},
}

SEARCH = Kind(
    "memory.search",
    "Find memory items that one may read. What is kept of it are the ids.",
    Right.READ,
    record(_SEARCHABLE),
    record(
        {
            "item_ids": {"type": "array", "items": IDENTITY},
            "items": {"type": "array", "items": _ITEM, "description": "In the answer alone."},
        },
        ["item_ids"],
    ),
    _search_admit,
    _search,
    again=_found_again,
    refusal=InvalidMemorySearch,
)


def _rehydrate_admit(call: Call) -> None:
    item_id = call.text("item_id")
    if item_id is not None:
        item_get(item_id)
    require_memory_reader(call.actor)


def _rehydrate(call: Call) -> Done:
    found = item_rehydrate(actor=call.actor, item_id=call.input["item_id"], now=call.now)
    return Done({"item_id": str(uuid.UUID(call.input["item_id"]))}, _rehydrated(found))


def _rehydrated_again(call: Call, kept: Mapping[str, Any]) -> dict[str, Any]:
    return _rehydrated(item_rehydrate(actor=call.actor, item_id=kept["item_id"], now=call.now))


REHYDRATE = Kind(
    "memory.rehydrate",
    "Open a citation: the memory item that an id stands for, as far as one may read it.",
    Right.READ,
    record({"item_id": _ITEM_ID}, ["item_id"]),
    record({"item_id": IDENTITY, **_FOUND}, ["item_id"]),
    _rehydrate_admit,
    _rehydrate,
    again=_rehydrated_again,
    refusal=InvalidMemoryItem,
)


def _erase_admit(call: Call) -> None:
    item_id = call.text("item_id")
    if item_id is not None:
        item_get(item_id)
    principal = call.text("principal")
    if principal is not None and not call.actor.has_right(Right.MANAGE):
        # Nobody learns by it who there is.
        require_own_memory(call.actor, User.objects.named(principal))


def _erase(call: Call) -> Done:
    given = call.input
    if "item_id" in given:
        item = item_erase(actor=call.actor, item_id=given["item_id"], now=call.now)
        return Done({"item_id": str(item.pk)})
    named = User.objects.named(given["principal"])
    if named is None:
        message = "principal names nobody; give a user name or an id"
        fault = Fault("/principal", message, "unknown_principal")
        raise InvalidMemoryItem(message, errors=[fault])
    return Done({"erased": items_erase_all(actor=call.actor, principal=named, now=call.now)})


ERASE = Kind(
    "memory.erase",
    "Take the content of one item away for good, or of all that a principal wrote.",
    Right.READ,
    record(
        {
            "item_id": _ITEM_ID,
            "principal": text(200, "A user name or id; one's own, or as an admin.", shortest=1),
        },
        oneOf=one_of("item_id", "principal"),
    ),
    record({"item_id": IDENTITY, "erased": COUNT}),
    _erase_admit,
    _erase,
    refusal=InvalidMemoryItem,
)

MEMORY_KINDS = (UPSERT, SEARCH, REHYDRATE, ERASE)


def item_shown(item: MemoryItem) -> dict[str, Any]:
    """A memory item, or its tombstone, as an answer shows it."""
    return {
        "id": str(item.pk),
        "lane": item.lane,
        "owner_kind": item.owner_kind,
        "owner_ref": item.owner_ref,
        "text": item.text,
        "value": item.value,
        "tags": sorted(one.tag for one in item.tags.all()),
        "confidence": item.confidence,
        "source": item.source or None,
        # A tombstone tells of its writer as little as the event that told of the erasure.
        "principal": None if item.erased_at else str(item.principal_id),
        "created": rfc3339(item.created_at),
        "updated": rfc3339(item.updated_at),
        "erased": rfc3339(item.erased_at) if item.erased_at else None,
    }


def _rehydrated(found: Rehydrated) -> dict[str, Any]:
    return {"state": found.state, "item": None if found.item is None else item_shown(found.item)}
