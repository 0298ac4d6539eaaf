"""XP and streaks, which the scoring part of a runner keeps in `state/score_state.json`."""

import json
import os
from pathlib import Path

from telemetry.eventlog.errors import EventLogError
from telemetry.eventlog.paths import Folder

_NAMES = ("daily_streak", "weekly_streak", "total_xp")
_LARGEST = 16 << 20


def score_state(file: Path) -> dict[str, int]:
    """`{daily_streak, weekly_streak, total_xp}`; zeros where the file is missing or makes no sense."""
    try:
        with Folder.open(file.parent) as folder:
            descriptor = folder.open_file(file.name, os.O_RDONLY)
            with os.fdopen(descriptor, "rb") as stream:
                state = json.loads(stream.read(_LARGEST))
    except (OSError, EventLogError, ValueError, RecursionError):
        state = {}
    found = state if isinstance(state, dict) else {}
    return {name: _whole(found.get(name)) for name in _NAMES}


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
