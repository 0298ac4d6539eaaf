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
from personas.documents.pointer import join, overlaps, split
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
        # Between the same neighbours: another id is another element, an alike one was renamed.
        (
            [{"id": "a", "v": 1}, "end"],
            [{"id": "b", "v": 1}, "end"],
            [("removed", "", "/0"), ("added", "", "/0")],
        ),
        (
            [{"label": "a", "v": 1, "w": 2}, "end"],
            [{"label": "b", "v": 1, "w": 2}, "end"],
            [("changed", "", "/0/label")],
        ),
        (
            [{"label": "a", "v": 1}, "end"],
            [{"label": "b", "v": 2}, "end"],
            [("removed", "", "/0"), ("added", "", "/0")],
        ),
    ],
)
def test_it_finds(before: Any, after: Any, expected: Any) -> None:
    assert sorted(kinds(before, after)) == sorted(expected)


def test_it_shows_an_edited_belief_of_a_reordered_list_as_that_edit() -> None:
    sure = {"label": "Outages are organisational.", "confidence": 0.6, "source": "talks"}
    wish = {"label": "A runbook nobody rehearsed is a wish.", "confidence": 0.9}
    plain = {"label": "Plain words travel.", "confidence": 0.5}
    before = {"beliefs": [sure, wish, plain]}
    after = {"beliefs": [plain, {**sure, "confidence": 0.8}, wish]}
    assert compare(before, after) == [
        FieldChange("/beliefs/0", "moved", plain, plain, from_path="/beliefs/2"),
        FieldChange("/beliefs/1/confidence", "changed", 0.6, 0.8),
    ]


def test_it_follows_a_text_that_moved_and_was_edited() -> None:
    old = "Most outages are organisational before they are technical."
    new = "Most outages are organisational long before they are technical."
    found = compare(["First.", "Second.", old], [new, "First.", "Second."])
    assert [(one.kind, one.from_path, one.path) for one in found] == [
        ("moved", "/2", "/0"),
        ("changed", "", "/0"),
    ]
    assert [text for mark, text in found[1].words if mark == "added"] == ["long "]
    assert all(mark != "removed" for mark, _ in found[1].words)


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


def test_it_marks_words_of_a_long_text_where_sentences_differ() -> None:
    sentences = [f"Sentence number {at} says that patience is a tool." for at in range(400)]
    edited = list(sentences)
    edited[7] = edited[7].replace("patience", "haste")
    edited[390] += " And one more."
    marks = word_marks(" ".join(sentences), " ".join(edited))
    assert [text for mark, text in marks if mark == "removed"] == ["patience"]
    assert "".join(text for mark, text in marks if mark == "added") == "haste And one more."


def test_it_marks_the_characters_of_a_script_without_spaces() -> None:
    marks = word_marks("彼女は静かに話す", "彼女は早く話す")
    assert marks[0] == ("same", "彼女は")
    assert marks[-1] == ("same", "話す")


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


def rebuilt(before: Any, changes: list[FieldChange], new: str = "", old: str = "") -> Any:
    """What a reader makes of ``before`` who has seen nothing but the changes."""
    for change in changes:
        if change.kind == "changed" and change.path == new:
            return change.after
    if isinstance(before, dict):
        return rebuilt_object(before, changes, new, old)
    return rebuilt_array(before, changes, new, old) if isinstance(before, list) else before


def rebuilt_object(before: Any, changes: list[FieldChange], new: str, old: str) -> Any:
    after = {
        key: rebuilt(value, changes, new + join([key]), old + join([key]))
        for key, value in before.items()
        if not any(one.kind == "removed" and one.path == old + join([key]) for one in changes)
    }
    return after | {
        split(one.path)[-1]: one.after
        for one in changes
        if one.kind == "added" and one.path == new + join([split(one.path)[-1]])
    }


def rebuilt_array(before: Any, changes: list[FieldChange], new: str, old: str) -> Any:
    def here(kind: str, path: str, array: str) -> bool:
        return kind in ("added", "removed", "moved") and path.rpartition("/")[0] == array

    gone = {one.path for one in changes if here(one.kind, one.path, old) and one.kind == "removed"}
    came = {
        one.path: one
        for one in changes
        if one.kind in ("added", "moved") and here(one.kind, one.path, new)
    }
    left = {one.from_path for one in came.values() if one.kind == "moved"}
    steady = [
        at for at in range(len(before)) if f"{old}/{at}" not in gone and f"{old}/{at}" not in left
    ]
    after: list[Any] = []
    for at in range(len(steady) + len(came)):
        place = f"{new}/{at}"
        change = came.get(place)
        if change is not None and change.kind == "added":
            after.append(change.after)
            continue
        source = int(change.from_path.rpartition("/")[2]) if change else steady.pop(0)
        after.append(rebuilt(before[source], changes, place, f"{old}/{source}"))
    return after


NAMED = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from("abcd") for name in ("id", "label", "name", "v", "w")}
)
SENTENCES = st.lists(st.sampled_from("abcdef"), max_size=5).map(" ".join)
LISTS = st.lists(NAMED | SENTENCES | st.integers(0, 3), max_size=6)


@given(VALUES, VALUES)
def test_it_shows_enough_to_make_the_other_document(before: Any, after: Any) -> None:
    made = rebuilt(before, compare(before, after))
    assert canonical_bytes(made) == canonical_bytes(after)


@given(LISTS, LISTS)
def test_it_shows_enough_of_lists(before: Any, after: Any) -> None:
    nested = ({"beliefs": [before, 1]}, {"beliefs": [2, after]})
    for one, other in ((before, after), nested):
        assert canonical_bytes(rebuilt(one, compare(one, other))) == canonical_bytes(other)


@given(LISTS, st.data())
def test_it_takes_nothing_away_and_adds_nothing_when_a_list_is_only_reordered(
    before: Any, data: st.DataObject
) -> None:
    after = data.draw(st.permutations(before))
    assert {change.kind for change in compare(before, after)} <= {"moved", "changed"}


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
        ([f"a b {n} c" * 5 for n in range(99)], [f"a b {-n} c" * 5 for n in range(99)]),
        ([f"a b {n} c" for n in range(4000)], [f"a {n} d" for n in range(4000)]),
        ("a b c. " * 240 * 9, "b a c. " * 240 * 9),
        ("".join(f"a {n} b.\n" for n in range(9000)), "".join(f"b {n} a.\n" for n in range(9000))),
    ],
)
def test_it_stays_fast_on_hostile_input(before: Any, after: Any) -> None:
    started = time.thread_time()
    assert compare(before, after)
    assert time.thread_time() - started < 2
