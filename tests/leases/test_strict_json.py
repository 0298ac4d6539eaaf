"""Strict JSON: what is refused, where it is said to be, and that nothing else is."""

from __future__ import annotations

import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leases.strict_json import MAX_SAFE_INTEGER, StrictJSONError, check, loads

SURROGATE = "\\ud800"

REFUSED = [
    (b'{"a": "\xff"}', "", "invalid_utf8"),
    (b"\xef\xbb\xbf{}", "", "byte_order_mark"),
    ("\ufeff{}", "", "byte_order_mark"),
    ('"\ud800"', "", "invalid_character"),
    (b"", "", "syntax"),
    (b"{", "", "syntax"),
    (b"{} {}", "", "syntax"),
    (b"[1,]", "", "syntax"),
    (b"{'a': 1}", "", "syntax"),
    (b'"\x00"', "", "syntax"),
    (b'["\t"]', "", "syntax"),
    (b"[01]", "", "syntax"),
    (b"[+1]", "", "syntax"),
    (b"[.5]", "", "syntax"),
    ("[\u0661]", "", "syntax"),
    (b'{"a": 1, "a": 2}', "/a", "duplicate_key"),
    (b'{"x": [{"a/b": 1, "c": 0, "a/b": 1}]}', "/x/0/a~1b", "duplicate_key"),
    (b"NaN", "", "not_finite"),
    (b'{"n": [0, -Infinity]}', "/n/1", "not_finite"),
    (b'{"n": 1e999}', "/n", "not_finite"),
    (b"[9007199254740992]", "/0", "number_out_of_range"),
    (b"[-9007199254740992]", "/0", "number_out_of_range"),
    (b"[1e300]", "/0", "number_out_of_range"),
    (b"[" + b"9" * 10_000 + b"]", "/0", "number_out_of_range"),
    (b'{"s": "a\\u0000"}', "/s", "invalid_character"),
    (b'{"\\u0000": 1}', "/\ufffd", "invalid_character"),
    (f'{{"s": "{SURROGATE}"}}', "/s", "invalid_character"),
    (f'{{"{SURROGATE}": 1}}', "/\ufffd", "invalid_character"),
]


@pytest.mark.parametrize(("text", "pointer", "code"), REFUSED)
def test_it_refuses_with_a_pointer(text: bytes | str, pointer: str, code: str) -> None:
    with pytest.raises(StrictJSONError) as refused:
        loads(text)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [(pointer, code)]


def test_it_names_line_and_column_of_a_syntax_error() -> None:
    with pytest.raises(StrictJSONError, match="line 2, column 3") as refused:
        loads('{\n  "a" 1}'.replace('"a" 1', "oops"))
    assert refused.value.place == (2, 3)
    with pytest.raises(StrictJSONError) as refused:
        loads('{"a": NaN}')
    assert refused.value.place is None


def test_it_collects_every_fault_in_document_order() -> None:
    with pytest.raises(StrictJSONError) as refused:
        loads('{"a": NaN, "b": [1e999, {"c": 1, "c": 99999999999999999}], "d": "\\u0000"}')
    assert [fault.pointer for fault in refused.value.faults] == [
        "/a",
        "/b/0",
        "/b/1/c",
        "/b/1/c",
        "/d",
    ]


def test_it_caps_the_number_of_faults() -> None:
    with pytest.raises(StrictJSONError) as refused:
        loads("[" + ",".join(["NaN"] * 500) + "]")
    assert len(refused.value.faults) == 20


@pytest.mark.parametrize("levels", [65, 5_000, 1_000_000])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_it_refuses_deep_nesting_quickly(opening: str, levels: int) -> None:
    started = time.thread_time()
    with pytest.raises(StrictJSONError) as refused:
        loads(opening * levels)
    assert refused.value.faults[0].code == "too_deep"
    assert time.thread_time() - started < 1


def test_it_scans_unterminated_strings_in_linear_time() -> None:
    started = time.thread_time()
    with pytest.raises(StrictJSONError):
        loads("[" * 65 + '"' + '\\"[' * 300_000)
    with pytest.raises(StrictJSONError):
        loads('["' * 300_000)
    assert time.thread_time() - started < 2


def test_it_counts_depth_only_outside_strings() -> None:
    assert loads("[" * 64 + "]" * 64) == json.loads("[" * 64 + "]" * 64)
    brackets = '"' + "[{" * 1000 + '"'
    assert loads(brackets) == "[{" * 1000
    assert loads('[[], [], "\\"]["]', max_depth=2) == [[], [], '"][']
    with pytest.raises(StrictJSONError):
        loads("[[[]]]", max_depth=2)


def test_it_accepts_what_is_at_the_edge() -> None:
    text = f'[{MAX_SAFE_INTEGER}, -{MAX_SAFE_INTEGER}, 5e-324, -0.0, "\\ud83d\\ude00", ""]'
    assert loads(text) == [MAX_SAFE_INTEGER, -MAX_SAFE_INTEGER, 5e-324, 0.0, "\U0001f600", ""]
    assert loads(b'{"a": {"a": 1}, "": [true, false, null]}') == {
        "a": {"a": 1},
        "": [True, False, None],
    }


SAFE_TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
    | st.floats(-1e15, 1e15)
    | SAFE_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(SAFE_TEXT, inner),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_it_agrees_with_json_on_valid_documents(value: object, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert loads(text) == loads(text.encode()) == json.loads(text)
    check(value)


@given(st.binary(max_size=40) | st.text('[]{}",:0123456789.eE+-\\u ntrfalsN', max_size=40))
def test_it_refuses_or_parses_but_never_breaks(data: bytes | str) -> None:
    value, accepted = None, False
    with contextlib.suppress(StrictJSONError):
        value = loads(data)
        accepted = True
    if not accepted:
        with pytest.raises(StrictJSONError) as refused:
            loads(data)
        assert refused.value.faults
    else:
        assert value == json.loads(data)
        check(value)


@pytest.mark.parametrize(
    ("value", "pointer", "code"),
    [
        ({"a": [float("nan")]}, "/a/0", "not_finite"),
        ({"a": float("inf")}, "/a", "not_finite"),
        ([2**53], "/0", "number_out_of_range"),
        ([2.0**60], "/0", "number_out_of_range"),
        ({"a": {1, 2}}, "/a", "not_json"),
        ({1: "a"}, "", "invalid_key"),
        ({"a": "\x00"}, "/a", "invalid_character"),
        ({"a": "\udfff"}, "/a", "invalid_character"),
        ({"a": (1, 2)}, "/a", "not_json"),
    ],
)
def test_it_checks_parsed_values_by_the_same_rules(value: object, pointer: str, code: str) -> None:
    with pytest.raises(StrictJSONError) as refused:
        check(value)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [(pointer, code)]


def test_it_checks_depth_of_parsed_values_without_recursion() -> None:
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(StrictJSONError) as refused:
        check(value)
    assert refused.value.faults[0].code == "too_deep"
    while value:
        value = value.pop()  # type: ignore[assignment]  # taken apart without recursion
