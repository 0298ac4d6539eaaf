"""The quick reader and the strict one take and refuse exactly the same bodies (contract §2, §7)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leases.api.parsers import parse_body
from leases.errors import InvalidInput
from telemetry.samples import Sample, read_samples
from telemetry.services.feedback import read_body
from telemetry.wire import quick_samples

TEXTS = st.text(max_size=12) | st.sampled_from(
    ["", " ", "x" * 65, '"', "\\", "\\u0000", "é\U0001f600"]
)
NUMBERS = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(2**60), 2**60)
    | st.sampled_from([0, 1, -0.0, 0.5, 1e-400, 2**53 - 1, 2**53, 1e16])
)
VALUES = st.recursive(
    TEXTS | NUMBERS | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)
MEMBERS = {
    "kind": TEXTS | VALUES,
    "signal": TEXTS | VALUES,
    "strength": NUMBERS | VALUES,
    "note": TEXTS | VALUES,
    "metadata": st.dictionaries(TEXTS, VALUES, max_size=3) | VALUES,
    "id": TEXTS | VALUES,
    "else": VALUES,
}


@st.composite
def objects(draw: st.DrawFn) -> str:
    """An object as text, in which a name may stand twice and spaces anywhere."""
    names = draw(st.lists(st.sampled_from(sorted(MEMBERS)), max_size=5))
    ascii_only = draw(st.booleans())
    gap = draw(st.sampled_from(["", " ", "\n\t"]))
    parts = [
        f"{json.dumps(name)}:{gap}{json.dumps(draw(MEMBERS[name]), ensure_ascii=ascii_only)}"
        for name in names
    ]
    return f"{gap}{{{','.join(parts)}}}{gap}"


BODIES = objects() | st.lists(objects(), max_size=4).map(lambda rows: f"[{','.join(rows)}]")


def strict(body: bytes, kind: str | None) -> tuple[Sample, ...] | None:
    """What the strict reader says: samples, or None for a refusal."""
    if not body.strip():
        return None  # no body is no sample, though elsewhere it stands for an empty object
    try:
        return read_samples(parse_body(body), kind)
    except InvalidInput:
        return None


def same(body: bytes, kind: str | None = None) -> None:
    wanted, quick = strict(body, kind), quick_samples(body, kind)
    assert quick is None or repr(quick) == repr(wanted)
    try:
        taken: tuple[Sample, ...] | None = read_body(body, kind)
    except InvalidInput:
        taken = None
    assert repr(taken) == repr(wanted)


@given(BODIES, st.none() | TEXTS)
@example('{"signal":"a","signal":"a"}', None)
@example('{"metadata":{"a":{"b":1,"b":1}}}', None)
@example('{"note":"\\\\\\""}', None)
def test_it_takes_what_the_strict_reader_takes(body: str, kind: str | None) -> None:
    same(body.encode(errors="surrogatepass"), kind)


@pytest.mark.parametrize("body", [b"", b" \n", b"\x0c"])
def test_it_takes_no_body_for_a_sample(body: bytes) -> None:
    same(body)


@given(BODIES, st.data())
def test_it_takes_no_damaged_body_that_the_strict_reader_refuses(
    body: str, data: st.DataObject
) -> None:
    raw = bytearray(body.encode(errors="surrogatepass"))
    at = data.draw(st.integers(0, max(len(raw) - 1, 0)))
    raw[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    same(bytes(raw))


USUAL: list[Any] = [
    {},
    {"signal": "warmer"},
    {"signal": "warmer", "strength": 1, "note": 'quoted "so"', "metadata": {"run": "r1"}},
    {"kind": None, "id": "7", "metadata": {"a": [{"b": {"c": {}}}], "n": -1.5e-7}},
    [{"signal": "a"}, {"signal": "b", "strength": 0.1}] * 500,
]


@pytest.mark.parametrize("body", USUAL)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_it_takes_usual_bodies_the_quick_way(body: Any, ascii_only: bool) -> None:
    raw = json.dumps(body, ensure_ascii=ascii_only).encode()
    assert quick_samples(raw) == strict(raw, None)


DEEP = '{"a":' * 6 + "1" + "}" * 6
DEEPER = '{"a":' * 7 + "1" + "}" * 7
ODD = [
    DEEP,
    DEEPER,
    '{"a":"' + "x" * 8184 + '"}',
    '{"a":"' + "x" * 8185 + '"}',
    '{"a":"' + "é" * 4092 + '"}',
    '{"a":"' + "é" * 4093 + '"}',
    '{"a":[' + ",".join(["1e15"] * 500) + "]}",
    '{"a":[' + ",".join(["1e15"] * 490) + "]}",
    '{"a":9007199254740991}',
    '{"a":-9007199254740993}',
    '{"a":1e16}',
    '{"":{"":""}}',
]


@pytest.mark.parametrize("metadata", ODD)
def test_it_holds_metadata_to_the_same_bounds(metadata: str) -> None:
    same(f'{{"metadata":{metadata}}}'.encode())
    same(f'[{{"metadata":{metadata}}},{{}}]'.encode())
