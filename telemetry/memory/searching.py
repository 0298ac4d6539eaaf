"""Finding memory items by lane, tag, text and owner, and what matters to a persona (§10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leases.capabilities import OWNER_KINDS
from leases.errors import Fault
from leases.models import User
from leases.services.decision_log import refusals_kept
from personas.models import Persona
from personas.selectors import persona_get
from telemetry.memory.drafts import LANES
from telemetry.memory.errors import InvalidMemorySearch
from telemetry.memory.full_text import matching
from telemetry.memory.reading import maybe_readable, readable, require_memory_reader
from telemetry.memory.relevance import relevance_computed
from telemetry.memory.words import persona_words, query_words
from telemetry.models import MemoryItem, MemoryRelevance
from telemetry.models.memory import MemoryItemQuerySet

LIMIT_DEFAULT = 50
LIMIT_MAX = 200
TEXT_MAX = 1000
# Of what a filter finds, no more is looked at for what the asker may read.
_LOOKED_AT = 2000
_CHUNK = 200


@dataclass(frozen=True, slots=True)
class Found:
    """An item, and its relevance (0..1) for the persona that was asked about, else None."""

    item: MemoryItem
    relevance: float | None


@refusals_kept
def items_search(
    *,
    actor: User,
    now: datetime,
    text: str = "",
    lane: str | None = None,
    tag: str | None = None,
    owner_kind: str | None = None,
    owner_ref: str | None = None,
    persona_id: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> list[Found]:
    """Items that ``actor`` may read at ``now`` and that fit all that is given, at most 200.

    With ``text`` the best matches come first, with ``persona_id`` alone the most relevant of the
    items of its owner, else the newest. Any text may be searched for: all its words have to be
    there, in any order, whole or (from three letters on) as beginnings; a text without a word
    finds nothing. Raises ``PersonaNotFound``, ``MemoryForbidden``, ``InvalidMemorySearch``.
    """
    persona = None if persona_id is None else persona_get(persona_id)
    require_memory_reader(actor)
    _check(text, lane, tag, owner_kind, owner_ref, limit)
    items = MemoryItem.objects.present().filter(maybe_readable(actor, now))
    if persona is not None:
        items = items.of_owner(persona.owner_kind, persona.owner_ref)
    given = {"lane": lane, "owner_kind": owner_kind, "owner_ref": owner_ref}
    items = items.filter(**{name: member for name, member in given.items() if member is not None})
    if tag is not None:
        items = items.filter(tags__tag=tag)
    count = min(limit, LIMIT_MAX)
    items = items.prefetch_related("tags")
    if text:
        found = _first(matching(items, query_words(text)), actor, now, count)
        return _with_relevance(found, persona)
    newest = _first(items.newest_first(), actor, now, count)
    if persona is None:
        return _with_relevance(newest, None)
    telling = _first(_telling(items, persona), actor, now, count)
    scored = _first(_scored(items, persona), actor, now, count)
    once = {item.pk: item for item in (*scored, *telling, *newest)}
    ranked = sorted(_with_relevance(once.values(), persona), key=_order, reverse=True)
    return ranked[:count]


def relevances(items: Iterable[MemoryItem], persona: Persona) -> list[tuple[MemoryItem, float]]:
    """Each item with its relevance for ``persona``: as its writer gave it, else computed.

    Reads the tags of each item: prefetch them.
    """
    rows = list(items)
    given = dict(
        MemoryRelevance.objects.filter(persona=persona, item__in=rows).values_list(
            "item_id", "score"
        )
    )
    about = persona_words(persona.traits, persona.worldview)

    def score(item: MemoryItem) -> float:
        if item.pk in given:
            return given[item.pk]
        return relevance_computed(item.text, (one.tag for one in item.tags.all()), about)

    return [(item, score(item)) for item in rows]


def _with_relevance(items: Iterable[MemoryItem], persona: Persona | None) -> list[Found]:
    if persona is None:
        return [Found(item, None) for item in items]
    return [Found(item, score) for item, score in relevances(items, persona)]


def _order(found: Found) -> tuple[float, datetime, str]:
    return (found.relevance or 0.0, found.item.updated_at, str(found.item.pk))


def _scored(items: MemoryItemQuerySet, persona: Persona) -> MemoryItemQuerySet:
    """Those that were given a score for the persona, the highest first."""
    own = items.filter(relevances__persona=persona)
    return own.order_by("-relevances__score", "-updated_at", "-id")


def _telling(items: MemoryItemQuerySet, persona: Persona) -> MemoryItemQuerySet:
    """Those that share words with the persona, the best match first."""
    about = persona_words(persona.traits, persona.worldview)
    return matching(items, about, any_of=True)


def _first(items: MemoryItemQuerySet, actor: User, now: datetime, count: int) -> list[MemoryItem]:
    """The first ``count`` of them that the actor may read."""
    found: list[MemoryItem] = []
    looked_at = 0
    for rows in _chunks(items):
        found += readable(actor, rows, now)
        looked_at += len(rows)
        if len(found) >= count:
            return found[:count]
    if looked_at >= _LOOKED_AT:
        # However much of others comes before: one's own is found, and comes after all of that.
        known = [one.pk for one in found]
        found += items.filter(principal=actor).exclude(pk__in=known)[: count - len(found)]
    return found


def _chunks(items: MemoryItemQuerySet) -> Iterator[list[MemoryItem]]:
    for begin in range(0, _LOOKED_AT, _CHUNK):
        rows = list(items[begin : begin + _CHUNK])
        yield rows
        if len(rows) < _CHUNK:
            return


def _check(text: Any, lane: Any, tag: Any, owner_kind: Any, owner_ref: Any, limit: Any) -> None:
    faults = [
        Fault(f"/{name}", f"{name} must be a string without U+0000", "invalid")
        for name, given in (("text", text), ("tag", tag), ("owner_ref", owner_ref))
        if given is not None and not _is_text(given)
    ]
    if isinstance(text, str) and len(text) > TEXT_MAX:
        faults.append(Fault("/text", f"text has at most {TEXT_MAX} characters", "too_long"))
    for name, given, known in (("lane", lane, LANES), ("owner_kind", owner_kind, OWNER_KINDS)):
        if given is not None and given not in known:
            message = f"{name} must be one of {', '.join(known)}"
            faults.append(Fault(f"/{name}", message, "choice"))
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        faults.append(Fault("/limit", "limit must be a whole number of at least 1", "invalid"))
    if faults:
        raise InvalidMemorySearch(f"{faults[0].pointer}: {faults[0].message}", errors=faults)


def _is_text(given: Any) -> bool:
    if not isinstance(given, str):
        return False
    # PostgreSQL takes neither in a parameter.
    return "\x00" not in given and not any("\ud800" <= sign <= "\udfff" for sign in given)
