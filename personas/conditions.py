"""What else must hold when a proposal is applied, judged by the apps above.

An app adds its conditions when it starts (``AppConfig.ready``). They are asked when the review
page is made, so that the button is off with the reason beside it, and again when an approval is
given, in its transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from leases.errors import DomainError
from personas.documents.canonical import Json
from personas.models import Proposal

Condition = Callable[[Proposal, Json, Json, datetime], DomainError | None]
"""Takes the proposal, the document before and after, and now; answers with what is in the way."""

_conditions: dict[str, Condition] = {}


def add_condition(name: str, condition: Condition) -> None:
    """Have ``condition`` asked from now on; another one of that name is replaced."""
    _conditions[name] = condition


def unmet_condition(
    proposal: Proposal, before: Json, after: Json, now: datetime
) -> DomainError | None:
    """The first thing that is in the way of applying the proposal, or None."""
    found = (condition(proposal, before, after, now) for condition in _conditions.values())
    return next((error for error in found if error is not None), None)
