"""Reports of an agent on itself, and what they do to its record (contract §10)."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from leases.models import Lease, User
from personas.errors import PersonaManageForbidden, PersonaNotFound
from personas.models import HistoryEntry, Persona
from telemetry.errors import InvalidSelfModelReport
from telemetry.events.broadcaster import broadcaster
from telemetry.models import DriftState, SelfModelReport
from telemetry.self_model.reporting import Reported, reports_prune, self_model_report
from tests.people import NOW, grant, make_persona, state_of
from tests.personas.workflow import is_sound
from tests.telemetry.conftest import Committing

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
Report = Callable[..., Reported]


@pytest.fixture
def agent(db: None) -> Persona:
    return make_persona(
        now=NOW,
        owner_kind="agent",
        owner_ref="scout",
        calibration={"note": "by hand", "drift": {"since": "2026-01-01"}, "competence": {"x": 1}},
    )


@pytest.fixture
def report(agent: Persona, alice: User) -> Report:
    grant(now=NOW, ttl_secs=86_400)

    def send(now: datetime = NOW, **given: Any) -> Reported:
        return self_model_report(actor=alice, persona_id=agent.id, now=now, **given)

    return send


def drifts(since: str | None) -> list[dict[str, Any]]:
    told = [json.loads(one.data) for one in broadcaster.after(since, 1000) or []]
    return [one["payload"] for one in told if one["kind"] == "persona.drift"]


def untouched() -> dict[str, Any]:
    return {
        **state_of("persona.alpha"),
        "reports": list(SelfModelReport.objects.values()),
        "drift": list(DriftState.objects.values()),
    }


def test_it_mirrors_a_report_into_the_record(report: Report, agent: Persona, alice: User) -> None:
    done = report(confidence=0.8, cost=120, window=3600)
    persona = is_sound(agent.id)
    assert persona.version == 2
    assert persona.calibration == {
        "note": "by hand",
        "competence": {"x": 1},
        "confidence": 0.8,
        "cost": 120,
        "drift": {
            "since": "2026-01-01",
            "score": 0,
            "baseline": {"confidence": 0.8, "cost": 120},
            "outside": False,
        },
    }
    entry = HistoryEntry.objects.get(version=2)
    assert (entry.kind, entry.applied_by, entry.proposal) == ("calibration", alice, None)
    assert done.entry == entry
    row = SelfModelReport.objects.get()
    assert (row.confidence, row.competence, row.cost) == (0.8, None, 120)
    assert (row.window_secs, row.drift, row.principal) == (3600, 0, alice)
    assert persona.traits == agent.traits


def test_it_mirrors_at_most_once_in_an_interval(report: Report, agent: Persona) -> None:
    report(confidence=0.8)
    for minute in (1, 30, 59):
        done = report(NOW + timedelta(minutes=minute), confidence=(800 - minute) / 1000)
        assert done.entry is None
    assert is_sound(agent.id).version == 2
    assert SelfModelReport.objects.count() == 4
    done = report(NOW + HOUR, competence=0.5)
    persona = is_sound(agent.id)
    assert (persona.version, persona.calibration["confidence"]) == (3, 0.741)
    assert persona.calibration["competence"] == 0.5
    assert done.entry is not None
    assert done.entry.version == 3


def test_it_waits_as_long_as_it_is_set(report: Report, settings: Settings, agent: Persona) -> None:
    settings.ARW_PERSONA_CALIBRATION_INTERVAL = timedelta(seconds=5)
    report(confidence=0.8)
    assert report(NOW + timedelta(seconds=4), confidence=0.7).entry is None
    assert report(NOW + timedelta(seconds=5), confidence=0.7).entry is not None
    assert is_sound(agent.id).version == 3


def test_it_writes_no_version_that_says_the_same(report: Report, agent: Persona) -> None:
    report(confidence=0.8)
    assert report(NOW + 2 * HOUR, confidence=0.8).entry is None
    assert is_sound(agent.id).version == 2
    assert SelfModelReport.objects.count() == 2


def test_it_finds_the_persona_of_an_agent(report: Report, agent: Persona, alice: User) -> None:
    done = self_model_report(actor=alice, agent="scout", confidence=0.5, now=NOW)
    assert done.report.persona == agent
    before = untouched()
    with pytest.raises(PersonaNotFound):
        self_model_report(actor=alice, agent="nobody", confidence=0.5, now=NOW)
    with pytest.raises(PersonaNotFound):
        self_model_report(actor=alice, agent="a\x00", confidence=0.5, now=NOW)
    assert untouched() == before
    make_persona("persona.beta", owner_kind="agent", owner_ref="scout", now=NOW)
    with pytest.raises(InvalidSelfModelReport) as refused:
        self_model_report(actor=alice, agent="scout", confidence=0.5, now=NOW)
    assert [one.pointer for one in refused.value.errors] == ["/agent"]
    assert SelfModelReport.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "pointers"),
    [
        ({}, [""]),
        ({"window": 60}, [""]),
        ({"confidence": 1.0001}, ["/confidence"]),
        ({"confidence": float("nan"), "competence": -0.1}, ["/confidence", "/competence"]),
        ({"cost": -1}, ["/cost"]),
        ({"cost": float("inf")}, ["/cost"]),
        ({"cost": 1, "window": 0}, ["/window"]),
        ({"cost": 1, "agent": "scout"}, [""]),
    ],
)
def test_it_refuses_what_is_no_report(
    report: Report, given: dict[str, Any], pointers: list[str]
) -> None:
    before = untouched()
    with pytest.raises(InvalidSelfModelReport) as refused:
        report(**given)
    assert [one.pointer for one in refused.value.errors] == pointers
    assert untouched() == before


def test_it_needs_the_role_and_the_lease(agent: Persona, alice: User, charlie: User) -> None:
    before = untouched()
    for actor, code in ((charlie, "role_required"), (alice, "lease_required")):
        with pytest.raises(PersonaManageForbidden) as refused:
            self_model_report(actor=actor, persona_id=agent.id, confidence=0.5, now=NOW)
        assert refused.value.instance_code == code
    grant(now=NOW, budget=1)
    self_model_report(actor=alice, persona_id=agent.id, confidence=0.5, now=NOW)
    assert Lease.objects.get().used == 1
    spent = untouched()
    assert spent != before
    with pytest.raises(PersonaManageForbidden):
        self_model_report(actor=alice, persona_id=agent.id, confidence=0.5, now=NOW)
    assert untouched() == spent


def test_it_refuses_a_record_that_has_no_place_for_it(alice: User) -> None:
    make_persona(calibration=["by hand"], now=NOW)
    grant(now=NOW)
    before = untouched()
    with pytest.raises(InvalidSelfModelReport):
        self_model_report(actor=alice, persona_id="persona.alpha", confidence=0.5, now=NOW)
    assert untouched() == before


def test_it_tells_an_excursion_once(report: Report, committing: Committing, agent: Persona) -> None:
    since = broadcaster.last
    with committing():
        report(confidence=0.8)
        for minute in range(1, 10):
            report(NOW + timedelta(minutes=minute), confidence=0.8 - 0.024 * minute)
    assert drifts(since) == []
    with committing():
        for minute, value in enumerate((0.5, 0.3, 0.6, 0.5), start=10):
            assert report(NOW + timedelta(minutes=minute), confidence=value).outside
    (told,) = drifts(since)
    assert told["persona_id"] == agent.id
    assert (told["latest"], told["actor"][:6]) == ({"confidence": 0.5}, "actor:")
    assert told["score"] == pytest.approx(0.3, abs=0.001)
    with committing():
        assert not report(NOW + timedelta(minutes=20), confidence=0.79).outside
        assert report(NOW + timedelta(minutes=21), confidence=0.4).outside
    assert len(drifts(since)) == 2
    state = DriftState.objects.get()
    assert (state.kind, state.outside) == ("self_model", True)


def test_it_tells_nothing_of_what_was_refused(
    report: Report, committing: Committing, agent: Persona
) -> None:
    since = broadcaster.last
    with committing():
        report(confidence=0.9)
        with pytest.raises(InvalidSelfModelReport):
            report(confidence=0.1, cost=-1)
    assert drifts(since) == []
    assert DriftState.objects.get().score == 0


def test_it_forgets_reports_after_ninety_days(report: Report, agent: Persona) -> None:
    report(confidence=0.8)
    assert reports_prune(now=NOW + timedelta(days=90)) == 0
    assert reports_prune(now=NOW + timedelta(days=90, seconds=1)) == 1
    assert DriftState.objects.count() == 1
    assert is_sound(agent.id).calibration["confidence"] == 0.8
