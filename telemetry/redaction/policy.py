"""What the sanitizer may keep, and what it reports (spec 002 "Data minimization and secret safety")."""

from dataclasses import dataclass
from typing import Any, Final

REDACTED: Final = "[redacted]"
TRUNCATED: Final = "...[truncated]"


@dataclass(frozen=True, slots=True)
class Policy:
    """Bounds of one use of the sanitizer. Lengths are in characters.

    `max_string`: longer strings are cut to this length and end in `...[truncated]`; None cuts at
    `max_scan` only. `max_scan`: no more than this is searched in one string, and nothing that was
    not searched is kept. `max_total`: the same for all strings of one value together.
    `max_depth`: containers nested deeper are replaced by `...[truncated]`. `max_items`: values in
    all containers together; the rest is dropped and counted.
    `keep_layout`: line breaks and tabs stay (else each becomes a space).
    """

    max_string: int | None = 200
    max_scan: int = 4_096
    max_total: int = 32_768
    max_depth: int = 16
    max_items: int = 2_000
    keep_layout: bool = False


@dataclass(frozen=True, slots=True)
class Sanitized:
    """A value that is safe to store, and how many fields were redacted and truncated."""

    value: Any
    redacted: int = 0
    truncated: int = 0


EVENT_POLICY: Final = Policy()
"""The event log's: 200 characters a string (spec 002)."""

NOTE_POLICY: Final = Policy(max_string=None, max_scan=9_216, keep_layout=True)
"""Feedback notes and metadata: whole as accepted (contract section 7), with their line breaks."""
