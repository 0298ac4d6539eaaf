"""The comparison that the review screen draws."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.documents.canonical import canonical_bytes
from personas.documents.compare import FieldChange, compare, summarise
from personas.documents.inverse import difference
from personas.documents.pointer import overlaps, split
from personas.documents.words import word_marks
from tests.personas.documents.records import RECORD, record
from tests.personas.documents.strategies import VALUES


def kinds(before: Any, after: Any) -> list[tuple[str, str, str]]:
    return [(change.kind, change.from_path, change.path) for change in compare(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 1}, {"a": True}, [("changed", "", "/a")]),
        ({"a": 1}, {"b": 1}, [("removed", "", "/a"), ("added", "", "/b")]),
        ({"a": {"b/c": 1}}, {"a": {"b/c": 2}}, [("changed", "", "/a/b~1c")]),
        ({"a": {}}, {"a": []}, [("changed", "", "/a")]),
        (["a", "b"], ["n", "a", "b"], [("added", "", "/0")]),
        (["a", "b", "c"], ["a", "c"], [("removed", "", "/1")]),
        (["a", "b", "c"], ["c", "a", "b"], [("moved", "/2", "/0")]),
        (["a", "b", "c"], ["a", "x", "c"], [("changed", "", "/1")]),
        (["a", "a"], ["a"], [("removed", "", "/1")]),
        (
            [{"id": 1, "name": "n", "v": 1}, {"id": 2, "name": "m"}],
            [{"id": 2, "name": "m"}, {"id": 1, "name": "n", "v": 2}],
            [("moved", "/0", "/1"), ("changed", "", "/1/v")],
        ),
        (
            [{"label": "a", "v": 1}, {"label": "b"}],
            [{"label": "b"}, {"label": "c"}, {"label": "d"}],
            [("removed", "", "/0"), ("added", "", "/1"), ("added", "", "/2")],
        ),
    ],
)
def test_it_finds(before: Any, after: Any, expected: Any) -> None:
    assert sorted(kinds(before, after)) == sorted(expected)


def test_it_follows_the_order_of_the_document() -> None:
    after = record(name="Bea", calibration={}, traits={"tone": "cold"})
    assert [change.path for change in compare(RECORD, after)] == [
        "/name",
        "/traits/tags",
        "/traits/tone",
        "/calibration/confidence",
    ]


def test_it_carries_both_values() -> None:
    assert compare({"a": 1}, {"a": [2]}) == [FieldChange("/a", "changed", 1, [2])]
    assert compare({"a": None}, {}) == [FieldChange("/a", "removed", None)]
    assert compare({}, {"a": {"b": 1}}) == [FieldChange("/a", "added", None, {"b": 1})]


def test_it_marks_words() -> None:
    (change,) = compare({"a": "a warm and calm voice"}, {"a": "a cold and calm voice"})
    assert change.words == (
        ("same", "a "),
        ("removed", "warm"),
        ("added", "cold"),
        ("same", " and calm voice"),
    )
    (single,) = compare({"a": "warm"}, {"a": "cold"})
    assert single.words == ()


TEXTS = st.lists(st.sampled_from(["warm", "cold", " ", "\n", "and", "a"])).map("".join)


@given(TEXTS, TEXTS)
def test_it_loses_no_text_between_the_marks(before: str, after: str) -> None:
    marks = word_marks(before, after)
    if marks:
        assert "".join(text for mark, text in marks if mark != "added") == before
        assert "".join(text for mark, text in marks if mark != "removed") == after


@given(VALUES, VALUES)
def test_it_sees_a_change_exactly_where_there_is_one(before: Any, after: Any) -> None:
    same = canonical_bytes(before) == canonical_bytes(after)
    assert bool(compare(before, after)) == (not same)


ROWS = st.recursive(
    st.integers(0, 3), lambda inner: st.dictionaries(st.sampled_from("abc"), inner), max_leaves=9
)


@given(ROWS, ROWS)
def test_it_covers_every_differing_path(before: Any, after: Any) -> None:
    found = [split(change.path) for change in compare(before, after)]
    for op in difference(before, after):
        assert any(overlaps(split(op["path"]), place) for place in found)


def test_it_counts_what_it_found() -> None:
    summary = summarise(compare(RECORD, record(name="Bea", traits={"tone": "warm", "pace": 1})))
    assert (summary.changed, summary.added, summary.removed, summary.total) == (1, 1, 1, 3)
    assert summary.fields == ("name", "traits")
    assert str(summary) == "1 changed, 1 added, 1 removed in name, traits"
    assert str(summarise([])) == "no changes"


def test_it_is_fast_on_large_records() -> None:
    text = "a voice that is warm and patient, number {} of many in the record; it {}"
    before = {"traits": {f"k{n}": text.format(n, "asks before it acts") for n in range(550)}}
    after = {"traits": {f"k{n}": text.format(n, "acts and then it tells") for n in range(550)}}
    started = time.thread_time()
    assert len(compare(before, after)) == 550
    assert time.thread_time() - started < 1  # a tenth of it here; machines differ


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a b " * 2000, "b c a " * 1300),
        ([0, 1] * 8000, [1, 0, 2] * 5000),
        ([{"a": n} for n in range(4000)], [{"a": n} for n in range(4000, 0, -1)]),
    ],
)
def test_it_stays_fast_on_hostile_input(before: Any, after: Any) -> None:
    started = time.thread_time()
    assert compare(before, after)
    assert time.thread_time() - started < 2
