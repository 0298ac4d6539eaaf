"""Numbers and times as people write them in their language, and as machines read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import translation

from leases.relative_time import relative, time_element

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
    ("number", "shown"), [(0.2, "+0,20"), (-0.268, "-0,27"), (0.0, "+0,00"), (-1.0, "-1,00")]
)
def test_it_writes_leanings_as_the_language_does(number: float, shown: str) -> None:
    with translation.override("de"):
        assert drawn("{{ n|signed }}", n=number) == shown
    assert drawn("{{ n|signed }}", n=number) == f"{number:+.2f}"


@pytest.mark.parametrize("language", ["en", "de", "he"])
def test_it_writes_numbers_into_markup_for_machines(language: str) -> None:
    part = '{% include "desk/parts/meter.html" with label="Sure" value=v high=2500 text="x" %}'
    with translation.override(language):
        assert 'min="0" max="2500" value="0.25"' in drawn(part, v=0.25)


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
