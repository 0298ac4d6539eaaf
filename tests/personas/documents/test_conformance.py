"""RFC 6902 on arbitrary documents: its rules one by one, and the public cases where present."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.documents.application import apply_raw
from personas.documents.canonical import canonical_bytes, json_equal
from personas.errors import InvalidDiff
from tests.personas.documents.strategies import VALUES, patches

CASES = Path(__file__).parents[4] / "shared" / "data" / "jsonpatch" / "spec_tests.json"


def op(name: str, path: Any, value: Any = ..., **more: Any) -> dict[str, Any]:
    made = {"op": name, "path": path, **more}
    return made if value is ... else {**made, "value": value}


def move(source: str, path: str) -> dict[str, Any]:
    return {"op": "move", "from": source, "path": path}


def copied(source: str, path: str) -> dict[str, Any]:
    return {"op": "copy", "from": source, "path": path}


APPLIES = [
    ("an empty patch", {"a": 1}, [], {"a": 1}),
    ("an empty patch on an array", ["a"], [], ["a"]),
    ("order of keys is no difference", {"a": 1, "b": 2}, [op("test", "", {"b": 2, "a": 1})], ...),
    ("add to an empty array by index", [], [op("add", "/0", "x")], ["x"]),
    ("append", [1], [op("add", "/-", 2), op("add", "/-", [3])], [1, 2, [3]]),
    ("insert at the end by index", [1], [op("add", "/1", 2)], [1, 2]),
    ("insert before", [1, 2], [op("add", "/0", 0)], [0, 1, 2]),
    ("add null", {}, [op("add", "/a", None)], {"a": None}),
    ("add over an existing member", {"a": 1}, [op("add", "/a", 2)], {"a": 2}),
    ("the empty key", {}, [op("add", "/", 1)], {"": 1}),
    ("an empty key below", {"a": {}}, [op("add", "/a/", 1)], {"a": {"": 1}}),
    ("keys are case sensitive", {"foo": 1}, [op("add", "/FOO", 2)], {"foo": 1, "FOO": 2}),
    ("numeric keys of objects", {}, [op("add", "/0", "a"), op("add", "/01", "b")], ...),
    ("the key - of an object", {}, [op("add", "/-", 1), op("replace", "/-", 2)], {"-": 2}),
    ("remove the key -", {"-": 1}, [op("remove", "/-")], {}),
    ("a key that looks like a number", {"1e0": "x"}, [op("test", "/1e0", "x")], ...),
    ("escapes", {"a/b": 1, "m~n": 2, "~1": 3}, [op("test", "/~01", 3), op("remove", "/a~1b")], ...),
    ("add the whole document", {"a": 1}, [op("add", "", [1])], [1]),
    ("replace the whole document", {"a": 1}, [op("replace", "", {"b": 2})], {"b": 2}),
    ("replace an array by an object", [1], [op("replace", "", {})], {}),
    ("a scalar document", "a", [op("test", "", "a"), op("replace", "", "b")], "b"),
    ("replace by null", {"a": 1}, [op("replace", "/a", None)], {"a": None}),
    ("replace an element by an array", [1, 2], [op("replace", "/1", [3])], [1, [3]]),
    ("replace a null", {"a": None}, [op("replace", "/a", "x")], {"a": "x"}),
    ("remove a null", {"a": None}, [op("remove", "/a")], {}),
    ("move a null", {"a": None}, [move("/a", "/b")], {"b": None}),
    ("copy a null", {"a": None}, [copied("/a", "/b")], {"a": None, "b": None}),
    ("test a null", {"a": None}, [op("test", "/a", None)], ...),
    ("remove a deep element", [1, [2, 3]], [op("remove", "/1/0")], [1, [3]]),
    ("removals shift", [1, 2, 3, 4], [op("remove", "/1"), op("remove", "/2")], [1, 3]),
    ("move to the same place", {"a": 1}, [move("/a", "/a")], {"a": 1}),
    ("move the root to the root", {"a": 1}, [move("", "")], {"a": 1}),
    ("move within an array", [1, 2, 3], [move("/0", "/2")], [2, 3, 1]),
    ("move to the end", [1, 2, 3], [move("/0", "/-")], [2, 3, 1]),
    ("move over an existing member", {"a": 1, "b": 2}, [move("/a", "/b")], {"b": 1}),
    ("move out of the root's member", {"a": {"b": 1}}, [move("/a/b", "")], 1),
    ("names that share a beginning", {"a": {}}, [move("/a", "/ab")], {"ab": {}}),
    (
        "copy is deep",
        {"a": {}},
        [copied("/a", "/b"), op("add", "/b/c", 1)],
        {"a": {}, "b": {"c": 1}},
    ),
    ("copy the root into itself", {"a": 1}, [copied("", "/b")], {"a": 1, "b": {"a": 1}}),
    ("copy into an array", [1, 2], [copied("/0", "/1")], [1, 1, 2]),
    ("values are not shared", {}, [op("add", "/a", [1]), op("add", "/a/-", 2)], {"a": [1, 2]}),
    ("numbers are compared by value", {"a": 1}, [op("test", "/a", 1.0)], ...),
    ("exponents are numbers too", {"a": 100}, [op("test", "/a", 1e2)], ...),
    ("foreign members are ignored", {"a": 1}, [op("remove", "/a", value=9, note="x")], {}),
    ("unicode", {"ü€\U0001f600": 1}, [op("test", "/ü€\U0001f600", 1)], ...),
]

REFUSED = [
    ("a missing parent", {}, [op("add", "/a/b", 1)], "/diff/0/path", "path_not_found"),
    ("a parent that is a number", {"a": 1}, [op("add", "/a/b", 1)], "/diff/0/path", "not_a_container"),
    ("a parent that is text", {"a": "xy"}, [op("add", "/a/0", 1)], "/diff/0/path", "not_a_container"),
    ("a parent that is null", {"a": None}, [op("add", "/a/b", 1)], "/diff/0/path", "not_a_container"),
    ("text has no elements", {"a": "xy"}, [op("test", "/a/0", "x")], "/diff/0/path", "not_a_container"),
    ("beyond the end", [1], [op("add", "/2", 1)], "/diff/0/path", "index_out_of_bounds"),
    ("an index of many digits", [1], [op("add", "/" + "9" * 5000, 1)], "/diff/0/path", "index_out_of_bounds"),
    ("a negative index", [1], [op("add", "/-1", 1)], "/diff/0/path", "index_syntax"),
    ("a leading zero", [1, 2], [op("test", "/01", 2)], "/diff/0/path", "index_syntax"),
    ("two zeros", [1], [op("test", "/00", 1)], "/diff/0/path", "index_syntax"),
    ("an exponent", [1, 2], [op("replace", "/1e0", 1)], "/diff/0/path", "index_syntax"),
    ("an exponent in from", {"a": [1, 2]}, [copied("/a/1e0", "/b")], "/diff/0/from", "index_syntax"),
    ("a plus sign", [1, 2], [op("remove", "/+1")], "/diff/0/path", "index_syntax"),
    ("foreign digits", [1, 2], [op("remove", "/\u0661")], "/diff/0/path", "index_syntax"),
    ("a key on an array", [1], [op("add", "/a", 1)], "/diff/0/path", "index_syntax"),
    ("an empty index", [1], [op("add", "/", 1)], "/diff/0/path", "index_syntax"),
    ("- is only for add: replace", [1], [op("replace", "/-", 1)], "/diff/0/path", "path_not_found"),
    ("- is only for add: remove", [1], [op("remove", "/-")], "/diff/0/path", "path_not_found"),
    ("- is only for add: test", [1], [op("test", "/-", 1)], "/diff/0/path", "path_not_found"),
    ("- is only for add: from", [1], [move("/-", "/0")], "/diff/0/from", "path_not_found"),
    ("- on the way", [[1]], [op("add", "/-/0", 1)], "/diff/0/path", "path_not_found"),
    ("remove what is not there", {}, [op("remove", "/a")], "/diff/0/path", "path_not_found"),
    ("remove below what is not there", {"a": {}}, [op("remove", "/a/b/c")], "/diff/0/path", "path_not_found"),
    ("remove an index that is not there", [1], [op("remove", "/1")], "/diff/0/path", "index_out_of_bounds"),
    ("remove twice", {"a": 1}, [op("remove", "/a"), op("remove", "/a")], "/diff/1/path", "path_not_found"),
    ("remove everything", {"a": 1}, [op("remove", "")], "/diff/0/path", "whole_document"),
    ("replace what is not there", {}, [op("replace", "/a", 1)], "/diff/0/path", "path_not_found"),
    ("move what is not there", {}, [move("/a", "/b")], "/diff/0/from", "path_not_found"),
    ("move what is not there in place", {}, [move("/a", "/a")], "/diff/0/from", "path_not_found"),
    ("move into a child", {"a": {"b": {}}}, [move("/a", "/a/b/c")], "/diff/0/path", "move_into_child"),
    ("move an element into itself", [[1], [2]], [move("/0", "/0/0")], "/diff/0/path", "move_into_child"),
    ("move the root", {"a": 1}, [move("", "/a")], "/diff/0/path", "move_into_child"),
    ("move beyond the shortened end", [1, 2], [move("/0", "/2")], "/diff/0/path", "path_not_found"),
    ("copy what is not there", {}, [copied("/a", "/b")], "/diff/0/from", "path_not_found"),
    ("test another value", {"a": 1}, [op("test", "/a", 2)], "/diff/0/value", "test_failed"),
    ("test text for a number", {"a": "1"}, [op("test", "/a", 1)], "/diff/0/value", "test_failed"),
    ("true is not 1", {"a": 1}, [op("test", "/a", True)], "/diff/0/value", "test_failed"),
    ("1 is not true", {"a": True}, [op("test", "/a", 1)], "/diff/0/value", "test_failed"),
    ("false is not 0", [False], [op("test", "", [0])], "/diff/0/value", "test_failed"),
    ("false is not null", {"a": False}, [op("test", "/a", None)], "/diff/0/value", "test_failed"),
    ("null is not nothing", {}, [op("test", "/a", None)], "/diff/0/path", "path_not_found"),
    ("an array is no object", {"a": []}, [op("test", "/a", {})], "/diff/0/value", "test_failed"),
    ("order of elements counts", [1, 2], [op("test", "", [2, 1])], "/diff/0/value", "test_failed"),
    ("no slash", {"a": 1}, [op("test", "a", 1)], "/diff/0/path", "pointer_syntax"),
    ("a fragment", {"a": 1}, [op("test", "#/a", 1)], "/diff/0/path", "pointer_syntax"),
    ("a bad escape", {"a": 1}, [op("test", "/~2", 1)], "/diff/0/path", "pointer_syntax"),
    ("an open escape", {"a": 1}, [op("test", "/a~", 1)], "/diff/0/path", "pointer_syntax"),
    ("no path", {}, [{"op": "add", "value": 1}], "/diff/0/path", "required"),
    ("a path of null", {}, [op("add", None, 1)], "/diff/0/path", "not_a_string"),
    ("a path of tokens", {}, [op("add", ["a"], 1)], "/diff/0/path", "not_a_string"),
    ("no value to add", {}, [op("add", "/a")], "/diff/0/value", "required"),
    ("no value to replace", {"a": 1}, [op("replace", "/a")], "/diff/0/value", "required"),
    ("no value to test", {"a": None}, [op("test", "/a")], "/diff/0/value", "required"),
    ("no from to move", {"a": 1}, [op("move", "/b")], "/diff/0/from", "required"),
    ("no from to copy", {"a": 1}, [op("copy", "/b")], "/diff/0/from", "required"),
    ("no op", {}, [{"path": "/a", "value": 1}], "/diff/0/op", "required"),
    ("an unknown op", {}, [op("spam", "/a", 1)], "/diff/0/op", "unknown_op"),
    ("an op in capitals", {}, [op("Add", "/a", 1)], "/diff/0/op", "unknown_op"),
    ("an op that is a list", {}, [op(["add"], "/a", 1)], "/diff/0/op", "unknown_op"),  # type: ignore[arg-type]
    ("an operation of text", {}, ["add"], "/diff/0", "not_an_object"),
    ("a patch that is an object", {}, {"op": "add"}, "/diff", "not_an_array"),
    ("a patch that is null", {}, None, "/diff", "not_an_array"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "document", "ops", "expected"), APPLIES)
def test_it_applies(name: str, document: Any, ops: Any, expected: Any) -> None:
    before, patch = copy.deepcopy(document), copy.deepcopy(ops)
    result = apply_raw(document, ops)
    if expected is not ...:
        assert json_equal(result, expected), name
    assert document == before
    assert ops == patch


@pytest.mark.parametrize(("name", "document", "ops", "pointer", "code"), REFUSED)
def test_it_refuses(name: str, document: Any, ops: Any, pointer: str, code: str) -> None:
    before = copy.deepcopy(document)
    with pytest.raises(InvalidDiff) as refused:
        apply_raw(document, ops)
    assert [(fault.pointer, fault.code) for fault in refused.value.errors] == [(pointer, code)], (
        name
    )
    assert document == before


def test_it_applies_all_or_nothing() -> None:
    document = {"a": [1]}
    with pytest.raises(InvalidDiff):
        apply_raw(document, [op("add", "/a/-", 2), op("remove", "/b")])
    assert document == {"a": [1]}


def test_it_names_every_malformed_operation() -> None:
    with pytest.raises(InvalidDiff) as refused:
        apply_raw({}, [op("add", "a"), {}, 5])
    assert [fault.pointer for fault in refused.value.errors] == [
        "/diff/0/path",
        "/diff/0/value",
        "/diff/1/op",
        "/diff/2",
    ]


def test_it_passes_the_public_cases_where_they_are_at_hand() -> None:
    for case in json.loads(CASES.read_text()) if CASES.exists() else []:
        if case.get("disabled"):
            continue
        if "error" in case:
            with pytest.raises(InvalidDiff):
                apply_raw(case["doc"], case["patch"])
        else:
            result = apply_raw(case["doc"], case["patch"])
            assert json_equal(result, case.get("expected", case["doc"])), case["comment"]


@given(VALUES, VALUES)
def test_it_holds_equal_what_has_the_same_canonical_bytes(one: Any, other: Any) -> None:
    assert json_equal(one, other) == (canonical_bytes(one) == canonical_bytes(other))


@given(st.data(), VALUES)
def test_it_never_changes_its_inputs(data: st.DataObject, document: Any) -> None:
    ops = data.draw(patches(document))
    before = canonical_bytes([document, ops])
    apply_raw(document, ops)
    assert canonical_bytes([document, ops]) == before
