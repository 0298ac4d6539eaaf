"""Policy, leases and the kill switch hold alike through both doors (contract §2, §6, §7)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import Sum

from leases.models import DecisionEntry, Lease
from personas.models import Persona
from telemetry.ingestion.ingestor import start_ingestor, stop_ingestor
from telemetry.models import VibeSample
from tests.people import grant, make_persona, someone, state_of
from tests.telemetry.door.conftest import Bearer, Doors, Headers, shown
from tests.telemetry.door.rulings import CAPABILITY, RULINGS, SCOPE, Ruling, halt, lift
from tests.telemetry.ingestion.conftest import Doors as FeedbackDoors
from tests.telemetry.ingestion.exchange import Request, ask

DETAIL = "/state/persona/persona.alpha"
VIBES = (f"{DETAIL}/vibe_metrics", f"{DETAIL}/vibe_history")
SAMPLE = b'{"signal":"warmer","strength":0.5}'

pytestmark = pytest.mark.parametrize("ruling", RULINGS, ids=lambda one: one.name)


@pytest.fixture
def persona(transactional_db: None) -> Persona:
    grant(CAPABILITY)
    return make_persona(preferences={"telemetry": {"vibe": {"enabled": True, "scope": SCOPE}}})


@pytest.fixture
def own(bearer: Bearer) -> Headers:
    """What alice presents."""
    return bearer(someone("alice"))


@pytest.fixture
def feedback_doors(persona: Persona, own: Headers) -> Iterator[FeedbackDoors]:
    """Both doors of feedback; the thin one knows what a 202 looks like."""
    start_ingestor()
    doors = FeedbackDoors()
    assert ask(doors.thin, feedback(own))[0].status == 202
    yield doors
    stop_ingestor()


def feedback(own: Headers) -> Request:
    headers = (("Content-Type", "application/json"), *own)
    return Request("/persona/persona.alpha/feedback", (SAMPLE,), headers=headers)


def logged(*, allowed: bool) -> int:
    """How many decisions on telemetry the log counts."""
    found = DecisionEntry.objects.filter(action__startswith="telemetry.", allowed=allowed)
    return found.aggregate(all=Sum("count"))["all"] or 0


def test_it_rules_alike_on_feedback(
    feedback_doors: FeedbackDoors, own: Headers, ruling: Ruling
) -> None:
    doors = feedback_doors
    ruling.happens()
    status = 202 if ruling.refusal is None else 403
    count, before = VibeSample.objects.count(), (logged(allowed=True), logged(allowed=False))
    (thick,) = ask(doors.drf, feedback(own))
    between = logged(allowed=True), logged(allowed=False)
    doors.passed_on = 0
    (thin,) = ask(doors.thin, feedback(own))
    assert thick.status == status, thick.body
    assert shown(thin) == shown(thick)
    assert doors.passed_on == (0 if ruling.refusal is None else 1)
    told = json.loads(thin.body)
    if ruling.refusal is None:
        assert told == {"status": "accepted", "count": 1}
        assert VibeSample.objects.count() == count + 2
    else:
        assert (told["title"], told["code"]) == ("Persona Telemetry Forbidden", ruling.refusal)
        assert VibeSample.objects.count() == count
    # Each door writes into the decision log once, and the same.
    rise = (1, 0) if ruling.refusal is None else (0, 1)
    assert between == (before[0] + rise[0], before[1] + rise[1])
    after = logged(allowed=True), logged(allowed=False)
    assert after == (between[0] + rise[0], between[1] + rise[1])


def test_it_rules_alike_on_hot_reads(
    doors: Doors, persona: Persona, own: Headers, ruling: Ruling
) -> None:
    doors.warm(own, DETAIL, *VIBES)
    ruling.happens()
    before = state_of(persona), list(Lease.objects.order_by("pk").values())
    for path in (DETAIL, *VIBES):
        thin, thick, by_itself = doors.both(Request(path, method="GET", headers=own))
        assert shown(thin) == shown(thick), path
        told: dict[str, Any] = json.loads(thin.body)
        allowed = ruling.refusal is None
        if path == DETAIL:
            # The record is the reader's in any case; what the feedback amounts to is not.
            assert (thin.status, by_itself) == (200, True)
            assert ("vibe_metrics_preview" in told) == allowed
            assert ("context_bias_preview" in told) == allowed
        else:
            assert (thin.status, by_itself) == ((200, True) if allowed else (403, False))
            assert allowed or told["code"] == ruling.refusal
    assert (state_of(persona), list(Lease.objects.order_by("pk").values())) == before


def test_it_gives_back_what_a_stop_took_and_nothing_else(
    doors: Doors, persona: Persona, own: Headers, ruling: Ruling
) -> None:
    """Whatever ruled before: a stop refuses, and lifting it leaves what ruled before."""
    doors.warm(own, DETAIL, *VIBES)
    ruling.happens()
    stopped = ruling.refusal == "kill_switch"
    halt()
    (path, _) = VIBES
    request = Request(path, method="GET", headers=own)
    thin, thick, _ = doors.both(request)
    assert shown(thin) == shown(thick)
    assert (thin.status, json.loads(thin.body)["code"]) == (403, "kill_switch")
    lift(restore_leases=True)
    thin, thick, by_itself = doors.both(request)
    assert shown(thin) == shown(thick)
    if not stopped:
        assert (thin.status, by_itself) == ((200, True) if ruling.refusal is None else (403, False))
        assert ruling.refusal is None or json.loads(thin.body)["code"] == ruling.refusal
