"""A persona by itself, as the API shows it now (contract §3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from personas.api.serializers.proposals import ProposalOut
from personas.api.serializers.records import PersonaOut
from personas.models import Persona, Proposal

LINKED = ("history", "vibe_history", "vibe_metrics", "vibe_aggregates")


def record_shown(persona: Persona, pending: Sequence[Proposal], now: datetime) -> dict[str, Any]:
    """The record, its ``pending`` proposals, and where to read on; nothing that depends on who reads.

    Changes only with the record's version and with those proposals.
    """
    shown = ProposalOut(context={"now": now})
    return {
        **PersonaOut().to_representation(persona),
        "pending_proposals": [shown.to_representation(one) for one in pending],
        "approvals_required": bool(pending),
        "links": {name: f"/state/persona/{persona.id}/{name}" for name in LINKED},
    }
