"""What the processes of a node tell each other arrives as it was, however the bytes are cut."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.errors import IdempotencyConflict, Overloaded, RateLimited, StoreUnavailable
from telemetry.ingestion.claims import Claim
from telemetry.ingestion.node.frames import (
    LONGEST,
    Frames,
    Malformed,
    NotTaken,
    Refusal,
    Unnamed,
    frame,
    outcome_of,
    read_handed,
    read_told,
    spelled,
)
from telemetry.ingestion.submission import Repeat, Submission
from telemetry.samples import Sample

pytestmark = pytest.mark.pure

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
PLAIN = st.none() | st.booleans() | INTEGERS | st.floats(allow_nan=False) | TEXT
VALUES = st.recursive(PLAIN, lambda one: st.lists(one, max_size=3) | st.dictionaries(TEXT, one))
SAMPLES = st.builds(
    Sample,
    signal=TEXT,
    kind=st.none() | TEXT,
    strength=st.none() | st.floats(0, 1),
    note=st.none() | TEXT,
    metadata=st.none() | st.dictionaries(TEXT, VALUES, max_size=3),
    id=st.none() | TEXT,
)
REPEATS = st.builds(
    Repeat,
    key=st.none() | TEXT,
    content=TEXT,
    ids=st.dictionaries(st.integers(0, 15), st.tuples(TEXT, TEXT), max_size=3),
)
SUBMISSIONS = st.builds(
    Submission,
    claim=st.builds(Claim, kind=TEXT, value=TEXT),
    persona_id=TEXT,
    samples=st.lists(SAMPLES, min_size=1, max_size=4).map(tuple),
    in_batch=st.booleans(),
    repeat=st.none() | REPEATS,
)
HANDED = st.lists(st.tuples(st.integers(1, 2**40), SUBMISSIONS), max_size=4)


@given(messages=st.lists(HANDED, min_size=1, max_size=4), step=st.integers(1, 400))
def test_submissions_arrive_as_they_were(messages: list[Any], step: int) -> None:
    stream, frames = b"".join(map(frame, messages)), Frames()
    arrived: list[Any] = []
    for at in range(0, len(stream), step):
        arrived += map(read_handed, frames.cut(stream[at : at + step]))
    assert arrived == messages


@pytest.mark.parametrize(
    ("outcome", "arrives"),
    [
        (0, 0),
        (1000, 1000),
        (Overloaded(), Overloaded),
        (StoreUnavailable(), StoreUnavailable),
        (NotTaken(), NotTaken),
        (IdempotencyConflict(), Unnamed),
        (RuntimeError(), Unnamed),
    ],
)
def test_outcomes_arrive_as_what_the_door_says_of_them(outcome: Any, arrives: Any) -> None:
    ((number, count, wait),) = read_told(frame([(7, *spelled(outcome))])[4:])
    told = outcome_of(count, wait)
    assert number == 7
    assert told == arrives if isinstance(arrives, int) else type(told) is arrives


def test_a_wait_arrives_whole() -> None:
    told = outcome_of(*spelled(RateLimited(1.2345678901234567)))
    assert isinstance(told, RateLimited)
    assert told.wait == 1.2345678901234567


def test_every_refusal_is_understood() -> None:
    for refusal in Refusal:
        assert isinstance(outcome_of(refusal, 1.0), Exception)


@pytest.mark.parametrize("content", [b"", b"\xc1", b"\x91\x01", b"\xa3one", b"\x91\x93\x01\x02"])
def test_what_is_not_ours_is_refused(content: bytes) -> None:
    with pytest.raises(Malformed):
        read_handed(content)
    with pytest.raises(Malformed):
        read_told(content)


def test_a_frame_too_long_is_refused_before_it_is_kept() -> None:
    with pytest.raises(Malformed):
        Frames().cut((LONGEST + 1).to_bytes(4, "big"))


def test_an_unknown_refusal_is_refused() -> None:
    with pytest.raises(Malformed):
        outcome_of(-99, 0.0)
