"""The five aggregates of the RFC: exact, each person counting once, whatever metadata holds."""

from __future__ import annotations

import json
import math
import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.aggregates import Aggregates, Flag, rfc_aggregates
from telemetry.aggregates.hearing import hear
from telemetry.aggregates.measures import FLAGS_MAX
from telemetry.aggregates.showing import members
from tests.people import NOW
from tests.telemetry.aggregates.heard import SAMPLES, Said, said

pytestmark = pytest.mark.pure
HUGE = 10**400
NO_NUMBERS: list[Any] = [
    None,
    True,
    False,
    "0.5",
    "",
    [0.5],
    {},
    math.nan,
    math.inf,
    -math.inf,
    HUGE,
    -HUGE,
]


def of(*samples: Said) -> Aggregates:
    return rfc_aggregates(samples, NOW)


def test_it_knows_nothing_without_samples() -> None:
    assert of() == Aggregates()
    assert set(of().as_dict().values()) == {None}
    assert (of().samples, of().people, of().oldest) == (0, 0, None)


def test_it_says_null_of_what_nobody_said_anything_about() -> None:
    found = of(said(signal="faster", strength=1))
    assert found.as_dict() == {
        "sentiment_avg": None,
        "sentiment_volatility": None,
        "response_tempo": None,
        "confirmation_rate": None,
        "misalignment_flags": [],
    }
    assert (found.samples, found.people, found.oldest) == (1, 1, NOW)


@pytest.mark.parametrize(
    ("sample", "sentiment"),
    [
        (said(sentiment=0.25), 0.25),
        (said(sentiment=-1), -1.0),
        (said(signal="warmer", strength=1, sentiment=0), 0.0),
        (said(signal="warmer", strength=0.8), 0.4),
        (said(signal="Cooler"), -0.3),
        (said(signal="confirmed", strength=1), 1.0),
        (said(signal="acknowledged"), 0.3),
        (said(signal="misaligned", strength=0.5), -0.5),
        (said(signal="misaligned:tone", strength=1), -1.0),
        (said(signal="faster", strength=1), None),
        (said(flags=["tone"]), None),
        (said(signal="warmer", strength=1, sentiment=1.01), 0.5),
        (said(sentiment=-1.01), None),
    ],
)
def test_it_takes_the_sentiment_that_is_told_or_that_the_signal_has(
    sample: Said, sentiment: float | None
) -> None:
    found = of(sample)
    assert found.sentiment_avg == sentiment
    assert found.sentiment_volatility is None


def test_it_averages_over_people_and_not_over_samples() -> None:
    loud = [said("alice", sentiment=1) for _ in range(100)]
    found = of(*loud, said("bob", sentiment=-1))
    assert (found.sentiment_avg, found.sentiment_volatility) == (0.0, 1.0)
    assert (found.samples, found.people) == (101, 2)
    steady = of(*loud)
    assert (steady.sentiment_avg, steady.sentiment_volatility) == (1.0, 0.0)
    moody = of(said("alice", sentiment=0.5), said("alice", sentiment=-0.5), said("bob"))
    assert (moody.sentiment_avg, moody.sentiment_volatility) == (0.0, 0.5)


def test_it_tells_the_tempo_in_seconds_for_a_thousand_tokens() -> None:
    assert of(said(tokens=500, duration_ms=2_000)).response_tempo == 4.0
    one = [said(tokens=100, duration_ms=1_000), said(tokens=900, duration_ms=1_000)]
    assert of(*one).response_tempo == 2.0
    assert of(*one, said("bob", tokens=1_000, duration_ms=4_000)).response_tempo == 3.0
    assert of(said(tokens=500)).response_tempo is None
    assert of(said(tokens=500), said(duration_ms=500)).response_tempo is None


@pytest.mark.parametrize(
    ("sample", "rate"),
    [
        (said(confirmed=True), 1.0),
        (said(confirmed=False), 0.0),
        (said(signal="confirmed"), 1.0),
        (said(signal="acknowledged", strength=0), 1.0),
        (said(signal="confirmed", confirmed=False), 0.0),
        (said(signal="misaligned"), 0.0),
        (said(misaligned=True), 0.0),
        (said(flags=["tone"]), 0.0),
        (said(misaligned=True, confirmed=True), 1.0),
        (said(misaligned=False), None),
        (said(signal="warmer"), None),
    ],
)
def test_it_takes_confirmations_that_are_explicit(sample: Said, rate: float | None) -> None:
    assert of(sample).confirmation_rate == rate


def test_it_takes_the_rate_of_each_person_first() -> None:
    samples = [said("alice", confirmed=True) for _ in range(99)]
    assert of(*samples, said("bob", confirmed=False)).confirmation_rate == 0.5


@pytest.mark.parametrize(
    ("sample", "names"),
    [
        (said(signal="misaligned"), ["unspecified"]),
        (said(signal="misaligned:Cites  sources"), ["cites sources"]),
        (said(signal="Misaligned: tone "), ["tone"]),
        (said(misaligned=True), ["unspecified"]),
        (said(misaligned="tone"), ["tone"]),
        (said(misaligned=["tone", "length", 3, None, "tone"]), ["length", "tone"]),
        (said(flags={"tone": True, "length": False, "pace": 1}), ["tone"]),
        (said(signal="misaligned:tone", misaligned=True, flags=["length"]), ["length", "tone"]),
        (said(flags=["", "  ", "x" * 99]), ["x" * 64]),
        (said(misaligned=False, flags=3), []),
        (said(flags=[f"f{at:02}" for at in range(40)]), [f"f{at:02}" for at in range(16)]),
    ],
)
def test_it_reads_flags_in_each_of_their_shapes(sample: Said, names: list[str]) -> None:
    flags = of(sample).misalignment_flags
    assert flags is not None
    assert [one.flag for one in flags] == names
    assert all((one.people, one.samples) == (1, 1) for one in flags)


def test_it_counts_the_people_who_raise_a_flag() -> None:
    samples = [said("alice", "misaligned:length") for _ in range(9)]
    samples += [said("alice", flags=["tone"]), said("bob", misaligned="Tone")]
    assert of(*samples).misalignment_flags == (Flag("tone", 2, 2), Flag("length", 1, 9))


def test_it_keeps_the_number_of_flags_within_bounds() -> None:
    samples = [said("alice", f"misaligned:f{at:02}") for at in range(30)]
    samples += [said("bob", "misaligned:other"), said("alice", flags=["f29"])]
    flags = of(*samples).misalignment_flags
    assert flags is not None
    assert len(flags) == FLAGS_MAX + 1
    assert flags[0] == Flag("f29", 1, 2)
    assert flags[-1] == Flag("other", 2, 30 - FLAGS_MAX + 1)


@pytest.mark.parametrize("odd", [*NO_NUMBERS, 0, -1, 0.5, 1e300])
@pytest.mark.parametrize("member", ["tokens", "duration_ms"])
def test_it_makes_no_tempo_of_odd_numbers(member: str, odd: Any) -> None:
    told = {"tokens": 500, "duration_ms": 2_000, member: odd}
    assert of(said(**told)).response_tempo is None
    assert of(said(**told), said(tokens=500, duration_ms=2_000)).response_tempo == 4.0


@pytest.mark.parametrize("odd", [*NO_NUMBERS, 7])
def test_it_makes_no_sentiment_of_odd_values(odd: Any) -> None:
    assert of(said(sentiment=odd)).sentiment_avg is None
    assert of(said(sentiment=odd), said("bob", sentiment=0.5)).sentiment_avg == 0.5


@pytest.mark.parametrize("odd", [1, 0, "true", "yes", [True], None, math.nan])
def test_it_makes_no_confirmation_of_odd_values(odd: Any) -> None:
    assert of(said(confirmed=odd)).confirmation_rate is None


@pytest.mark.parametrize("metadata", [None, [], "x", 3, True, {"": {}}])
def test_it_reads_samples_whose_metadata_is_nothing_to_read(metadata: Any) -> None:
    sample = said(signal="warmer", strength=1)._replace(metadata=metadata)
    assert of(sample).sentiment_avg == 0.5


def test_it_leaves_out_what_is_too_old() -> None:
    samples = [said(sentiment=1, hours=24 * 7 + 0.001), said(sentiment=-1, hours=24 * 7)]
    assert of(*samples).sentiment_avg == -1.0
    assert rfc_aggregates(samples, NOW, max_age=timedelta(days=8)).sentiment_avg == 0.0
    assert rfc_aggregates(samples, NOW, max_age=timedelta(days=1)) == Aggregates()


@given(SAMPLES, st.randoms(use_true_random=False))
def test_it_is_the_same_in_any_order(samples: list[Said], shuffling: random.Random) -> None:
    shuffled = list(samples)
    shuffling.shuffle(shuffled)
    assert rfc_aggregates(shuffled, NOW) == rfc_aggregates(samples, NOW)


@given(SAMPLES)
def test_it_stays_within_its_bounds_whatever_metadata_holds(samples: list[Said]) -> None:
    found = rfc_aggregates(samples, NOW)
    for value, low in (
        (found.sentiment_avg, -1),
        (found.sentiment_volatility, 0),
        (found.confirmation_rate, 0),
    ):
        assert value is None or low <= value <= 1
    assert found.response_tempo is None or 0 <= found.response_tempo <= 86_400_000
    assert len(found.misalignment_flags or ()) <= FLAGS_MAX + 1
    for flag in found.misalignment_flags or ():
        assert 1 <= flag.people <= found.people
        assert flag.people <= flag.samples <= found.samples * 2
    json.dumps(members([hear(one) for one in samples]), allow_nan=False)


@given(SAMPLES, st.integers(2, 9))
def test_it_makes_no_difference_to_say_everything_several_times(
    samples: list[Said], times: int
) -> None:
    """Diligence of one person moves no mean."""
    again = [one for one in samples if one.principal_id == "alice"] * (times - 1)
    once, often = rfc_aggregates(samples, NOW), rfc_aggregates([*samples, *again], NOW)
    for name in ("sentiment_avg", "response_tempo", "confirmation_rate"):
        before, after = getattr(once, name), getattr(often, name)
        assert (before is None and after is None) or math.isclose(before, after, abs_tol=2e-6)
