"""The bridge's suggestions that wait for a decision (contract §10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from personas.documents.canonical import Op
from personas.models import Persona, Proposal
from telemetry.memory.bridge_principal import BRIDGE_ID


def pending_suggestion(persona: Persona, field: str, now: datetime) -> Proposal | None:
    """The bridge's pending proposal about that field of the record, the newest."""
    own = persona.proposals.pending_at(now).filter(submitted_by=BRIDGE_ID)
    about = (one for one in own.newest_first() if is_about(one.diff, field))
    return next(about, None)


def is_about(diff: Sequence[Op], field: str) -> bool:
    """Whether every operation is about that field of the record."""
    place = f"/{field}"
    return all(f"{op['path']}/".startswith(f"{place}/") for op in diff)
