"""RFC 6901 pointers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.documents.pointer import (
    PointerSyntaxError,
    is_prefix,
    join,
    overlaps,
    parse_index,
    resolve,
    split,
)


@given(st.lists(st.text()))
def test_it_splits_what_it_joined(tokens: list[str]) -> None:
    assert split(join(tokens)) == tuple(tokens)


def test_it_reads_the_examples_of_the_rfc() -> None:
    document = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "m~n": 8, "~1": 9}
    found = {
        pointer: resolve(document, split(pointer))
        for pointer in ("", "/foo/0", "/", "/a~1b", "/c%d", "/m~0n", "/~01")
    }
    assert found == {
        "": document,
        "/foo/0": "bar",
        "/": 0,
        "/a~1b": 1,
        "/c%d": 2,
        "/m~0n": 8,
        "/~01": 9,
    }


@pytest.mark.parametrize("pointer", ["a", "#/a", "/~", "/~2", "/a~/b", " /a"])
def test_it_refuses_bad_syntax(pointer: str) -> None:
    with pytest.raises(PointerSyntaxError):
        split(pointer)


def test_it_knows_places_inside_places() -> None:
    assert is_prefix(("a",), ("a", "b"))
    assert is_prefix((), ("a",))
    assert not is_prefix(("a",), ("ab",))
    assert overlaps(("a", "b"), ("a",))
    assert not overlaps(("a", "b"), ("a", "c"))


@pytest.mark.parametrize("token", ["", "-", "01", "-1", "+1", "1e0", "1.0", " 1", "\u0661", "1\n"])
def test_it_takes_only_plain_indices(token: str) -> None:
    assert parse_index(token) is None


def test_it_takes_indices_of_any_length() -> None:
    assert parse_index("0") == 0
    assert parse_index("10") == 10
    huge = parse_index("9" * 10_000)
    assert huge is not None
    assert huge > 10**9
