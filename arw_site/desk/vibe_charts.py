"""The charts of a persona page: each a table, and the same numbers drawn by ``charts.js``.

The drawing takes its numbers and its words from the table, so that the two always agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from arw_site.desk.vibe_words import (
    band_summary,
    bias_summary,
    signal_words,
    step_words,
    strength_summary,
    volume_summary,
)
from arw_site.desk.written_numbers import places, signed_places
from personas.documents.context_bias import ContextBias
from telemetry.charts.intervals import Interval, Signal, Timeline
from telemetry.charts.reading import Charts


@dataclass(frozen=True, slots=True)
class Cell:
    """What is read, and the number that is drawn; ``value`` is empty where nothing is."""

    text: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """``start`` where the row is an interval of time, else ``label``."""

    cells: tuple[Cell, ...]
    start: datetime | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """``series`` numbers the line that is drawn of it, from 1; 0 is not drawn."""

    label: str
    series: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """``kind`` tells the script how to draw: lines, band, bars, or leanings."""

    name: str
    kind: str
    title: str
    caption: str
    summary: str
    head: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    step: int = 0


def charts_context(charts: Charts | None) -> list[Chart]:
    """The charts to show: none without a right to read, nor before there is anything to draw."""
    if charts is None:
        return []
    over_time = charts.timeline
    drawn = [_strength(over_time), _band(over_time), _volume(over_time)] if over_time.total else []
    bias = _bias(charts.bias)
    return [*drawn, *([bias] if bias.rows else [])]


def _strength(line: Timeline) -> Chart:
    shown = [at for at, signal in enumerate(line.signals) if signal.mean is not None]
    signals = [line.signals[at] for at in shown]
    columns = tuple(
        Column(_signal_label(signal), number, _counted(signal.count))
        for number, signal in enumerate(signals, start=1)
    )
    rows = tuple(
        Row(tuple(_number(one.strengths[at]) for at in shown), one.start)
        for one in line.intervals
        if one.band
    )
    return Chart(
        "strength",
        "lines",
        _("Vibe strength by signal"),
        _("The mean strength of each signal, from 0 to 1, %(step)s.") % _step(line),
        strength_summary(signals),
        _("From (UTC)"),
        columns,
        rows,
        line.step,
    )


def _band(line: Timeline) -> Chart:
    banded = [(one, one.band) for one in line.intervals if one.band]
    # The mean comes last, so that it is drawn above the band.
    columns = (Column(_("Lowest"), 1), Column(_("Highest"), 2), Column(_("Mean"), 3))
    rows = tuple(
        Row((_number(band.lowest), _number(band.highest), _number(band.mean)), one.start)
        for one, band in banded
    )
    return Chart(
        "band",
        "band",
        _("Sentiment band"),
        _("The weakest, the mean and the strongest feedback of any signal, %(step)s.")
        % _step(line),
        band_summary([band for _one, band in banded]),
        _("From (UTC)"),
        columns,
        rows,
        line.step,
    )


def _volume(line: Timeline) -> Chart:
    rows = tuple(
        Row((Cell(str(count), str(count)),), start)
        for start, count in _counts(line.intervals, line.step)
    )
    return Chart(
        "volume",
        "bars",
        _("Feedback volume"),
        _("Samples that are kept, %(step)s.") % _step(line),
        volume_summary(line),
        _("From (UTC)"),
        (Column(_("Samples"), 1),),
        rows,
        line.step,
    )


def _counts(intervals: Sequence[Interval], step: int) -> list[tuple[datetime, int]]:
    """Every interval from the first to the last, those without feedback with a zero."""
    known = {one.start: one.count for one in intervals}
    start, last = min(known), max(known)
    counts = []
    while start <= last:
        counts.append((start, known.get(start, 0)))
        start += timedelta(seconds=step)
    return counts


def _bias(bias: ContextBias) -> Chart:
    lanes = bias.lane_priorities.items()
    rows = [
        Row((_leaning(value), Cell(_("lane"))), label=_lane_label(lane)) for lane, value in lanes
    ]
    if bias.min_score_delta:
        score = Row(
            (_leaning(bias.min_score_delta), Cell(_("lowest score"))), label=_("lowest score")
        )
        rows.append(score)
    rows += [
        Row((Cell(_("at least %(n)d") % {"n": least}), Cell(_("slot"))), label=slot)
        for slot, least in bias.slot_overrides.items()
    ]
    return Chart(
        "bias",
        "leanings",
        _("Context bias"),
        _("How preferences and feedback lean what an agent is given to read, from −1 to 1."),
        bias_summary(bias),
        _("Leaning"),
        (Column(_("Amount"), 1), Column(_("Kind"))),
        tuple(rows),
    )


def _signal_label(signal: Signal) -> str:
    return _("all others") if signal.name is None else signal_words(signal.name)


def _lane_label(lane: str) -> str:
    return _("all lanes") if lane == "*" else lane


def _counted(count: int) -> str:
    return ngettext("%(n)d sample", "%(n)d samples", count) % {"n": count}


def _step(line: Timeline) -> dict[str, Any]:
    return {"step": step_words(line.step)}


def _number(value: float | None) -> Cell:
    return Cell("") if value is None else Cell(places(value), repr(value))


def _leaning(value: float) -> Cell:
    return Cell(signed_places(value, minus="−", zero=""), repr(value))
