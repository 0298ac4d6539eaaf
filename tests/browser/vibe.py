"""What the browser needs to see feedback about Tomás: a lease, and a little that is counted now."""

from __future__ import annotations

from typing import Any

import httpx

from tests.browser.desk import Desk

TOMAS_ID = "persona.tomas"
SCOPE = "telemetry:persona:agent"


def lend(desk: Desk, capability: str = SCOPE) -> None:
    """A lease for everybody, by dana."""
    answer = _post(desk, "dana", "/leases", {"capability": capability, "ttl_secs": 3600})
    assert answer.status_code == 201, answer.text


def give(desk: Desk, *samples: dict[str, Any], persona: str = TOMAS_ID, who: str = "alice") -> None:
    """Feedback by alice or ``who``, at once and over the API: the server counts it."""
    answer = _post(desk, who, f"/persona/{persona}/feedback", list(samples))
    assert answer.status_code == 202, answer.text


def switch(desk: Desk, *, enabled: bool, persona: str = TOMAS_ID) -> None:
    """Consent of the persona, by dana."""
    answer = _post(desk, "dana", f"/admin/persona/{persona}/telemetry", {"enabled": enabled})
    assert answer.is_success, answer.text


def revoke(desk: Desk, prefix: str = SCOPE) -> None:
    """Every lease whose capability begins so, by dana."""
    body = {"prefix": prefix, "reason": "Over."}
    answer = _post(desk, "dana", "/leases/revoke", body)
    assert answer.is_success, answer.text


def fill(desk: Desk) -> None:
    """A lease, and feedback beside that of the last two days, which the seed holds."""
    lend(desk)
    give(
        desk,
        {"kind": "vibe", "signal": "warmer", "strength": 0.8, "note": "Thank you."},
        {"kind": "vibe", "signal": "lane-:episodic", "strength": 0.5},
    )


def disagree(desk: Desk) -> None:
    """Three people of different minds, with all that aggregates are taken from."""
    for who, signal, sentiment in (
        ("alice", "warmer", 0.6), ("bob", "cooler", -0.2), ("dana", "warmer", 0.4),
    ):  # fmt: skip
        told = {"sentiment": sentiment, "tokens": 640, "duration_ms": 2_100}
        give(desk, {"signal": signal, "strength": 0.8, "metadata": told}, who=who)
    give(desk, {"signal": "faster", "strength": 0.6}, {"signal": "confirmed"}, who="dana")
    give(desk, {"signal": "misaligned:cites_sources", "strength": 1}, who="bob")
    give(desk, {"signal": "slower", "strength": 0.6}, {"signal": "confirmed"})


def _post(desk: Desk, name: str, path: str, body: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {desk.server.tokens[name]}"}
    return httpx.post(f"{desk.server.base}{path}", json=body, headers=headers, timeout=60)
