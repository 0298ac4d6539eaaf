"""Drawings of aggregates: a band around a mean, and pulls from a middle."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from arw_site.desk.aggregate_words import AxisRow, Panel, Sentiment, panel_of
from telemetry.aggregates.reading import Summed

register = template.Library()

_FRAME = (
    '<svg class="{}" viewBox="0 0 200 16" preserveAspectRatio="none" role="img" aria-label="{}"'
    ' focusable="false"><rect class="gauge-track" x="0" y="5" width="200" height="6" rx="3"/>{}'
    '<rect class="gauge-zero" x="99.5" y="0" width="1" height="16"/>{}</svg>'
)


@register.filter
def as_panel(sums: Summed) -> Panel:
    """A persona's sums as they are shown."""
    return panel_of(sums)


@register.simple_tag
def sentiment_band(sentiment: Sentiment) -> SafeString:
    """The band from -1 to 1, and the mean in it."""
    left, right = _place(sentiment.low), _place(sentiment.high)
    band = _rect("gauge-band", left, max(right - left, 2), 3, 10)
    return _drawn("gauge gauge-sentiment", sentiment.described, band, sentiment.mean)


@register.simple_tag
def pull_bar(axis: AxisRow) -> SafeString:
    """Both pulls from the middle, as far as people pull, and the balance of the two."""
    reach_low, reach_high = axis.against * 100, axis.for_ * 100
    pulls = format_html(
        "{}{}",
        _rect("gauge-low", 100 - reach_low, reach_low, 3, 10),
        _rect("gauge-high", 100, reach_high, 3, 10),
    )
    return _drawn("gauge gauge-axis", axis.described, pulls, axis.balance)


def _drawn(kind: str, described: str, inside: SafeString, mark: float) -> SafeString:
    pin = _rect("gauge-mark", min(max(_place(mark) - 1.5, 0), 197), 3, 0, 16)
    return format_html(_FRAME, kind, described, inside, pin)


def _rect(kind: str, x: float, width: float, y: int, height: int) -> SafeString:
    return format_html(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>',
        kind, format(x, ".2f"), y, format(width, ".2f"), height,
    )  # fmt: skip


def _place(value: float) -> float:
    return 100 + value * 100
