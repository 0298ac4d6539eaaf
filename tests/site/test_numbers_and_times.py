"""Numbers and times as people write them in their language, and as machines read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from arw_site.desk.vibe_charts import Chart, charts_context
from arw_site.desk.written_numbers import places, signed_places
from leases.relative_time import relative, time_element
from personas.documents.context_bias import ContextBias
from telemetry.aggregates.reading import summed
from telemetry.charts.intervals import Point, timeline
from telemetry.charts.reading import Charts
from telemetry.metrics.summary import Snapshot

NONE_YET = Snapshot(0, {}, {}, {}, None, None, None, None)
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def drawn(source: str, **values: object) -> str:
    return Template("{% load i18n desk %}" + source).render(Context(values))


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "12,345"), ("de", "12.345"), ("fr", "12\xa0345")]
)
def test_it_groups_counts_as_the_language_does(language: str, shown: str) -> None:
    with translation.override(language):
        assert drawn("{{ n|grouped }}", n=12345) == shown
        assert drawn("{{ n|grouped }}", n=7) == "7"


@pytest.mark.parametrize(
    ("number", "shown"), [(0.2, "+0,20"), (-0.268, "−0,27"), (0.0, "+0,00"), (-1.0, "−1,00")]
)
def test_it_writes_leanings_as_the_language_does(number: float, shown: str) -> None:
    with translation.override("de"):
        assert drawn("{{ n|signed }}", n=number) == shown
    assert drawn("{{ n|signed }}", n=number) == f"{number:+.2f}".replace("-", "−")


@pytest.mark.parametrize("language", ["en", "de", "he"])
def test_it_writes_numbers_into_markup_for_machines(language: str) -> None:
    part = '{% include "desk/parts/meter.html" with label="Sure" value=v high=2500 text="x" %}'
    with translation.override(language):
        assert 'min="0" max="2500" value="0.25"' in drawn(part, v=0.25)


@pytest.mark.parametrize(
    ("signal", "shown"),
    [
        ("warmer", "warmer"),
        ("more_formal", "more formal"),
        ("misaligned:cites_sources", "misaligned: cites sources"),
        ("lane-:episodic", "lane-:episodic"),
        ("<b>\u202ewarm", "&lt;b&gt;‹U+202E›warm"),
    ],
)
def test_it_writes_signals_as_people_read_them(signal: str, shown: str) -> None:
    assert drawn("{{ s|signal_words }}", s=signal) == shown


@pytest.mark.parametrize(
    ("left", "is_long"),
    [
        (timedelta(hours=1, seconds=30), True),
        (timedelta(days=3), True),
        (timedelta(minutes=59), False),
        (-timedelta(minutes=1), False),
    ],
)
def test_it_keeps_room_for_hours_only_where_there_are_some(left: timedelta, is_long: bool) -> None:
    clock = drawn("{% load lease_time %}{% countdown until %}", until=timezone.now() + left)
    assert ("countdown is-long" in clock) == is_long


@pytest.mark.parametrize("language", ["en", "de", "he"])
def test_it_keeps_the_exact_instant_in_every_language(language: str) -> None:
    with translation.override(language):
        element = time_element(NOON - timedelta(minutes=3), NOON)
    assert 'datetime="2026-01-31T11:57:00.000Z"' in element
    assert 'title="2026-01-31 11:57:00 UTC"' in element


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(seconds=9), "just now"),
        (timedelta(seconds=-30), "30 seconds ago"),
        (timedelta(minutes=-1), "1 minute ago"),
        (timedelta(hours=5), "in 5 hours"),
        (timedelta(days=-1), "24 hours ago"),
        (timedelta(days=7), "in 7 days"),
    ],
)
def test_it_says_how_long_ago_and_how_soon(away: timedelta, words: str) -> None:
    assert relative(NOON + away, NOON) == words


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    "number", [0.125, 0.145, 0.669, 0.994, 0.995, 1e-7, 0, -0.125, -0.145, 12.5]
)
def test_it_rounds_as_the_templates_do(number: float, language: str) -> None:
    with translation.override(language):
        assert places(number) == drawn("{{ n|floatformat:2 }}", n=number)


def test_it_writes_no_sign_before_what_is_written_as_zero() -> None:
    assert [places(value) for value in (-0.004, 0.004, -0.005)] == ["0.00", "0.00", "-0.01"]
    signs = [signed_places(value, minus="−", zero="") for value in (-0.004, 0.004, -0.005, 0.005)]
    assert signs == ["0.00", "0.00", "−0.01", "+0.01"]
    assert drawn("{{ n|signed }}", n=-0.004) == "+0.00"


def test_it_says_of_a_chart_what_its_table_says() -> None:
    points = [Point(NOON, "warmer", 0.125), Point(NOON + timedelta(hours=9), "warmer", 0.669)]
    bias = ContextBias({"semantic": 0.145, "episodic": -0.125, "working": -0.004}, {}, 0.0)
    with translation.override("de"):
        shown = charts_context(Charts(timeline(points), (), bias, NONE_YET, NOON, summed([])))
        charts = {one.name: one for one in shown}
        assert texts_of(charts["band"]) == [["0,13"] * 3, ["0,67"] * 3]
        assert "0,13" in charts["band"].summary
        assert "0,67" in charts["band"].summary
        assert [row[0] for row in texts_of(charts["bias"])] == ["+0,15", "−0,13", "0,00"]
        assert "+0,15" in charts["bias"].summary
        assert "−0,13" in charts["bias"].summary
    drawn_of = [[cell.value for cell in row.cells] for row in charts["band"].rows]
    assert drawn_of == [["0.125"] * 3, ["0.669"] * 3]


def texts_of(chart: Chart) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in chart.rows]
