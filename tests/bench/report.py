"""What a bench found: rows of figures beside their bars, shown at once and kept in docs/.

A wrong answer fails a bench; a bar that is missed is shown as missed and fails nothing, since the
machine may have been busy.
"""

from __future__ import annotations

import math
import os
import platform
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.report_files import DOCS, keep
from tests.bench.report_page import shown_figure

BUSY_SECS = 0.5


def busy_share() -> float:
    """What share of all cores worked a moment ago, when no bench did."""
    before = _ticks()
    time.sleep(BUSY_SECS)
    work, whole = (after - then for after, then in zip(_ticks(), before, strict=True))
    return work / whole if whole else float("nan")


def _ticks() -> tuple[float, float]:
    """Of all cores since the start of the machine: working, and in all. Zeros beside Linux."""
    file = Path("/proc/stat")
    if not file.exists():
        return 0, 0
    ticks = [int(one) for one in file.read_text().splitlines()[0].split()[1:9]]
    idle = ticks[3] + ticks[4]
    return sum(ticks) - idle, sum(ticks)


@dataclass(frozen=True)
class Row:
    """One figure. ``bar`` is the least that it may be or, with ``most``, the most."""

    what: str
    figure: float
    unit: str = ""
    bar: float | None = None
    most: bool = False
    note: str = ""
    headline: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; None where there is none."""
        if self.bar is None:
            return None
        # What could not be measured meets nothing: NaN compares as false.
        return self.figure <= self.bar if self.most else self.figure >= self.bar

    def facts(self) -> dict[str, Any]:
        """As JSON has it."""
        figure = float(f"{self.figure:.5g}") if math.isfinite(self.figure) else None
        return {
            "what": self.what,
            "figure": figure,
            "unit": self.unit,
            "bar": self.bar,
            "bar_is": None if self.bar is None else "most" if self.most else "least",
            "met": self.met,
            "note": self.note,
            "headline": self.headline,
        }


@dataclass
class Report:
    """The section of one bench. ``how`` says in a sentence or two what was done, for its readers."""

    key: str
    title: str
    command: str
    how: str
    kept: bool = True
    docs: Path = DOCS
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    busy: float = field(default_factory=busy_share)
    rows: list[Row] = field(default_factory=list)
    wrong_answers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        say(f"-- {self.title}")

    def row(
        self,
        what: str,
        figure: float,
        unit: str = "",
        *,
        least: float | None = None,
        most: float | None = None,
        note: str = "",
        headline: bool = False,
    ) -> Row:
        """Show a figure, and remember it. ``least`` or ``most`` is its bar, if it has one.

        A ``headline`` is repeated in docs/scaling.md.
        """
        bar = least if most is None else most
        one = Row(what, figure, unit, bar, most is not None, note, headline)
        self.rows.append(one)
        say(line_of(one))
        return one

    def wrong(self, what: str) -> None:
        """An answer that the workload did not ask for, an event lost, a server that broke."""
        self.wrong_answers.append(what)
        say(f"  WRONG {what}")

    def none_wrong(self, what: str, count: float) -> None:
        """A row that says how many answers were wrong; more than none fails the bench."""
        self.row(what, count, most=0)
        if count:
            self.wrong(f"{what}: {count:,.0f}")

    def close(self) -> int:
        """Write the section where it is to be kept. The exit code: 1 where an answer was wrong."""
        judged = [one for one in self.rows if one.met is not None]
        if judged:
            say(f"  {sum(one.met is True for one in judged)} of {len(judged)} bars met")
        if self.kept:
            keep(self.key, self.facts(), self.docs)
        return 1 if self.wrong_answers else 0

    def facts(self) -> dict[str, Any]:
        """As JSON has it; `report_page.page` makes Markdown of it."""
        return {
            "title": self.title,
            "how": self.how,
            "command": self.command,
            **machine(),
            "busy_before": round(self.busy, 2) if math.isfinite(self.busy) else None,
            "began": f"{self.began:%Y-%m-%dT%H:%M:%SZ}",
            "seconds": round((datetime.now(UTC) - self.began).total_seconds()),
            "wrong": self.wrong_answers,
            "rows": [one.facts() for one in self.rows],
        }


def machine() -> Mapping[str, Any]:
    """What the figures depend on, and nothing that names the machine."""
    return {
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def line_of(one: Row) -> str:
    """A row for the terminal."""
    shown = f"{shown_figure(one.figure)} {one.unit}".strip()
    bar = ""
    if one.bar is not None:
        sign = "<=" if one.most else ">="
        bar = f"  ({sign} {shown_figure(one.bar)})  {'ok' if one.met else 'MISSED'}"
    return f"  {one.what:58} {shown:>20}{bar}{f'  {one.note}' if one.note else ''}"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
