"""What the review of a proposal learns from memory: its evidence, and whether that still holds."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import prefetch_related_objects

from leases.errors import DomainError, Fault
from leases.models import User
from leases.pseudonyms import actor_ref
from personas.admin.panels import Panel, add_panel
from personas.conditions import add_condition
from personas.documents.canonical import Json
from personas.documents.consent import consent_of
from personas.models import Proposal
from personas.review import Review
from telemetry.errors import BeliefRefused, EvidenceWithdrawn, TelemetryDisabled
from telemetry.memory.bridge_principal import BRIDGE_ID
from telemetry.memory.citing import CitingChange, citing_changes
from telemetry.memory.evidence import Remembered, position_of
from telemetry.memory.gathering import standings_of
from telemetry.memory.held import Standing, Standings
from telemetry.memory.rehydrating import items_rehydrate
from telemetry.memory.suggestion import named_citations
from telemetry.models import MemoryItem

SHOWN = 24


@dataclass(frozen=True, slots=True)
class EvidenceCard:
    """One cited item as its viewer may see it. ``item`` is None where there is nothing to see.

    ``state``: ``present``, ``erased``, ``withheld`` (not the viewer's to read) or ``unknown``;
    ``shared`` says whether it may influence the persona now, ``changed`` that it was written anew
    after the change was proposed. ``person`` is a pseudonym.
    """

    item_id: str
    state: str
    shared: bool
    item: MemoryItem | None = None
    tags: tuple[str, ...] = ()
    person: str = ""
    stance: str = ""
    changed: bool = False


@dataclass(frozen=True, slots=True)
class EvidenceGroup:
    """What one belief of the change rests on."""

    change: CitingChange
    cards: tuple[EvidenceCard, ...]
    more: int

    @property
    def lost(self) -> bool:
        """Whether there is something, and none of it may influence the persona any more."""
        return bool(self.cards) and not any(card.shared for card in self.cards)


def connect_review() -> None:
    """Add the panel and the condition to the review of proposals; when the app starts."""
    add_panel("memory_evidence", evidence_panel)
    add_condition("memory_evidence", evidence_condition)


def evidence_panel(review: Review, viewer: User, now: datetime) -> Panel | None:
    """The cited items of each belief that the change is about; None where none cites any."""
    named = {}
    if review.proposal.submitted_by_id == BRIDGE_ID:
        named = named_citations(review.proposal.rationale)
    wanted: list[tuple[CitingChange, list[str]]] = []
    for change in citing_changes(review.before, review.after):
        extra = named.get(change.belief_id, ())
        ids = list(dict.fromkeys([*change.cites, *extra, *change.cited_before]))
        if ids:
            wanted.append((change, ids))
    if not wanted:
        return None
    cards = _cards(review, {one for _change, ids in wanted for one in ids[:SHOWN]}, viewer, now)
    groups = [
        EvidenceGroup(change, tuple(cards[one] for one in ids[:SHOWN]), max(len(ids) - SHOWN, 0))
        for change, ids in wanted
    ]
    return Panel("desk/parts/memory_evidence.html", {"groups": groups})


def evidence_condition(
    proposal: Proposal, before: Json, after: Json, now: datetime
) -> DomainError | None:
    """A suggestion of the bridge is applied only while all that it cites is shared (contract §10).

    And a summary of feedback only while there is consent.
    """
    if proposal.submitted_by_id != BRIDGE_ID:
        return None
    # Of the record as it is now: what the proposal was read with may be older.
    if before.get("vibe_profile") != after.get("vibe_profile") and not consent_of(before).enabled:
        return TelemetryDisabled()
    changes = [one for one in citing_changes(before, after) if one.change != "removed"]
    for change in changes:
        if change.change == "added" and not change.cites:
            message = f"the belief “{change.statement}” cites no memory item"
            return BeliefRefused(message, errors=[Fault("/diff", message, "uncited")])
    cited = [one for change in changes for one in change.cites]
    standings = standings_of(proposal.persona, cited, now)
    gone = [one for one in dict.fromkeys(cited) if standings.get(one) != Standing.SHARED]
    if not gone:
        return None
    return EvidenceWithdrawn(
        "memory that this suggestion rests on was erased or is no longer shared: suggest anew",
        items=gone,
    )


def _cards(
    review: Review, item_ids: set[str], viewer: User, now: datetime
) -> dict[str, EvidenceCard]:
    standings = standings_of(review.persona, item_ids, now)
    keys = [uuid.UUID(one) for one in item_ids]
    found = items_rehydrate(actor=viewer, item_ids=keys, now=now)
    rows = [one.item for one in found.values() if one.item is not None]
    prefetch_related_objects(rows, "tags")
    asked = _last_asked(review.proposal)
    cards: dict[str, EvidenceCard] = {}
    for item_id, key in zip(item_ids, keys, strict=True):
        known = found.get(key)
        state = "unknown" if known is None else str(known.state)
        item = None if known is None else known.item
        cards[item_id] = _card(item_id, state, item, standings, asked)
    return cards


def _last_asked(proposal: Proposal) -> datetime:
    """When the proposal came to ask for what it asks for now."""
    newest = proposal.revisions.order_by("-number").values_list("created_at", flat=True).first()
    return proposal.created_at if newest is None else newest


def _card(
    item_id: str, state: str, item: MemoryItem | None, standings: Standings, asked: datetime
) -> EvidenceCard:
    shared = standings.get(item_id) == Standing.SHARED
    if item is None or state != "present":
        return EvidenceCard(item_id, state, shared, item)
    tags = tuple(sorted(tag.tag for tag in item.tags.all()))
    said = position_of(Remembered(item_id, item.lane, item.text, "", item.updated_at, item.value))
    person = actor_ref(item.principal_id)
    stance = said.stance if said else ""
    changed = item.updated_at > asked
    return EvidenceCard(item_id, state, shared, item, tags, person, stance, changed)
