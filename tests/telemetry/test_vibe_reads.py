"""Reading feedback, metrics and previews (contract §7)."""

from typing import Any

import pytest

from leases.models import Lease, User
from personas.models import Persona
from tests.fixtures import ApiFor
from tests.people import grant, pointers, problem
from tests.telemetry.conftest import Committing
from tests.telemetry.samples import AGGREGATES, FEEDBACK, HISTORY, METRICS

DETAIL = "/state/persona/persona.alpha"


def test_it_shows_the_newest_first(
    api: ApiFor, alice: User, bob: User, consented: Persona, telemetry_lease: Lease
) -> None:
    api(alice).post(FEEDBACK, [{"signal": "a"}, {"signal": "b", "metadata": {"x": [1, None]}}])
    api(alice).post(FEEDBACK, {"signal": "c"})
    shown = api(bob).get(HISTORY).json()
    assert [one["signal"] for one in shown["items"]] == ["c", "b", "a"]
    assert (shown["retain_max"], shown["limit"]) == (50, 50)
    second = shown["items"][1]
    assert second.keys() == {
        "id", "persona_id", "kind", "signal", "strength", "note", "metadata", "recorded_at",
    }  # fmt: skip
    assert second["metadata"] == {"x": [1, None]}
    assert second["recorded_at"].endswith("Z")
    assert len(second["recorded_at"]) == len("2026-01-31T12:00:00.000Z")


@pytest.mark.parametrize(
    ("retain", "query", "limit"),
    [(50, "", 50), (20, "", 20), (500, "", 50), (500, "?limit=400", 400), (20, "?limit=1000", 20),
     (20, "?limit=1", 1), (20, "?limit=999999999999999999", 20)],
)  # fmt: skip
def test_it_clamps_the_limit(
    api: ApiFor,
    alice: User,
    consented: Persona,
    telemetry_lease: Lease,
    settings: Any,
    retain: int,
    query: str,
    limit: int,
) -> None:
    settings.ARW_PERSONA_VIBE_HISTORY_RETAIN = retain
    shown = api(alice).get(HISTORY + query).json()
    assert (shown["items"], shown["retain_max"], shown["limit"]) == ([], retain, limit)


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1.5", "", "9" * 5000, "٣"])
def test_it_refuses_limits_that_are_none(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease, limit: str
) -> None:
    document = problem(api(alice).get(f"{HISTORY}?limit={limit}"), 400)
    assert pointers(document) == ["?limit"]


def test_it_shows_metrics_before_any_feedback(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease
) -> None:
    shown = api(alice).get(METRICS).json()
    since = shown.pop("since")
    assert since.endswith("Z")
    assert shown == {
        "persona_id": "persona.alpha",
        "total_feedback": 0,
        "signal_counts": {},
        "signal_strength": {},
        "signal_weights": {},
        "average_strength": None,
        "last_signal": None,
        "last_strength": None,
        "last_updated": None,
        "retain_max": 50,
        "sentiment_avg": None,
        "sentiment_volatility": None,
        "response_tempo": None,
        "confirmation_rate": None,
        "misalignment_flags": None,
        "axes": [],
        "axes_more": 0,
        "disagreement": None,
        "people": 0,
    }


@pytest.mark.parametrize("path", [HISTORY, METRICS, AGGREGATES])
def test_it_is_behind_role_consent_and_lease(
    api: ApiFor, alice: User, charlie: User, dana: User, consented: Persona, path: str
) -> None:
    problem(api(None).get(path), 401)
    problem(api(dana).get(path.replace("alpha", "none")), 404, "Persona Not Found")
    problem(api(charlie).get(path), 403, "Persona Telemetry Forbidden")
    problem(api(dana).get(path), 403, "Persona Telemetry Forbidden")
    lease = grant("telemetry:persona:workspace", budget=1)
    assert api(alice).get(path).status_code == 200
    lease.refresh_from_db()
    assert lease.used == 0


def test_it_previews_only_for_those_who_may_read_it(
    api: ApiFor, alice: User, bob: User, consented: Persona, committing: Committing
) -> None:
    grant("telemetry:persona:workspace", subject="alice")
    with committing():
        api(alice).post(FEEDBACK, {"signal": "warmer", "strength": 0.4})
    shown = api(alice).get(DETAIL).json()
    assert shown["context_bias_preview"] == {
        "lane_priorities": {"*": 0.3},
        "slot_overrides": {},
        "min_score_delta": 0.0,
    }
    assert shown["vibe_metrics_preview"]["signal_counts"] == {"warmer": 1}
    assert shown["vibe_metrics_preview"]["retain_max"] == 50
    hidden = api(bob).get(DETAIL).json()
    assert not {"context_bias_preview", "vibe_metrics_preview"} & hidden.keys()
