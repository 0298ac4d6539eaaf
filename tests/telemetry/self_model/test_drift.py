"""The drift score: its formula, its example in the docs, and what moves it not (contract §10)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.self_model.drift import (
    HALF_LIFE,
    Track,
    baselines,
    deviation,
    reported,
    score_of,
    tracks_of,
)
from telemetry.self_model.hysteresis import step

pytestmark = pytest.mark.pure
DOCS = Path(__file__).resolve().parents[3] / "docs" / "self-model.md"
START = datetime(2026, 1, 1, tzinfo=UTC)
SHARES = st.floats(0, 1)
STEPS = st.lists(st.tuples(st.integers(0, 10**9), SHARES), min_size=1, max_size=20)


def walked(steps: list[tuple[int, float]]) -> tuple[dict[str, Track], datetime]:
    tracks: dict[str, Track] = {}
    now = START
    for later, value in steps:
        now += timedelta(milliseconds=later)
        tracks = reported(tracks, {"confidence": value}, now)
    return tracks, now


def test_it_is_as_the_docs_say() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|\n").split("|")]
        for line in DOCS.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and line[2].isdigit()
    ]
    assert len(rows) == 5
    tracks: dict[str, Track] = {}
    outside = False
    for day, confidence, competence, cost, *told in rows:
        report = {
            "confidence": float(confidence),
            "competence": float(competence),
            "cost": float(cost),
        }
        tracks = reported(tracks, report, START + timedelta(days=int(day)))
        score = score_of(tracks)
        moved = step(outside, score)
        outside = moved.outside
        numbers = [*baselines(tracks).values(), score]
        assert numbers == [float(one) for one in told[:4]]
        assert [moved.outside, moved.entered] == [one == "yes" for one in told[4:]]


def test_it_is_its_own_baseline_at_first() -> None:
    tracks = reported({}, {"cost": 0.0, "confidence": 1.0}, START)
    assert score_of(tracks) == 0
    assert baselines(tracks) == {"confidence": 1.0, "cost": 0.0}
    assert score_of({}) == 0


def test_it_goes_half_the_way_in_a_half_life() -> None:
    tracks = reported({}, {"confidence": 0.2}, START)
    tracks = reported(tracks, {"confidence": 0.8}, START)
    later = reported(tracks, {"confidence": 0.8}, START + HALF_LIFE)
    assert baselines(tracks) == {"confidence": 0.2}
    assert baselines(later) == {"confidence": 0.5}
    assert tracks["confidence"].baseline == 0.2


def test_it_tells_the_distance_of_a_cost_as_a_share() -> None:
    assert deviation("cost", Track(100, 200, 0)) == 0.5
    assert deviation("cost", Track(200, 100, 0)) == 0.5
    assert deviation("cost", Track(0, 0, 0)) == 0
    assert deviation("confidence", Track(0.5, 0.25, 0)) == 0.25


def test_it_keeps_what_a_report_does_not_name() -> None:
    tracks = reported({}, {"confidence": 0.9, "cost": 10.0}, START)
    tracks = reported(tracks, {"confidence": 0.4}, START + timedelta(hours=1))
    later = reported(tracks, {"cost": 10.0}, START + timedelta(hours=2))
    assert later["confidence"] == tracks["confidence"]
    assert score_of(later) == 0.5
    assert tracks_of({name: one.as_dict() for name, one in later.items()}) == later


def test_it_takes_a_clock_that_goes_back() -> None:
    tracks = reported({}, {"confidence": 0.9}, START)
    back = reported(tracks, {"confidence": 0.5}, START - timedelta(days=9))
    assert back["confidence"] == Track(0.9, 0.5, tracks["confidence"].at)


@given(STEPS)
def test_it_stays_between_what_was_reported(steps: list[tuple[int, float]]) -> None:
    tracks, _ = walked(steps)
    values = [value for _, value in steps]
    assert min(values) - 1e-9 <= tracks["confidence"].baseline <= max(values) + 1e-9
    assert 0 <= score_of(tracks) <= 1


@given(STEPS, st.integers(1, 50))
def test_it_is_not_moved_by_reporting_more_often(
    steps: list[tuple[int, float]], times: int
) -> None:
    tracks, now = walked(steps)
    again = tracks
    for _ in range(times):
        again = reported(again, {"confidence": steps[-1][1]}, now)
    assert again["confidence"].baseline == pytest.approx(tracks["confidence"].baseline, abs=1e-9)


@given(SHARES, st.lists(st.integers(0, 10**8), max_size=30))
def test_it_never_drifts_while_nothing_changes(value: float, waits: list[int]) -> None:
    tracks, _ = walked([(0, value), *((wait, value) for wait in waits)])
    assert score_of(tracks) == pytest.approx(0, abs=1e-6)
