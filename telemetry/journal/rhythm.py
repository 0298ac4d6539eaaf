"""When a prompt is due, and which one it is (contract §10). Pure.

A rhythm is ``off``, ``daily`` or ``weekly``. Days are those of UTC, weeks those of ISO 8601. Each
period asks one prompt: every persona goes through the prompts of its rhythm in one order from a
place of its own, so that none comes back before all others were asked.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zlib import crc32

OFF: Final = "off"
DAILY: Final = "daily"
WEEKLY: Final = "weekly"
CADENCES: Final = (OFF, DAILY, WEEKLY)

DAILY_PROMPTS: Final = (
    "daily.helped",
    "daily.friction",
    "daily.tone",
    "daily.surprise",
    "daily.missing",
    "daily.checked",
    "daily.pace",
    "daily.thanks",
    "daily.differently",
)
WEEKLY_PROMPTS: Final = (
    "weekly.pattern",
    "weekly.belief",
    "weekly.left_out",
    "weekly.boundary",
    "weekly.sure",
    "weekly.learned",
    "weekly.colleague",
    "weekly.keep",
)
PROMPTS: Final = (*DAILY_PROMPTS, *WEEKLY_PROMPTS)


@dataclass(frozen=True, slots=True)
class Period:
    """One day or one week. ``key`` names it; it begins at ``starts`` and ends before ``ends``."""

    key: str
    starts: datetime
    ends: datetime


def period_of(cadence: str, now: datetime) -> Period:
    """The period that ``now`` lies in.

    Where nobody is asked, a reflection still counts for a day.
    """
    today = now.astimezone(UTC).date()
    if cadence != WEEKLY:
        return Period(today.isoformat(), _midnight(today), _midnight(today + timedelta(days=1)))
    year, week, weekday = today.isocalendar()
    monday = today - timedelta(days=weekday - 1)
    key = f"{year:04}-W{week:02}"
    return Period(key, _midnight(monday), _midnight(monday + timedelta(days=7)))


def due_period(cadence: str, answered: Container[str], now: datetime) -> Period | None:
    """The period whose prompt waits for an answer; ``answered`` are the keys of those that have one."""
    period = period_of(cadence, now)
    return None if cadence == OFF or period.key in answered else period


def next_due(cadence: str, answered: Container[str], now: datetime) -> datetime | None:
    """From when on a prompt waits: the start of this period or of the next; None for never."""
    if cadence == OFF:
        return None
    period = period_of(cadence, now)
    return period.ends if period.key in answered else period.starts


def prompts_of(cadence: str) -> tuple[str, ...]:
    """The names of the prompts that a rhythm goes through."""
    return WEEKLY_PROMPTS if cadence == WEEKLY else DAILY_PROMPTS


def prompt_of(cadence: str, persona_id: str, now: datetime) -> str:
    """The name of the prompt that the persona's period at ``now`` asks, for everybody the same."""
    day = period_of(cadence, now).starts.date().toordinal()
    # Day 1 of the calendar was a Monday.
    turn = (day - 1) // 7 if cadence == WEEKLY else day
    prompts = prompts_of(cadence)
    return prompts[(turn + crc32(persona_id.encode())) % len(prompts)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
