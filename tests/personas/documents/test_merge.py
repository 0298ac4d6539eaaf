"""RFC 7396: the table of its appendix, and the operations that a merge object means."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from personas.documents.application import apply_raw
from personas.documents.canonical import json_equal
from personas.documents.merge import merge_apply, merge_to_ops
from tests.personas.documents.strategies import OBJECTS, VALUES

# RFC 7396, appendix A: original, patch, result.
APPENDIX = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("original", "patch", "result"), APPENDIX)
def test_it_merges_as_the_appendix_says(original: Any, patch: Any, result: Any) -> None:
    assert json_equal(merge_apply(original, patch), result)
    assert json_equal(apply_raw(original, merge_to_ops(original, patch)), result)


@given(VALUES, VALUES)
def test_it_means_the_same_as_operations(document: Any, patch: Any) -> None:
    ops = merge_to_ops(document, patch)
    assert json_equal(apply_raw(document, ops), merge_apply(document, patch))
    assert {op["op"] for op in ops} <= {"add", "remove", "replace"}


@given(OBJECTS, OBJECTS)
def test_it_gives_only_operations_that_change_something(document: Any, patch: Any) -> None:
    ops = merge_to_ops(document, patch)
    for left_out in range(len(ops)):
        rest = ops[:left_out] + ops[left_out + 1 :]
        assert not json_equal(apply_raw(document, rest), apply_raw(document, ops))


def test_it_writes_only_what_differs() -> None:
    document = {"a": {"x": 1, "y": [1]}, "b": 1}
    patch = {"a": {"x": 1, "y": [1], "z": {"n": None}}, "b": None, "c": None}
    assert merge_to_ops(document, patch) == [
        {"op": "add", "path": "/a/z", "value": {}},
        {"op": "remove", "path": "/b"},
    ]
