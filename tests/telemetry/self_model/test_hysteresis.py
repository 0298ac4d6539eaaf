"""One event per excursion, and none for noise (contract §10)."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.self_model.hysteresis import ENTER, LEAVE, Hysteresis, step

pytestmark = pytest.mark.pure
SCORES = st.lists(st.floats(0, 1), max_size=60)


def walk(scores: list[float], *, outside: bool = False) -> list[Hysteresis]:
    walked = []
    for score in scores:
        walked.append(step(outside, score))
        outside = walked[-1].outside
    return walked


def test_it_begins_at_one_threshold_and_ends_at_the_other() -> None:
    assert step(False, 0.2499) == Hysteresis(outside=False, entered=False)
    assert step(False, 0.25) == Hysteresis(outside=True, entered=True)
    assert step(True, 0.25) == Hysteresis(outside=True, entered=False)
    assert step(True, 0.1501) == Hysteresis(outside=True, entered=False)
    assert step(True, 0.15) == Hysteresis(outside=False, entered=False)


def test_it_takes_other_thresholds_and_refuses_them_the_wrong_way_round() -> None:
    assert step(False, 0.5, enter=0.6, leave=0.5).outside is False
    assert step(True, 0.5, enter=0.6, leave=0.5).outside is False
    for leave in (0.6, 0.7):
        with pytest.raises(ValueError, match="below"):
            step(False, 0.5, enter=0.6, leave=leave)


@given(st.lists(st.floats(0, ENTER, exclude_max=True), max_size=60))
def test_it_is_silent_while_noise_stays_below(scores: list[float]) -> None:
    assert not any(one.entered or one.outside for one in walk(scores))


@given(st.lists(st.floats(LEAVE, 1, exclude_min=True), max_size=60))
def test_it_tells_an_excursion_once_however_it_trembles(scores: list[float]) -> None:
    assert sum(one.entered for one in walk([ENTER, *scores])) == 1


@given(SCORES)
def test_it_enters_as_often_as_it_goes_from_inside_to_outside(scores: list[float]) -> None:
    walked = walk(scores)
    before = [False, *(one.outside for one in walked)]
    crossings = [not old and one.outside for old, one in zip(before, walked, strict=False)]
    assert [one.entered for one in walked] == crossings


@given(SCORES)
def test_it_needs_a_return_between_two_events(scores: list[float]) -> None:
    entries = [at for at, one in enumerate(walk(scores)) if one.entered]
    for first, second in pairwise(entries):
        assert any(score <= LEAVE for score in scores[first:second])
        assert scores[second] >= ENTER
