"""What holds for every JSON value."""

import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from telemetry.redaction import EVENT_POLICY, NOTE_POLICY, Policy, sanitize
from tests.telemetry.redaction import planted
from tests.telemetry.redaction.test_detection import leaves

TIGHT = Policy(max_string=12, max_scan=700, max_total=900, max_depth=3, max_items=12)
SECRETS = [value for value in planted.secrets().values() if isinstance(value, str)]

texts = st.one_of(
    st.text(max_size=300),
    st.text(alphabet="aA1 .:@=-/_+\n\u200b\u0301", max_size=300),
    st.lists(st.sampled_from([*SECRETS, "password", "=", " ", "token", "a"]), max_size=3).map(
        "".join
    ),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(texts, inner, max_size=6),
    max_leaves=25,
)
policies = st.sampled_from([EVENT_POLICY, NOTE_POLICY, TIGHT])


def same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    return type(left) is type(right) and left == right


@settings(max_examples=400, deadline=None)
@given(values, policies)
@example({"a" * 40: "b" * 40, "a" * 41: ["c\n" * 400]}, TIGHT)
def test_it_never_raises_and_doing_it_twice_changes_nothing(value: Any, policy: Policy) -> None:
    once = sanitize(value, policy)
    twice = sanitize(once.value, policy)
    assert same(twice.value, once.value)
    for text in leaves(once.value):
        text.encode("utf-8")


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(sorted(planted.tokens().values())),
    st.text(alphabet="abc xyz,.\n", max_size=80),
    st.text(alphabet="abc xyz,.\n", max_size=80),
    policies,
)
def test_it_lets_no_planted_token_through(
    token: str, before: str, after: str, policy: Policy
) -> None:
    for value in (f"{before} {token} {after}", {"k": [f"{before}\n{token}"]}, {token: after}):
        assert token not in "".join(leaves(sanitize(value, policy).value))


@given(st.integers(-(10**11), 10**11) | st.floats() | st.booleans() | st.none())
@example(float("4" + "1" * 15))
def test_it_passes_numbers_booleans_and_null(value: float | bool | None) -> None:
    result = sanitize([value])
    assert same(result.value, [value])
    assert (result.redacted, result.truncated) == (0, 0)


@given(st.lists(st.sampled_from("calm warm day the of tone reply and better".split()), max_size=20))
def test_it_leaves_plain_prose_alone(words: list[str]) -> None:
    text = " ".join(words)
    result = sanitize(text, NOTE_POLICY)
    assert (result.value, result.redacted, result.truncated) == (text, 0, 0)


@pytest.mark.parametrize("name", ["password", "apiKey", "client-secret", "x.auth.token"])
@given(secret=st.text(alphabet="abcdefgh12345", min_size=6, max_size=30))
def test_it_redacts_anything_under_a_secret_name(name: str, secret: str) -> None:
    value = {name: secret, "deep": {name: {"inner": [secret]}}, "mood": "calm"}
    result = sanitize(value)
    assert result.value == {
        name: "[redacted]",
        "deep": {name: {"inner": ["[redacted]"]}},
        "mood": "calm",
    }
    assert result.redacted == 2
