"""The demo's personas and proposals, written for it: one persona for each kind of owner. Pure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
OWNER_KINDS = ("workspace", "project", "agent")


def demo_records() -> list[dict[str, Any]]:
    """The whole documents of the demo's personas (contract §3)."""
    return [_read(f"{kind}.json") for kind in OWNER_KINDS]


def demo_proposals() -> list[dict[str, Any]]:
    """What alice proposes: ``{persona, rationale, diff}``, the first to be decided first."""
    return list(_read("proposals.json"))


def _read(name: str) -> Any:
    return json.loads((_FOLDER / name).read_text(encoding="utf-8"))
