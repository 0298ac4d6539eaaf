"""Feedback by intervals, and who may see it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leases.models import Lease, User
from personas.models import Persona
from telemetry.charts.intervals import MOST_INTERVALS, Point, step_of, timeline
from telemetry.charts.reading import persona_charts
from telemetry.services.consent import consent_set
from telemetry.services.feedback import feedback_record
from tests.people import NOW, grant
from tests.telemetry.conftest import Committing

HOUR = timedelta(hours=1)


def point(hours: float, signal: str = "warmer", strength: float | None = 0.5) -> Point:
    return Point(NOW + hours * HOUR, signal, strength)


@pytest.mark.pure
def test_it_puts_feedback_into_intervals() -> None:
    points = [
        point(2, "cooler", 0.2),
        point(0),
        point(0.1, strength=0.7),
        point(0.2, strength=None),
    ]
    line = timeline(points)
    assert (line.step, line.total) == (300, 4)
    assert [(one.name, one.count, one.mean) for one in line.signals] == [
        ("warmer", 3, 0.6),
        ("cooler", 1, 0.2),
    ]
    first, second, third, last = line.intervals
    assert (first.start, first.count, first.strengths) == (NOW, 1, (0.5, None))
    assert second.band is not None
    assert (second.band.lowest, second.band.highest, second.band.count) == (0.7, 0.7, 1)
    assert (third.count, third.band) == (1, None)
    assert last.strengths == (None, 0.2)


@pytest.mark.pure
def test_it_draws_the_rarer_signals_as_one() -> None:
    points = [point(at / 10, f"s{at % 9}", 0.1 * (at % 9)) for at in range(40)]
    line = timeline(points)
    assert [one.name for one in line.signals] == ["s0", "s1", "s2", "s3", "s4", None]
    assert sum(one.count for one in line.signals) == line.total == 40


@pytest.mark.pure
def test_it_is_empty_without_feedback() -> None:
    line = timeline([])
    assert (line.total, line.signals, line.intervals) == (0, (), ())


@pytest.mark.pure
@given(
    st.lists(
        st.tuples(
            st.integers(0, 40 * 86_400),
            st.sampled_from("abcdefghij"),
            st.none() | st.floats(0, 1),
        ),
        min_size=1,
        max_size=120,
    )
)
def test_it_loses_nothing(rows: list[tuple[int, str, float | None]]) -> None:
    points = [Point(NOW + timedelta(seconds=at), signal, value) for at, signal, value in rows]
    line = timeline(points)
    assert sum(one.count for one in line.intervals) == len(points)
    assert sum(one.count for one in line.signals) == len(points)
    assert sum(one.band.count for one in line.intervals if one.band) == sum(
        one.strength is not None for one in points
    )
    starts = [one.start for one in line.intervals]
    assert starts == sorted(set(starts))
    for one in line.intervals:
        assert len(one.strengths) == len(line.signals)
        if one.band:
            assert 0 <= one.band.lowest <= one.band.mean + 1e-6
            assert one.band.mean - 1e-6 <= one.band.highest <= 1


@pytest.mark.pure
@pytest.mark.parametrize("hours", [0, 0.5, 5, 24, 7 * 24, 40 * 24])
def test_it_needs_few_intervals(hours: float) -> None:
    step = step_of(NOW, NOW + hours * HOUR)
    assert hours * 3600 / step <= MOST_INTERVALS - 1


def test_it_shows_nothing_without_consent_or_lease(
    alice: User,
    dana: User,
    charlie: User,
    consented: Persona,
    manage_lease: Lease,
    committing: Committing,
) -> None:
    assert persona_charts(persona=consented, viewer=alice, now=NOW) is None
    lease = grant("telemetry:persona:workspace")
    now = lease.created
    body = [{"signal": "warmer", "strength": 0.5}, {"signal": "lane+:semantic", "strength": 1}]
    with committing():
        feedback_record(actor=alice, persona_id=consented.id, body=body, now=now)
    charts = persona_charts(persona=consented, viewer=alice, now=now)
    assert charts is not None
    assert [one.signal for one in charts.latest] == ["lane+:semantic", "warmer"]
    assert charts.timeline.total == 2
    assert charts.bias.lane_priorities["semantic"] > 0
    assert persona_charts(persona=consented, viewer=charlie, now=now) is None
    assert persona_charts(persona=consented, viewer=alice, now=lease.ttl_until) is None
    off = consent_set(actor=dana, persona_id=consented.id, enabled=False, now=now)
    assert persona_charts(persona=off, viewer=alice, now=now) is None
