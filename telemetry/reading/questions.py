"""What is asked of a reader, and what it answers."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple, TypeAlias

from telemetry.ingestion.claims import Claim


class Kind(Enum):
    """The reads: of one persona by the last part of their paths, and of all."""

    LIST = "list"
    DETAIL = "detail"
    METRICS = "vibe_metrics"
    HISTORY = "vibe_history"

    # Members are compared by identity; the hash of Enum is a call in Python.
    __hash__ = object.__hash__


class Question(NamedTuple):
    """One request. ``limit`` None is the default; a list is about no persona."""

    claim: Claim
    kind: Kind
    persona_id: str = ""
    limit: int | None = None


class Shown(NamedTuple):
    """The body of a 200, and its ETag where it has one."""

    body: bytes
    etag: bytes | None


Answer: TypeAlias = Shown | None
"""None: this is not to be shown, and Django is to say why."""
