"""Conflicting feedback: one vote for each person and axis, and how far people disagree."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.aggregates import reconcile
from telemetry.aggregates.reconciling import AXES_MAX, Axis, Reconciled
from tests.telemetry.aggregates.heard import SAMPLES, Said, said

pytestmark = pytest.mark.pure


def axis(votes: Reconciled, name: str) -> Axis:
    (found,) = [one for one in votes.axes if one.name == name]
    return found


def test_it_takes_a_hundred_from_one_and_one_from_another_as_one_against_one() -> None:
    loud = [said("alice", "warmer", 0.8, hours=at / 10) for at in range(100)]
    warmth = axis(reconcile([*loud, said("bob", "cooler", 0.8)]), "warmth")
    assert (warmth.people_for, warmth.people_against) == (1, 1)
    assert (warmth.balance, warmth.disagreement, warmth.contested) == (0.0, 1.0, True)
    assert axis(reconcile([loud[0], said("bob", "cooler", 0.8)]), "warmth") == warmth


def test_it_counts_the_latest_vote_of_a_person() -> None:
    before = [said("alice", "slower", 1, hours=2), said("bob", "slower", 0.5, hours=2)]
    pace = axis(reconcile([said("alice", "faster", 0.5, hours=1), *before]), "pace")
    assert (pace.people_for, pace.people_against, pace.balance) == (1, 1, 0.0)
    assert axis(reconcile(before), "pace").balance == -0.75
    taken_back = axis(reconcile([*before, said("alice", "slower", 0, hours=1)]), "pace")
    assert (taken_back.people, taken_back.people_against, taken_back.balance) == (1, 1, -0.5)
    alone = reconcile([before[0], said("alice", "slower", 0, hours=1)])
    assert (alone.axes, alone.disagreement) == ((), None)


@pytest.mark.parametrize(
    ("below", "above", "balance", "disagreement"),
    [
        ([], [1.0, 1.0], 1.0, 0.0),
        ([1.0], [1.0, 1.0, 1.0], 0.5, 0.5),
        ([1.0], [1.0, 1.0], 0.333333, 0.666667),
        ([0.2], [1.0], 0.4, 0.333333),
        ([0.5, 0.5], [1.0], 0.0, 1.0),
        ([None], [None], 0.0, 1.0),
        ([None], [0.6], 0.0, 1.0),
    ],
)
def test_it_weighs_pulls_by_strength(
    below: list[float | None], above: list[float | None], balance: float, disagreement: float
) -> None:
    votes = [said(f"for{at}", "more_formal", one) for at, one in enumerate(above)]
    votes += [said(f"against{at}", "less_formal", one) for at, one in enumerate(below)]
    formality = axis(reconcile(votes), "formality")
    assert (formality.people_for, formality.people_against) == (len(above), len(below))
    assert (formality.balance, formality.disagreement) == (balance, disagreement)
    assert (formality.low, formality.high) == ("less_formal", "more_formal")


@pytest.mark.parametrize(
    ("signal", "name", "balance"),
    [
        ("Warmer", "warmth", 1.0),
        (" less-formal ", "formality", -1.0),
        ("More formal", "formality", 1.0),
        ("narrower", "breadth", -1.0),
        ("lane-:Episodic", "lane:episodic", -1.0),
        ("lane:docs", "lane:docs", 1.0),
        ("minscore-", "minscore", -1.0),
        ("minscore+:docs", "minscore:docs", 1.0),
        ("slot+:evidence", "slot+:evidence", 1.0),
        ("brevity", "brevity", 1.0),
        ("warmth", "warmth", 1.0),
    ],
)
def test_it_knows_which_signals_are_opposed(signal: str, name: str, balance: float) -> None:
    assert axis(reconcile([said("alice", signal, 1)]), name).balance == balance


@pytest.mark.parametrize(
    "signal", ["unspecified", "confirmed", "Acknowledged", "misaligned", "misaligned:tone", " "]
)
def test_it_takes_verdicts_for_no_votes(signal: str) -> None:
    assert reconcile([said("alice", signal, 1)]) == Reconciled()


def test_it_keeps_a_one_sided_signal_apart_from_the_axis_of_its_name() -> None:
    votes = reconcile([said("alice", "cooler", 1), said("alice", "warmth", 1)])
    assert [(one.name, one.low, one.balance) for one in votes.axes] == [
        ("warmth", "cooler", -1.0),
        ("warmth", None, 1.0),
    ]
    assert votes.disagreement == 0.0


def test_it_shows_the_axes_that_most_people_vote_on() -> None:
    votes = [said("alice", f"signal{at:02}", 1) for at in range(30)]
    votes += [said("bob", "signal29", 1), said("alice", "warmer", 1)]
    found = reconcile(votes)
    names = [one.name for one in found.axes]
    assert names[:3] == ["warmth", "signal29", "signal00"]
    assert (len(names), found.more) == (AXES_MAX, 31 - AXES_MAX)


@given(SAMPLES, st.randoms(use_true_random=False))
def test_it_is_the_same_in_any_order(samples: list[Said], shuffling: random.Random) -> None:
    shuffled = list(samples)
    shuffling.shuffle(shuffled)
    assert reconcile(shuffled) == reconcile(samples)


@given(SAMPLES, st.integers(1, 5))
def test_it_hears_a_vote_said_again_once(samples: list[Said], times: int) -> None:
    """Whoever repeats the newest thing that they said changes nothing."""
    newest: dict[str, Said] = {}
    for one in sorted(samples, key=lambda sample: (sample.recorded_at, sample.id)):
        newest[one.principal_id] = one
    repeated = [said(one.principal_id, one.signal, one.strength) for one in newest.values()] * times
    assert reconcile([*samples, *repeated]) == reconcile(samples)


@given(SAMPLES)
def test_it_stays_within_its_bounds(samples: list[Said]) -> None:
    votes, people = reconcile(samples), len({one.principal_id for one in samples})
    assert len(votes.axes) <= AXES_MAX
    for one in votes.axes:
        assert -1 <= one.balance <= 1
        assert 0 <= one.disagreement <= 1
        assert 1 <= one.people <= people
        assert (one.disagreement > 0) <= (one.people_for > 0 and one.people_against > 0)
        assert one.low is not None or one.people_against == 0


@given(SAMPLES)
def test_it_moves_a_balance_by_one_share_at_most_for_one_person(samples: list[Said]) -> None:
    """However much alice says, she moves an axis of n people by two n-ths at most."""
    without = [one for one in samples if one.principal_id != "alice"]
    before = {(one.name, one.low): one for one in reconcile(without).axes}
    for one in reconcile(samples).axes:
        known = before.get((one.name, one.low))
        if known is not None:
            assert abs(one.balance - known.balance) <= 2 / one.people + 1e-5
