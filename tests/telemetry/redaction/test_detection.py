"""What is caught and what is kept: the planted table, and the shared corpus where it exists."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from telemetry.redaction import EVENT_POLICY, NOTE_POLICY, Policy, sanitize
from tests.telemetry.redaction import look_alikes, planted

CORPUS = Path(__file__).parents[4] / "shared" / "data" / "secrets" / "cases.json"
POLICIES = pytest.mark.parametrize("policy", [EVENT_POLICY, NOTE_POLICY], ids=["event", "note"])


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value if isinstance(value, str) else json.dumps(value)


def corpus(*, secret: bool) -> list[dict[str, Any]]:
    cases = json.loads(CORPUS.read_text("utf-8")) if CORPUS.exists() else []
    return [case for case in cases if case["is_secret"] is secret]


def value_of(case: dict[str, Any]) -> Any:
    return json.loads(base64.b64decode(case["value_b64"]))


def survives(case: dict[str, Any], policy: Policy) -> bool:
    kept = "\n".join(leaves(sanitize(value_of(case), policy).value))
    return any(json.loads(base64.b64decode(needle)) in kept for needle in case["needles_b64"])


@POLICIES
@pytest.mark.parametrize(("name", "value"), planted.secrets().items(), ids=planted.secrets())
def test_it_redacts_what_is_planted(name: str, value: Any, policy: Policy) -> None:
    result = sanitize(value, policy)
    assert result.redacted >= 1, name
    for planted_secret in (planted.github(), planted.aws(), planted.pass_word()):
        assert planted_secret not in "".join(leaves(result.value))


@POLICIES
@pytest.mark.parametrize(
    ("name", "value"), look_alikes.harmless().items(), ids=look_alikes.harmless()
)
def test_it_keeps_look_alikes(name: str, value: Any, policy: Policy) -> None:
    result = sanitize(value, policy)
    assert (result.value, result.redacted, result.truncated) == (value, 0, 0), name


def test_it_replaces_the_whole_string_and_nothing_else() -> None:
    record = {"note": f"see {planted.github()} there", "signal": "warmth", "strength": 0.5}
    result = sanitize(record, NOTE_POLICY)
    assert result.value == {"note": "[redacted]", "signal": "warmth", "strength": 0.5}
    assert (result.redacted, result.truncated) == (1, 0)


@POLICIES
def test_it_catches_every_core_secret_of_the_corpus(policy: Policy) -> None:
    cases = corpus(secret=True)
    leaked = [c["name"] for c in cases if c["tier"] == "core" and survives(c, policy)]
    assert leaked == []


@POLICIES
def test_it_catches_four_in_five_of_the_hard_ones(policy: Policy) -> None:
    cases = [case for case in corpus(secret=True) if case["tier"] == "hard"]
    leaked = [case["name"] for case in cases if survives(case, policy)]
    assert len(leaked) * 5 <= len(cases), leaked


@POLICIES
def test_it_redacts_no_harmless_core_case_of_the_corpus(policy: Policy) -> None:
    cases = [case for case in corpus(secret=False) if case["tier"] == "core"]
    changed = [c["name"] for c in cases if sanitize(value_of(c), policy).value != value_of(c)]
    assert changed == []
