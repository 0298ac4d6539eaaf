"""What admins see of the server's log: figures and a verdict, never a row (contract §9)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from telemetry.audit import writing
from telemetry.eventlog.counting import event_count
from telemetry.eventlog.errors import EventLogError
from telemetry.eventlog.paths import Folder, home_from_environment
from telemetry.eventlog.segments import opened_files
from telemetry.eventlog.verify import Verdict, verify

VERIFIED_AT_ONCE: Final = 16 << 20
"""Bytes that are proved while the page is made, in about a tenth of a second."""
RANGES: Final[tuple[tuple[str, str | Promise], ...]] = (
    ("24h", _("24 hours")),
    ("7d", _("7 days")),
    ("30d", _("30 days")),
    ("90d", _("90 days")),
)
DEFAULT_RANGE: Final = "7d"
REASONS: Final[dict[str, str | Promise]] = {
    "tail_cut": _("The end of the log is missing."),
    "prev_hash_mismatch": _("A row does not follow the one before it."),
    "event_hash_mismatch": _("A row is not what was written."),
}


@dataclass(frozen=True, slots=True)
class LogState:
    """``events`` and ``bytes`` of all files together; the live file's place below its home."""

    place: str
    files: int
    events: int
    bytes: int


def page_context(*, prove: bool) -> dict[str, Any]:
    """State, verdict and figures; ``prove`` asks for the proof of a log of any size."""
    context: dict[str, Any] = {
        "is_on": settings.ARW_EVENT_LOG,
        "progress": writing.progress(),
        "ranges": RANGES,
        "default_range": DEFAULT_RANGE,
    }
    home = home_from_environment()
    try:
        state = log_state()
        verdict = verify(home) if prove or state.bytes <= VERIFIED_AT_ONCE else None
    except (EventLogError, OSError):
        # The message names folders of this machine: it belongs on a terminal.
        return {**context, "is_unreadable": True}
    return {**context, "state": state, "verdict": verdict, "reason": _reason(verdict)}


def log_state() -> LogState:
    """How large the log is; zeros where there is none yet. Raises EventLogError, OSError."""
    home = home_from_environment()
    place = home.log.relative_to(home.root).as_posix()
    try:
        folder = Folder.open(home.folder)
    except FileNotFoundError:
        return LogState(place, 0, 0, 0)
    with folder, opened_files(folder) as files:
        size = sum(os.fstat(descriptor).st_size for _name, descriptor in files)
        return LogState(place, len(files), event_count(folder), size)


def export_name(range_text: str, now: datetime) -> str:
    """The file name of a downloaded summary."""
    return f"event-log-{range_text}-{now:%Y%m%d}.json"


def _reason(verdict: Verdict | None) -> str | Promise:
    if verdict is None or verdict.reason is None:
        return ""
    return REASONS.get(verdict.reason, _("A row cannot be read."))
