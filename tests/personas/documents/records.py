"""A persona document for the tests, and one place to vary it."""

from __future__ import annotations

import copy
from typing import Any

RECORD: dict[str, Any] = {
    "id": "persona.alpha",
    "owner_kind": "workspace",
    "owner_ref": "studio",
    "name": "Ada",
    "archetype": "researcher",
    "traits": {"tone": "warm", "tags": ["curious", "patient"]},
    "preferences": {"cite_sources": True},
    "worldview": {"beliefs": [{"id": "b1", "text": "Sources matter."}]},
    "vibe_profile": {},
    "calibration": {"confidence": 0.6},
}


def record(**fields: Any) -> dict[str, Any]:
    """A fresh document with ``fields`` in place of its own."""
    return {**copy.deepcopy(RECORD), **fields}
