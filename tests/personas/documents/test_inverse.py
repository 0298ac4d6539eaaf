"""Inverse patches give the document back byte for byte."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from personas.documents.application import apply_raw
from personas.documents.canonical import canonical_bytes
from personas.documents.inverse import difference, invert
from tests.personas.documents.strategies import VALUES, patches


@given(st.data(), VALUES)
def test_it_undoes_any_patch(data: st.DataObject, document: Any) -> None:
    after = apply_raw(document, data.draw(patches(document)))
    restored = apply_raw(after, invert(document, after))
    assert canonical_bytes(restored) == canonical_bytes(document)


@given(VALUES, VALUES)
def test_it_turns_anything_into_anything(before: Any, after: Any) -> None:
    ops = difference(before, after)
    assert canonical_bytes(apply_raw(before, ops)) == canonical_bytes(after)
    assert bool(ops) == (canonical_bytes(before) != canonical_bytes(after))


def test_it_touches_only_what_differs() -> None:
    before = {"keep": {"deep": [1, 2, 3]}, "list": ["a", "b", "c"], "gone": 1}
    after = {"keep": {"deep": [1, 2, 3]}, "list": ["a", "c"], "new": True}
    assert difference(before, after) == [
        {"op": "remove", "path": "/gone"},
        {"op": "remove", "path": "/list/1"},
        {"op": "add", "path": "/new", "value": True},
    ]


def test_it_tells_true_from_one() -> None:
    assert difference({"a": 1}, {"a": True}) == [{"op": "replace", "path": "/a", "value": True}]
    assert difference({"a": 1}, {"a": 1.0}) == []
