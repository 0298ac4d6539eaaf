"""The aggregates as members of an answer, the same through either door (contract §7). Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from telemetry.aggregates.hearing import Heard
from telemetry.aggregates.measures import Aggregates, aggregated
from telemetry.aggregates.reconciling import Reconciled, reconciled


def members_of(aggregates: Aggregates, votes: Reconciled) -> dict[str, Any]:
    """The five of the RFC, then the axes and what they were taken from."""
    return {
        **aggregates.as_dict(),
        "axes": [one.as_dict() for one in votes.axes],
        "axes_more": votes.more,
        "disagreement": votes.disagreement,
        "people": aggregates.people,
    }


def members(heard: Collection[Heard]) -> dict[str, Any]:
    """The same from the samples that are kept."""
    return members_of(aggregated(heard), reconciled(heard))
