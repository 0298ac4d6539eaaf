"""Where the server keeps its state. Imports no Django: it runs before the settings exist."""

from __future__ import annotations

import os
from pathlib import Path


def default_state_dir() -> Path:
    """``arw-personas`` in the user's data home, as the XDG base directories have it."""
    home = os.environ.get("XDG_DATA_HOME", "")
    base = Path(home) if home.startswith("/") else Path.home() / ".local" / "share"
    return base / "arw-personas"
