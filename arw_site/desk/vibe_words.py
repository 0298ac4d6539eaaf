"""What each chart shows, in a sentence: for who does not see it, and for who has no time."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from arw_site.desk.visible_text import visible
from arw_site.desk.written_numbers import places, signed_places
from personas.documents.context_bias import ContextBias
from telemetry.charts.intervals import DAY, HOUR, MINUTE, Band, Signal, Timeline

STEADY = 0.05


def signal_words(signal: str) -> str:
    """A signal of feedback as a person reads it: ``misaligned: cites sources``.

    ``lane-:episodic`` stays as it is: its sign is what it says.
    """
    named = signal if "-:" in signal or "+:" in signal else signal.replace(":", ": ")
    return visible(named.replace("_", " "))


def step_words(step: int) -> str:
    """``by the minute``, ``in steps of 6 hours``."""
    if step == MINUTE:
        return _("by the minute")
    if step == HOUR:
        return _("by the hour")
    if step == DAY:
        return _("by the day")
    if step < HOUR:
        minutes = step // MINUTE
        return ngettext("in steps of %(n)d minute", "in steps of %(n)d minutes", minutes) % {
            "n": minutes
        }
    hours = step // HOUR
    return ngettext("in steps of %(n)d hour", "in steps of %(n)d hours", hours) % {"n": hours}


def strength_summary(signals: Sequence[Signal]) -> str:
    """Which signal came the most often, and which was the strongest."""
    named = [one for one in signals if one.name is not None and one.mean is not None]
    if not named:
        return _("No sample carries a strength.")
    first = named[0]
    strongest = max(named, key=lambda one: (one.mean or 0, one.count))
    said = ngettext(
        "Most often “%(signal)s”: %(n)d sample, %(mean)s on average.",
        "Most often “%(signal)s”: %(n)d samples, %(mean)s on average.",
        first.count,
    ) % {"signal": signal_words(first.name or ""), "n": first.count, "mean": _two(first.mean)}
    if strongest is first:
        return f"{said} {_('It is the strongest, too.')}" if len(named) > 1 else said
    most = _("The strongest is “%(signal)s” at %(mean)s.")
    words = {"signal": signal_words(strongest.name or ""), "mean": _two(strongest.mean)}
    return f"{said} {most % words}"


def band_summary(bands: Sequence[Band]) -> str:
    """Where the strengths lie, and where their mean went."""
    if not bands:
        return _("No sample carries a strength.")
    low, high = min(one.lowest for one in bands), max(one.highest for one in bands)
    said = _("All strengths lie between %(low)s and %(high)s.") % {
        "low": _two(low),
        "high": _two(high),
    }
    first, last = bands[0].mean, bands[-1].mean
    if len(bands) == 1:
        return said
    if abs(last - first) < STEADY:
        return f"{said} {_('The mean stayed about %(mean)s.') % {'mean': _two(last)}}"
    went = (
        _("The mean rose from %(first)s to %(last)s.")
        if last > first
        else _("The mean fell from %(first)s to %(last)s.")
    )
    return f"{said} {went % {'first': _two(first), 'last': _two(last)}}"


def volume_summary(line: Timeline) -> str:
    """How much there is, and when the most came in."""
    busiest = max(line.intervals, key=lambda one: (one.count, one.start))
    said = ngettext("%(n)d sample is kept.", "%(n)d samples are kept.", line.total) % {
        "n": line.total
    }
    most = ngettext(
        "The most in one step: %(n)d, from %(when)s UTC.",
        "The most in one step: %(n)d, from %(when)s UTC.",
        busiest.count,
    )
    when = date_format(busiest.start, _("M j, H:i"))
    return f"{said} {most % {'n': busiest.count, 'when': when}}"


def bias_summary(bias: ContextBias) -> str:
    """Where the persona leans to, and what it leans away from."""
    lanes = bias.lane_priorities
    parts = []
    towards = max(lanes, key=lambda lane: lanes[lane], default="")
    away = min(lanes, key=lambda lane: lanes[lane], default="")
    if towards and lanes[towards] > 0:
        amount = {"lane": _lane(towards), "value": _leaning(lanes[towards])}
        parts.append(_("Leans the most towards %(lane)s (%(value)s).") % amount)
    if away and lanes[away] < 0:
        amount = {"lane": _lane(away), "value": _leaning(lanes[away])}
        parts.append(_("Leans the most away from %(lane)s (%(value)s).") % amount)
    if bias.slot_overrides:
        slots = len(bias.slot_overrides)
        kept = ngettext("%(n)d slot has a minimum.", "%(n)d slots have a minimum.", slots)
        parts.append(kept % {"n": slots})
    return " ".join(parts) or _("It leans in no direction.")


def _lane(lane: str) -> str:
    return _("all lanes") if lane == "*" else lane


def _leaning(value: float) -> str:
    return signed_places(value, minus="−", zero="")


def _two(value: float | None) -> str:
    return places(value or 0.0)
