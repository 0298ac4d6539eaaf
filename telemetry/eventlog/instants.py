"""Instants and ranges of the event log: RFC 3339 in UTC with whole seconds (spec 002)."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from telemetry.eventlog.errors import RangeInvalid

_RANGE = re.compile(r"([0-9]{1,9})([dh])", re.ASCII)


def format_instant(at: datetime) -> str:
    """`2026-02-14T12:00:00Z`; fractions of a second are cut."""
    at = at.astimezone(UTC)
    return f"{at.year:04}-{at.month:02}-{at.day:02}T{at.hour:02}:{at.minute:02}:{at.second:02}Z"


def parse_instant(text: Any) -> datetime | None:
    """The aware instant of a row's `ts`, or None. Without an offset it is UTC."""
    if not isinstance(text, str) or not 8 <= len(text) <= 40:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def parse_range(text: str) -> timedelta:
    """`7d` or `24h` as a duration. Raises RangeInvalid (spec 002 "Range format")."""
    match = _RANGE.fullmatch(text)
    number = int(match[1]) if match else 0
    if match is None or number == 0:
        raise RangeInvalid(f"{text[:40]!r} is no range; write 7d or 24h")
    try:
        return timedelta(days=number) if match[2] == "d" else timedelta(hours=number)
    except OverflowError:
        raise RangeInvalid(f"{text[:40]!r} is longer than any log") from None


def window_start(now: datetime, length: timedelta) -> datetime:
    """Where a window of this length begins; the earliest instant there is if it would be before."""
    try:
        return now - length
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)
