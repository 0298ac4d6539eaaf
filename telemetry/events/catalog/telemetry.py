"""Consent and feedback (contract §7, §8). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telemetry.events.catalog.event import Event


@dataclass(frozen=True, slots=True)
class TelemetryUpdated(Event):
    """Consent to vibe telemetry was given, withdrawn, or moved to another scope."""

    topic = "persona.telemetry.updated"

    persona_id: str
    enabled: bool
    scope: str


@dataclass(frozen=True, slots=True)
class Feedback(Event):
    """A feedback sample was stored, as it was stored: sanitized.

    Sent only to readers who may read the persona's telemetry at the moment of delivery. The
    prefix ``persona.vibe.feedback`` selects it too.
    """

    topic = "persona.feedback"
    aliases = ("persona.vibe.feedback",)

    persona_id: str
    kind: str | None
    signal: str
    strength: float | None
    note: str | None
    metadata: dict[str, Any] | None
