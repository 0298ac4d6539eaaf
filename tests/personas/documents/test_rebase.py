"""Three-way rebase: what merges, what conflicts, and that nothing is merged on a guess."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.documents.application import apply_raw
from personas.documents.canonical import canonical_bytes, json_equal
from personas.documents.rebase import Conflicts, Rebased, rebase
from personas.errors import InvalidDiff
from tests.personas.documents.strategies import KEYS, SCALARS, VALUES, patches

BASE: dict[str, Any] = {
    "t": {"a": 1, "b": 2},
    "l": ["x", "y", "z"],
    "twice": [1, 1, 2],
    "people": [{"id": "ann", "age": 1}, {"id": "ben", "age": 2}],
    "bare": [{"age": 1}, {"age": 2}],
}


def current(**fields: Any) -> dict[str, Any]:
    return {**copy.deepcopy(BASE), **fields}


def replace(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def add(path: str, value: Any) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}


def remove(path: str) -> dict[str, Any]:
    return {"op": "remove", "path": path}


def move(source: str, path: str) -> dict[str, Any]:
    return {"op": "move", "from": source, "path": path}


def copied(source: str, path: str) -> dict[str, Any]:
    return {"op": "copy", "from": source, "path": path}


def check(path: str, value: Any) -> dict[str, Any]:
    return {"op": "test", "path": path, "value": value}


ANN, BEN = BASE["people"]

MERGES = [
    ("other members", current(t={"a": 9, "b": 2}), [replace("/t/b", 3)], [replace("/t/b", 3)]),
    ("a shifted element", current(l=["n", "x", "y", "z"]), [replace("/l/1", 5)], [replace("/l/2", 5)]),
    ("a removal after a shift", current(l=["y", "z"]), [remove("/l/2")], [remove("/l/1")]),
    ("an element by id", current(people=[BEN, ANN]), [replace("/people/0/age", 5)], [replace("/people/1/age", 5)]),
    ("inside an element that theirs changed elsewhere", current(people=[{**ANN, "x": 1}, BEN]), [replace("/people/0/age", 5)], [replace("/people/0/age", 5)]),
    ("an append after a removal", current(l=["y", "z"]), [add("/l/-", 1)], [add("/l/-", 1)]),
    ("an insertion between the same neighbours", current(l=["n", "x", "y", "z"]), [add("/l/1", 1)], [add("/l/2", 1)]),
    ("positions after an own insertion", current(l=["x", "y", "z", "n"]), [add("/l/0", 1), remove("/l/1")], None),
    ("a move out of an array", current(l=["y", "z", "x"]), [move("/l/0", "/t/c")], [move("/l/2", "/t/c")]),
    ("a move inside an object", current(t={"a": 1, "b": 2, "z": 0}), [move("/t/a", "/t/c")], [move("/t/a", "/t/c")]),
    ("a copy of what is still there", current(l=["n", "x", "y", "z"]), [copied("/l/0", "/t/c")], [copied("/l/1", "/t/c")]),
    ("a test that still holds", current(t={"a": 9, "b": 2}), [check("/t/b", 2), replace("/l/0", 0)], [check("/t/b", 2), replace("/l/0", 0)]),
    ("a test that moved", current(l=["n", "x", "y", "z"]), [check("/l/0", "x"), replace("/t/a", 0)], [check("/l/1", "x"), replace("/t/a", 0)]),
    ("half of it done already", current(t={"a": 9, "b": 2}), [replace("/t/a", 9), replace("/t/b", 3)], [replace("/t/b", 3)]),
    ("the same addition", current(t={"a": 1, "b": 2, "c": 3}), [add("/t/c", 3), add("/t/d", 4)], [add("/t/d", 4)]),
    ("the same removal", current(t={"a": 1}), [remove("/t/b"), add("/t/d", 4)], [add("/t/d", 4)]),
    ("the same removal of an element", current(l=["x", "z"]), [remove("/l/1"), add("/t/d", 4)], [add("/t/d", 4)]),
    ("the same move", current(t={"a": 1, "c": 2}), [move("/t/b", "/t/c"), add("/t/d", 4)], [add("/t/d", 4)]),
    ("the same insertion", current(l=["x", "n", "y", "z"]), [add("/l/1", "n"), add("/t/d", 4)], [add("/t/d", 4)]),
    ("equal elements in an array left alone", current(t={"a": 9, "b": 2}), [replace("/twice/1", 5)], [replace("/twice/1", 5)]),
]  # fmt: skip

CLASHES = [
    ("the same member", current(t={"a": 9, "b": 2}), [replace("/t/a", 3)], {"/t/a": 9}),
    ("a whole and its part", current(t={"a": 9, "b": 2}), [replace("/t", {"a": 3})], {"/t": {"a": 9, "b": 2}}),
    ("a part of what was replaced", current(t=5), [replace("/t/a", 3)], {"/t": 5}),
    ("a part of what was removed", {"t": {}}, [replace("/t/a", 3)], {"/t/a": None}),
    ("removing what theirs edited", current(t={"a": 1, "b": 2, "c": 3}), [remove("/t")], {"/t": {"a": 1, "b": 2, "c": 3}}),
    ("the same new member", current(t={"a": 1, "b": 2, "c": 3}), [add("/t/c", 4)], {"/t/c": 3}),
    ("two appends", current(l=["x", "y", "z", "n"]), [add("/l/-", 1)], {"/l": ["x", "y", "z", "n"]}),
    ("an insertion where theirs inserted", current(l=["x", "n", "y", "z"]), [add("/l/1", 1)], {"/l": ["x", "n", "y", "z"]}),
    ("an insertion beside what is gone", current(l=["y", "z"]), [add("/l/1", 1)], {"/l": ["y", "z"]}),
    ("an element that may be another", current(twice=[0, 1, 1, 2]), [replace("/twice/0", 5)], {"/twice": [0, 1, 1, 2]}),
    ("an element without a name that changed", current(bare=[{"age": 9}, {"age": 2}]), [replace("/bare/0/age", 5)], {"/bare": [{"age": 9}, {"age": 2}]}),
    ("the same member of a named element", current(people=[BEN, {"id": "ann", "age": 9}]), [replace("/people/0/age", 5)], {"/people/0/age": 9}),
    ("a removed named element", current(people=[BEN]), [replace("/people/0/age", 5)], {"/people": [BEN]}),
    ("a whole array and an element", current(l=["x", "y"]), [replace("/l", [])], {"/l": ["x", "y"]}),
    ("moving what theirs edited", current(t={"a": 1, "b": 9}), [move("/t/b", "/t/c")], {"/t/b": 9}),
    ("moving what theirs removed", current(t={"a": 1}), [move("/t/b", "/t/c")], {"/t/b": None}),
    ("moving onto what theirs added", current(t={"a": 1, "b": 2, "c": 3}), [move("/t/b", "/t/c")], {"/t/c": 3}),
    ("copying what theirs edited", current(t={"a": 1, "b": 9}), [copied("/t/b", "/t/c")], {"/t/b": 9}),
    ("a test that no longer holds", current(t={"a": 1, "b": 9}), [check("/t/b", 2), replace("/l/0", 0)], {"/t/b": 9}),
    ("rewriting what both removed", current(t={"a": 1}), [remove("/t/b"), add("/t/b", 5)], {"/t/b": None}),
    ("rewriting what both wrote", current(t={"a": 9, "b": 2}), [replace("/t/a", 9), replace("/t/a", 5)], {"/t/a": 9}),
    ("rewriting inside what both wrote", current(t={"a": {"x": 1}, "b": 2}), [replace("/t/a", {"x": 1}), replace("/t/a/x", 5)], {"/t/a/x": 1}),
    ("replacing an element that both removed", current(l=["x", "z"]), [remove("/l/1"), add("/l/1", "n")], {"/l": ["x", "z"]}),
    ("the whole record", current(t=5), [replace("", {})], {"": current(t=5)}),
    ("every place is named", current(t={"a": 8, "b": 9}), [replace("/t/a", 3), replace("/t/b", 4), replace("/l/0", 0)], {"/t/a": 8, "/t/b": 9}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "theirs", "ops", "expected"), MERGES)
def test_it_merges(name: str, theirs: Any, ops: Any, expected: Any) -> None:
    before = canonical_bytes([BASE, theirs, ops])
    merged = rebase(BASE, theirs, ops)
    assert isinstance(merged, Rebased), name
    if expected is not None:
        assert merged.ops == expected
    assert json_equal(merged.result, apply_raw(theirs, merged.ops))
    assert canonical_bytes([BASE, theirs, ops]) == before


@pytest.mark.parametrize(("name", "theirs", "ops", "places"), CLASHES)
def test_it_reports_conflicts(name: str, theirs: Any, ops: Any, places: Any) -> None:
    outcome = rebase(BASE, theirs, ops)
    assert isinstance(outcome, Conflicts), name
    assert {conflict.path: conflict.theirs for conflict in outcome.conflicts} == places


def test_it_shows_base_ours_and_theirs() -> None:
    outcome = rebase(BASE, current(t={"a": 9, "b": 2}), [replace("/t/a", 3)])
    assert isinstance(outcome, Conflicts)
    assert [conflict.as_dict() for conflict in outcome.conflicts] == [
        {"path": "/t/a", "base": 1, "ours": 3, "theirs": 9}
    ]


@pytest.mark.parametrize(
    "ops",
    [
        [replace("/t/a", 9)],
        [check("/t/b", 2), replace("/t/a", 9)],
        [replace("", current(t={"a": 9, "b": 2}))],
        [replace("/t/a", 5), replace("/t/a", 9)],
    ],
)
def test_it_says_when_nothing_remains(ops: Any) -> None:
    theirs = current(t={"a": 9, "b": 2})
    assert rebase(BASE, theirs, ops) == Rebased([], theirs)


def test_it_refuses_operations_that_do_not_fit_their_base() -> None:
    with pytest.raises(InvalidDiff):
        rebase(BASE, current(t=5), [remove("/nowhere")])


def test_it_keeps_operations_whose_base_did_not_move() -> None:
    ops = [check("/l/0", "x"), move("/l/0", "/l/2"), add("/l/-", 1), copied("/t", "/u")]
    outcome = rebase(BASE, BASE, ops)
    assert isinstance(outcome, Rebased)
    assert json_equal(outcome.result, apply_raw(BASE, ops))


@given(st.data(), VALUES)
def test_it_carries_any_patch_to_an_unchanged_base(data: st.DataObject, base: Any) -> None:
    ops = data.draw(patches(base))
    outcome = rebase(base, base, ops)
    assert isinstance(outcome, Rebased)
    assert json_equal(outcome.result, apply_raw(base, ops))


@given(st.data(), VALUES)
def test_it_gives_operations_that_give_the_result(data: st.DataObject, base: Any) -> None:
    theirs = apply_raw(base, data.draw(patches(base)))
    outcome = rebase(base, theirs, data.draw(patches(base)))
    if isinstance(outcome, Rebased):
        assert json_equal(apply_raw(theirs, outcome.ops), outcome.result)
    else:
        assert outcome.conflicts


@given(st.data(), VALUES)
def test_it_gives_the_same_document_in_either_order(data: st.DataObject, base: Any) -> None:
    ours, theirs = data.draw(patches(base)), data.draw(patches(base))
    one = rebase(base, apply_raw(base, theirs), ours)
    other = rebase(base, apply_raw(base, ours), theirs)
    if isinstance(one, Rebased) and isinstance(other, Rebased):
        assert json_equal(one.result, other.result)


TREES = st.dictionaries(
    KEYS, SCALARS | st.dictionaries(KEYS, SCALARS, max_size=3), min_size=1, max_size=4
)
NOTHING = object()


def leaves(document: Any) -> dict[tuple[str, ...], Any]:
    found: dict[tuple[str, ...], Any] = {}
    for key, value in document.items():
        if isinstance(value, dict) and value:
            found.update({(key, *rest): leaf for rest, leaf in leaves(value).items()})
        else:
            found[(key,)] = value
    return found


def same(one: Any, other: Any) -> bool:
    if one is NOTHING or other is NOTHING:
        return one is other
    return json_equal(one, other)


@given(TREES, TREES, TREES)
def test_it_never_merges_overlapping_edits_silently(base: Any, mine: Any, its: Any) -> None:
    ops = [remove("/" + key.replace("~", "~0").replace("/", "~1")) for key in base]
    ops += [add("/" + key.replace("~", "~0").replace("/", "~1"), mine[key]) for key in mine]
    outcome = rebase(base, its, ops)
    if isinstance(outcome, Conflicts):
        return
    old, ours, theirs, merged = map(leaves, (base, mine, its, outcome.result))
    for place in {*old, *ours, *theirs, *merged}:
        was, we, they, now = (side.get(place, NOTHING) for side in (old, ours, theirs, merged))
        if same(was, they):
            assert same(now, we)
        elif same(was, we) or same(we, they):
            assert same(now, they)
        else:
            raise AssertionError(f"{place}: merged {we!r} with {they!r}")


@given(st.data())
def test_it_merges_edits_of_different_fields(data: st.DataObject) -> None:
    base = {key: data.draw(VALUES) for key in ("ours", "theirs")}
    mine = {**base, "ours": data.draw(VALUES)}
    its = {**base, "theirs": data.draw(VALUES)}
    outcome = rebase(base, its, [add("/ours", mine["ours"])])
    assert isinstance(outcome, Rebased)
    assert json_equal(outcome.result, {"ours": mine["ours"], "theirs": its["theirs"]})
