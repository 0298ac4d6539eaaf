"""What all events have in common (contract §8). Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Event:
    """What all events have in common: a topic, and the pseudonym of who caused it."""

    topic: ClassVar[str] = ""
    schema_version: ClassVar[int] = 1
    # Prefixes that match one of these select the event too: names from other documents.
    aliases: ClassVar[tuple[str, ...]] = ()

    actor: str

    def payload(self) -> dict[str, Any]:
        """The members as JSON."""
        return asdict(self)
