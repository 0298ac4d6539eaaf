"""Context bias against the golden values and the recorded previews of the reference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from personas.documents.context_bias import ContextBias, VibeSummary, compute_context_bias

EXCHANGES = Path(__file__).parents[4] / "shared" / "data" / "arw" / "exchanges.jsonl"
PREFERENCES = {
    "preferences": {
        "context": {
            "lane_weights": {"semantic": 0.2},
            "slot_budgets": {"evidence": 3},
            "min_score_bias": 0.1,
        }
    }
}


def summary(
    counts: dict[str, int],
    strengths: dict[str, float],
    last: tuple[str, float | None] | None,
    average: float | None = None,
) -> VibeSummary:
    return VibeSummary(
        signal_counts=counts,
        signal_strength=strengths,
        signal_weights={signal: float(count) for signal, count in counts.items()},
        average_strength=average,
        last_signal=last[0] if last else None,
        last_strength=last[1] if last else None,
    )


def one(signal: str, strength: float | None) -> VibeSummary:
    strengths = {} if strength is None else {signal: strength}
    return summary({signal: 1}, strengths, (signal, strength), strength)


def test_it_gives_the_golden_values() -> None:
    assert compute_context_bias({}, one("warmer", 0.4)) == ContextBias({"*": 0.3}, {}, 0.0)
    episodic = compute_context_bias(PREFERENCES, one("lane+:episodic", 0.7))
    assert episodic == ContextBias({"episodic": 0.45, "semantic": 0.2}, {"evidence": 3}, 0.1)
    mixed = summary(
        {"lane+:semantic": 3, "slot+:evidence": 2},
        {"lane+:semantic": 0.8, "slot+:evidence": 0.5},
        ("lane+:semantic", 0.9),
    )
    assert compute_context_bias(PREFERENCES, mixed) == ContextBias(
        {"semantic": 0.625}, {"evidence": 3}, 0.1
    )
    seed = summary({"warmer": 3, "cooler": 1}, {"warmer": 2.3 / 3, "cooler": 0.3}, ("cooler", 0.3))
    assert compute_context_bias({}, seed) == ContextBias({"*": 0.025}, {}, 0.0)


@pytest.mark.parametrize(
    ("signal", "strength", "lanes", "slots", "score"),
    [
        ("cooler", 0.4, {"*": -0.15}, {}, 0.0),
        ("lane:Topical", 0.4, {"topical": 0.15}, {}, 0.0),
        ("lane-:topical", 0.4, {"topical": -0.15}, {}, 0.0),
        ("slot:Evidence", 0.5, {}, {"evidence": 3}, 0.0),  # 2.5 rounds away from zero
        ("slot+:evidence", 0.0, {}, {"evidence": 1}, 0.0),
        ("broader", 0.4, {}, {"*": 3}, 0.0),
        ("broader", 1.0, {}, {"*": 4}, 0.0),
        ("narrower", 0.4, {}, {}, -0.075),
        ("minscore+:", 0.4, {}, {}, 0.15),
        ("minscore-", 0.4, {}, {}, -0.15),
        ("minscore+:facts", 0.4, {"facts": 0.075}, {}, 0.15),
        ("warmer", None, {"*": 0.2}, {}, 0.0),  # 0.6 stands in for an unknown strength
        ("faster", 0.4, {}, {}, 0.0),
        ("slot-:evidence", 0.4, {}, {}, 0.0),
        ("lane+:", 0.4, {}, {}, 0.0),
    ],
)
def test_it_reads_signals(
    signal: str, strength: float | None, lanes: Any, slots: Any, score: float
) -> None:
    bias = compute_context_bias({}, summary({}, {}, (signal, strength)))
    assert bias == ContextBias(lanes, slots, score)


def test_it_reads_preferences_as_people_write_them() -> None:
    context = {
        "lane_weights": {"a": True, "b": False, "c": " .5 ", "d": "-7", "e": "x", "f": [], "g": 9},
        "slot_budgets": {"a": 2, "b": 0, "c": -1, "d": True, "e": "4", "f": 2.9},
        "min_score_bias": -3,
    }
    bias = compute_context_bias({"preferences": {"context": context}})
    assert bias == ContextBias(
        {"a": 0.25, "c": 0.5, "d": -1.0, "g": 1.0}, {"a": 2, "e": 4, "f": 2}, -0.5
    )


@pytest.mark.parametrize(
    "preferences", [[], None, {"context": []}, {"context": {"lane_weights": 1}}]
)
def test_it_is_neutral_without_preferences(preferences: Any) -> None:
    assert compute_context_bias({"preferences": preferences}) == ContextBias({}, {}, 0.0)


def test_it_clamps_what_adds_up() -> None:
    prefs = {"preferences": {"context": {"lane_weights": {"*": 0.9}}}}
    assert compute_context_bias(prefs, one("warmer", 1.0)).lane_priorities == {"*": 1.0}
    assert compute_context_bias({}, one("minscore-", 1.0)).min_score_delta == -0.5


def test_it_agrees_with_the_recorded_previews_where_they_are_at_hand() -> None:
    lines = EXCHANGES.read_text().splitlines() if EXCHANGES.exists() else []
    for line in lines:
        body = json.loads(line).get("response_body")
        body = json.loads(body) if isinstance(body, str) and body.startswith("{") else body
        if not isinstance(body, dict) or "context_bias_preview" not in body:
            continue
        seen = body["vibe_metrics_preview"]
        fields = VibeSummary.__dataclass_fields__
        metrics = VibeSummary(**{name: seen[name] for name in fields if name in seen})
        bias, expected = compute_context_bias(body, metrics), body["context_bias_preview"]
        assert bias.lane_priorities == pytest.approx(expected["lane_priorities"], abs=1e-5)
        assert bias.slot_overrides == expected["slot_overrides"]
        assert bias.min_score_delta == pytest.approx(expected["min_score_delta"], abs=1e-5)
