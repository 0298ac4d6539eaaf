"""The card of a persona, from records of any shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arw_site.desk.persona_card import CHIPS, TONES, Card, Source, Tone, card_of

pytestmark = pytest.mark.pure
DEMO = Path(__file__).parents[2] / "personas" / "demo"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_it_reads_the_demo() -> None:
    card = card_of(json.loads((DEMO / "workspace.json").read_text(encoding="utf-8")))
    assert card.chips[0] == "tracing a claim to its source"
    assert card.tones[0] == Tone("warmth", "tone", 0.55)
    assert card.summary.startswith("Good answers")
    assert (card.beliefs[0].confidence, len(card.beliefs[0].sources)) == (0.92, 2)
    assert card.beliefs[0].sources[0] == Source(
        "Review of the spring briefing: two figures could not be traced",
        "memory:desk-0312",
        "2026-03-12",
    )
    assert card.sureness[0] == Tone("confidence", "", 0.71)
    assert {one.name for one in card.sureness} >= {"search", "summary", "arithmetic"}
    assert card.drift is not None


def test_it_takes_no_number_beyond_0_and_1_and_no_switch_for_a_tone() -> None:
    traits = {"pace": 3, "warmth": 0.5, "calm": True, "low": -0.1, "edge": 1, "none": None}
    preferences = {"context": {"lane_weights": {"semantic": 0.5}}, "depth": {"detail": 0.25}}
    card = card_of({"traits": traits, "preferences": preferences})
    assert card.tones == (Tone("warmth", "", 0.5), Tone("edge", "", 1.0), Tone("detail", "depth", 0.25))  # fmt: skip


def test_it_tells_a_cost_and_where_drift_stands_apart_from_how_sure_it_is() -> None:
    drift = {"score": 0.3, "baseline": {"confidence": 0.8, "cost": 0.5}, "outside": True}
    calibration = {"confidence": 0.5, "competence": 0.72, "cost": 0.25, "drift": drift}
    card = card_of({"calibration": calibration})
    assert card.sureness == (Tone("confidence", "", 0.5), Tone("competence", "", 0.72))
    assert (card.cost, card.drift, card.drift_outside) == (0.25, 0.3, True)
    card = card_of({"calibration": {"cost": 1450, "drift": {"score": 0.1, "outside": False}}})
    assert (card.cost, card.drift, card.drift_outside) == (1450, 0.1, False)
    card = card_of({"calibration": {"cost": {"tokens": 0.5}, "drift": {"outside": 1}}})
    assert (card.cost, card.drift_outside) == (None, None)
    assert card.sureness == (Tone("tokens", "cost", 0.5),)


def test_it_takes_beliefs_as_plain_lines() -> None:
    card = card_of({"worldview": ["One.", {"text": "Two.", "citations": ["A book"]}, 7]})
    assert [one.statement for one in card.beliefs] == ["One.", "Two."]
    assert card.beliefs[1].sources == (Source("A book"),)


def test_it_says_how_much_it_leaves_out() -> None:
    card = card_of({"worldview": {"beliefs": [f"Belief {at}" for at in range(20)]}})
    assert (len(card.beliefs), card.more_beliefs) == (12, 8)


def test_it_is_empty_for_an_empty_record() -> None:
    fields = ("traits", "preferences", "worldview", "calibration")
    assert card_of({name: {} for name in fields}) == Card()


@given(
    st.dictionaries(st.sampled_from(["traits", "preferences", "worldview", "calibration"]), JSON)
)
def test_it_takes_every_shape(document: dict[str, Any]) -> None:
    card = card_of(document)
    assert len(card.chips) <= CHIPS
    assert len(card.tones) <= TONES
    assert all(0 <= one.value <= 1 for one in (*card.tones, *card.sureness))
    assert all(one.statement for one in card.beliefs)
