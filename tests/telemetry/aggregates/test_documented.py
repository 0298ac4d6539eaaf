"""The worked examples of docs/aggregates.md, run as printed."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from leases.models import Lease, User
from personas.models import Persona
from telemetry.aggregates.axes import OPPOSED
from telemetry.aggregates.hearing import DEFAULT_STRENGTH, SENTIMENTS, hear
from telemetry.aggregates.showing import members
from telemetry.samples import BATCH_MAX
from tests.fixtures import ApiFor
from tests.people import NOW
from tests.telemetry.aggregates.heard import Said
from tests.telemetry.conftest import Committing
from tests.telemetry.samples import AGGREGATES, FEEDBACK, METRICS

TEXT = (Path(__file__).parents[3] / "docs" / "aggregates.md").read_text(encoding="utf-8")
PAIR = re.compile(
    r"^### (?P<title>[^\n]+)\n\n```json samples\n(?P<samples>.*?)```\n"
    r".*?```json amounts to\n(?P<result>.*?)```",
    re.DOTALL | re.MULTILINE,
)
EXAMPLES = [
    pytest.param(json.loads(found["samples"]), json.loads(found["result"]), id=found["title"])
    for found in PAIR.finditer(TEXT)
]


def test_it_finds_every_example() -> None:
    assert len(EXAMPLES) == TEXT.count("```json samples") == TEXT.count("```json amounts to") == 4


@pytest.mark.pure
@pytest.mark.parametrize(("samples", "result"), EXAMPLES)
def test_it_comes_to_what_is_printed(samples: list[dict[str, Any]], result: Any) -> None:
    rows: list[Said] = []
    at = NOW - timedelta(hours=1)
    for one in samples:
        for _ in range(one.get("times", 1)):
            at += timedelta(seconds=1)
            signal, strength = one.get("signal", "unspecified"), one.get("strength")
            told = one.get("metadata")
            rows.append(Said(len(rows), one["person"], at, signal, strength, told))
    found = members([hear(one) for one in rows])
    assert {name: found[name] for name in result} == result


@pytest.mark.parametrize(("samples", "result"), EXAMPLES)
def test_it_comes_to_the_same_over_http(
    api: ApiFor,
    consented: Persona,
    telemetry_lease: Lease,
    committing: Committing,
    alice: User,
    bob: User,
    dana: User,
    settings: Any,
    samples: list[dict[str, Any]],
    result: Any,
) -> None:
    settings.ARW_PERSONA_VIBE_HISTORY_RETAIN = 500
    clients = {who: api(user) for who, user in zip("abc", (alice, bob, dana), strict=True)}
    for one in samples:
        body = {name: one[name] for name in ("signal", "strength", "metadata") if name in one}
        count = one.get("times", 1)
        assert count <= BATCH_MAX
        with committing():
            sent = clients[one["person"]].post(FEEDBACK, [body] * count)
        assert sent.status_code == 202
    for path in (AGGREGATES, METRICS):
        found = clients["b"].get(path).json()
        assert {name: found[name] for name in result} == result


def test_it_documents_every_axis_and_every_sentiment() -> None:
    for axis, low, high in OPPOSED:
        assert f"| `{axis}` | `{low}` | `{high}` |" in TEXT
    for signal, value in SENTIMENTS.items():
        assert f"| `{signal}` | {value:g} |".replace("-", "−") in TEXT
    assert f"has the strength {DEFAULT_STRENGTH}" in TEXT
