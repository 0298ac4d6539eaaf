"""What a kind of action is made of, and what a handler is given and gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from leases.capabilities import Action
from leases.errors import InvalidInput
from leases.models import ApiToken, User
from leases.roles import Right
from telemetry.errors import InvalidAction

Schema: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One request: on whose behalf, with what input, at what instant.

    ``token`` is the one that was presented, for what judges it again. ``seen`` is what the kind's
    ``look`` gave.
    """

    actor: User
    input: Mapping[str, Any]
    now: datetime
    token: ApiToken | None = None
    seen: Any = None

    def text(self, name: str) -> str | None:
        """That member where it is a string, for what is judged before the input is checked."""
        value = self.input.get(name)
        return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it. ``kept`` is remembered: ids and counts, no content.

    ``shown`` is in this answer alone.
    """

    kept: dict[str, Any]
    shown: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of action.

    ``right`` is what the role must carry, ``action`` what policy or a lease must allow besides.
    ``admit`` judges what is judged before an input is looked at, in contract §2's order: the
    input is as it was sent. ``run`` does it, with an input that fits the schema, inside a
    transaction; ``look`` reads what takes long before it, and ``run`` raises ``SuggestionMoved``
    where that is no longer so. ``again`` finds what a repeat shows, where that is more than what is kept.
    ``refusal`` is what an input is refused with that does not fit, and ``place`` where in the
    action's body the body of the other door is found.
    """

    name: str
    summary: str
    right: Right
    input: Schema
    output: Schema
    admit: Callable[[Call], None]
    run: Callable[[Call], Done]
    action: Action | None = None
    look: Callable[[Call], Any] | None = None
    again: Callable[[Call, Mapping[str, Any]], dict[str, Any]] | None = None
    refusal: type[InvalidInput] = InvalidAction
    place: str = "/input"
