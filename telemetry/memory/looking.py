"""What the bridge saw, before it holds anything in the database (contract §10).

A deployment's own summariser may take its time, and thousands of items are read for it. No lock is
held meanwhile; what has moved since is found out where the suggestion is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from personas.documents.canonical import Op
from personas.models import Persona, Proposal
from personas.selectors import persona_get
from telemetry.errors import SuggestionMoved
from telemetry.memory.drift_watch import drift_of
from telemetry.memory.gathering import standings_of, view_of
from telemetry.memory.held import Standings
from telemetry.memory.pending import pending_suggestion
from telemetry.memory.sharing import shared_items
from telemetry.memory.suggestion import operations, rationale_of
from telemetry.memory.summarisers import suggested_changes
from telemetry.memory.worldview_drift import Drifted

ATTEMPTS: Final = 3
FIELD: Final = "worldview"

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Seen:
    """A suggestion for the persona's worldview, and what it was made of.

    ``cited`` has the instant of the last change of each item that the suggestion cites, and
    ``pending`` tells which suggestion waited.
    """

    persona_id: str
    version: int
    pending: tuple[object, str] | None
    cited: Mapping[str, datetime]
    standings: Standings
    ops: list[Op]
    rationale: str
    drifted: Drifted


def worldview_look(persona_id: str, now: datetime) -> Seen:
    """Read what is shared, and have the summariser say what should change.

    Raises ``PersonaNotFound``, ``BeliefRefused`` and ``SummariserFailed``.
    """
    persona = persona_get(persona_id)
    pending = pending_suggestion(persona, FIELD, now)
    view = view_of(persona, now)
    changes = suggested_changes(view)
    ops = operations(persona.worldview, view, changes) if changes else []
    cites = {one for change in changes for one in change.citations}
    return Seen(
        persona_id=persona.pk,
        version=persona.version,
        pending=_mark(pending),
        cited={item.id: item.at for item in view.items if item.id in cites},
        standings=view.standings,
        ops=ops,
        rationale=rationale_of(changes, ops),
        drifted=drift_of(persona, now),
    )


def still_seen(seen: Seen, persona: Persona, pending: Proposal | None, now: datetime) -> bool:
    """Whether the record, what waits, and all that the suggestion rests on are as they were."""
    if (persona.version, _mark(pending)) != (seen.version, seen.pending):
        return False
    if standings_of(persona, seen.standings, now) != seen.standings:
        return False
    shared = shared_items(persona, now).filter(pk__in=list(seen.cited))
    return {str(pk): at for pk, at in shared.values_list("pk", "updated_at")} == seen.cited


def looked_again(do: Callable[[], Result]) -> Result:
    """What ``do`` gives, which looks and writes; done anew when something moved in between.

    Raises ``SuggestionMoved`` when it did each time.
    """
    for _attempt in range(ATTEMPTS - 1):
        try:
            return do()
        except SuggestionMoved:
            continue
    return do()


def _mark(pending: Proposal | None) -> tuple[object, str] | None:
    return None if pending is None else (pending.pk, pending.digest)
