"""What a persona's worldview may rest on at this moment (contract §10, spec 001 "Guardrails")."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from leases.pseudonyms import actor_ref
from personas.documents.canonical import Json
from personas.models import Persona
from telemetry.memory.evidence import Remembered
from telemetry.memory.held import (
    Standing,
    Standings,
    belief_list,
    held_beliefs,
    is_memory_id,
    memory_citations,
)
from telemetry.memory.sharing import shared_items, sharing_principals
from telemetry.memory.worldview import View
from telemetry.models import MemoryItem, MemoryRelevance, MemoryTag

NEWEST = 5_000
_MEMBERS = ("id", "lane", "text", "value", "confidence", "principal_id", "updated_at")


def view_of(persona: Persona, now: datetime, *, since: datetime | None = None) -> View:
    """The persona's beliefs, and the items that are shared with it at ``now``.

    The newest 5,000 items count; with ``since``, only those written or changed after it.
    """
    held = tuple(held_beliefs(persona.worldview))
    items = shared_items(persona, now)
    if since is not None:
        items = items.filter(updated_at__gte=since)
    return View(
        persona_id=persona.pk,
        beliefs=held,
        items=_remembered(persona, list(items.newest_first().only(*_MEMBERS)[:NEWEST])),
        standings=standings_of(persona, (one for each in held for one in each.citations), now),
        others=len(belief_list(persona.worldview) or []) - len(held),
    )


def standings_of(persona: Persona, item_ids: Iterable[str], now: datetime) -> Standings:
    """Of each id whether the item still holds for ``persona`` at ``now``; unknown ones too."""
    wanted = dict.fromkeys(one for one in item_ids if is_memory_id(one))
    if not wanted:
        return {}
    rows = MemoryItem.objects.filter(pk__in=[uuid.UUID(one) for one in wanted]).only(
        "id", "owner_kind", "owner_ref", "principal_id", "erased_at"
    )
    found = {str(row.pk): row for row in rows}
    sharing = sharing_principals(persona, {row.principal_id for row in found.values()}, now)

    def standing(item: MemoryItem | None) -> Standing:
        if item is None:
            return Standing.UNKNOWN
        if item.erased_at is not None:
            return Standing.ERASED
        own = (item.owner_kind, item.owner_ref) == (persona.owner_kind, persona.owner_ref)
        return Standing.SHARED if own and item.principal_id in sharing else Standing.UNSHARED

    return {one: standing(found.get(one.lower())) for one in wanted}


def worldview_standings(persona: Persona, now: datetime) -> Standings:
    """The same for everything that the persona's beliefs cite."""
    return standings_of(persona, cited_in(persona.worldview), now)


def cited_in(worldview: Json) -> list[str]:
    """Every memory id that a belief of the worldview cites."""
    return [one for entry in belief_list(worldview) or [] for one in memory_citations(entry)]


def _remembered(persona: Persona, rows: list[MemoryItem]) -> tuple[Remembered, ...]:
    ids = [row.pk for row in rows]
    tags: defaultdict[uuid.UUID, list[str]] = defaultdict(list)
    scores: dict[uuid.UUID, float] = {}
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        for item_id, tag in MemoryTag.objects.filter(item__in=some).values_list("item", "tag"):
            tags[item_id].append(tag)
        given = MemoryRelevance.objects.filter(item__in=some, persona=persona)
        scores.update(given.values_list("item", "score"))
    people = {one: actor_ref(one) for one in {row.principal_id for row in rows}}
    return tuple(
        Remembered(
            id=str(row.pk),
            lane=row.lane,
            text=row.text,
            person=people[row.principal_id],
            at=row.updated_at,
            value=row.value,
            tags=tuple(sorted(tags[row.pk])),
            confidence=row.confidence,
            relevance=scores.get(row.pk),
        )
        for row in rows
    )
