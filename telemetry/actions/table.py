"""Every kind of action by name: the table behind ``POST /actions`` and ``GET /api/actions``."""

from __future__ import annotations

from typing import Final

from telemetry.actions.journal_kinds import JOURNAL_KINDS
from telemetry.actions.kind import Kind
from telemetry.actions.memory_kinds import MEMORY_KINDS
from telemetry.actions.persona_kinds import PERSONA_KINDS
from telemetry.actions.self_model_kinds import SELF_MODEL_KINDS
from telemetry.actions.worldview_kinds import WORLDVIEW_KINDS

KINDS: Final[dict[str, Kind]] = {
    kind.name: kind
    for kind in (
        *PERSONA_KINDS,
        *MEMORY_KINDS,
        *SELF_MODEL_KINDS,
        *JOURNAL_KINDS,
        *WORLDVIEW_KINDS,
    )
}
