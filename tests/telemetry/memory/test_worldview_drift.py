"""Worldview drift: the formula, one event for each excursion, by the sweep and by asking."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from arw_site.sweeps import SWEEPS
from leases.models import User
from personas.models import Persona
from telemetry.memory.drift_watch import worldview_outside, worldview_watch, worldviews_watch
from telemetry.memory.held import Standing
from telemetry.memory.worldview_drift import Drifted, worldview_drift
from telemetry.models import DriftState, MemoryItem
from telemetry.signals import worldview_drifted
from tests.people import make_persona
from tests.telemetry.conftest import Committing
from tests.telemetry.memory.memories import remember, share
from tests.telemetry.memory.views import said, view

SOURCES = "Sources come first"
GONE = "11111111-2222-4333-8444-555555555555"
WRITTEN = {"id": "s", "statement": SOURCES, "confidence": 0.9}


@pytest.mark.pure
def test_it_is_the_mean_distance() -> None:
    beliefs = [WRITTEN, {"statement": "Unsaid", "confidence": 0.1}, "Be brief"]
    votes = [said("a", SOURCES, "against", confidence=0.9), said("a", "be brief", confidence=1.0)]
    # 0.9 / 1.9 = 0.47 against 0.9, and (0.62 + 1) / 2 = 0.81 against 0.62
    assert worldview_drift(view(*votes, beliefs=beliefs)) == Drifted(0.31, 2)
    assert worldview_drift(view(beliefs=beliefs)) == Drifted(0.0, 0)


@pytest.mark.pure
def test_it_counts_what_lost_all_that_it_rests_on() -> None:
    belief = {"statement": SOURCES, "confidence": 0.7, "citations": [GONE]}
    assert worldview_drift(view(beliefs=[belief])) == Drifted(0.7, 1)
    back = {**belief, "prior": 0.6}
    assert worldview_drift(view(beliefs=[back], **{GONE: Standing.ERASED})) == Drifted(0.1, 1)


@pytest.fixture
def told() -> Any:
    """What the signal told, in order."""
    heard: list[dict[str, Any]] = []

    def hear(**about: Any) -> None:
        heard.append({name: about[name] for name in ("persona_id", "score", "beliefs", "actor")})

    worldview_drifted.connect(hear)
    yield heard
    worldview_drifted.disconnect(hear)


@pytest.mark.django_db
def test_it_tells_once_for_each_excursion(
    alice: User, bob: User, committing: Committing, told: list[dict[str, Any]]
) -> None:
    persona = make_persona(worldview={"beliefs": [WRITTEN]})
    share()
    against = remember(alice, f"against: {SOURCES}", confidence=0.9)
    for _ in range(3):
        with committing():
            worldview_watch(persona_id=persona.pk, now=timezone.now(), actor=bob)
    assert told == [{"persona_id": persona.pk, "score": 0.43, "beliefs": 1, "actor": bob}]
    assert worldview_outside(persona)
    remember(alice, f"for: {SOURCES}", item_id=against.pk)
    with committing():
        worldview_watch(persona_id=persona.pk, now=timezone.now())
    assert not worldview_outside(persona)
    remember(alice, f"against: {SOURCES}", item_id=against.pk, confidence=0.9)
    with committing():
        assert worldviews_watch(now=timezone.now()) == 1
    assert [one["actor"] for one in told] == [bob, None]
    assert DriftState.objects.get().baseline == {"version": 1, "beliefs": 1}


@pytest.mark.django_db
def test_it_hears_neither_what_is_old_nor_what_is_not_shared(
    alice: User, told: list[dict[str, Any]], committing: Committing
) -> None:
    persona = make_persona(worldview={"beliefs": [WRITTEN]})
    now = timezone.now()
    remember(alice, f"against: {SOURCES}", confidence=0.9, now=now - timedelta(days=31))
    with committing():
        assert worldview_watch(persona_id=persona.pk, now=now).score == 0.0
        share()
        assert worldview_watch(persona_id=persona.pk, now=now).score == 0.0
    assert told == []


@pytest.mark.django_db
def test_it_is_swept(persona: Persona) -> None:
    sweep = next(one for one in SWEEPS if one.name == "worldviews_drifted")
    assert sweep.run(timezone.now()) == 0
    assert not DriftState.objects.exists()


@pytest.mark.django_db
def test_it_measures_whoever_is_remembered_among_many_owners(alice: User, persona: Persona) -> None:
    now = timezone.now()
    about = {"lane": "episodic", "principal": alice, "created_at": now, "updated_at": now}
    MemoryItem.objects.bulk_create(
        MemoryItem(owner_kind="project", owner_ref=f"p{number}", text="Quiet.", **about)
        for number in range(1_200)
    )
    assert worldviews_watch(now=now) == 0
    assert not DriftState.objects.exists()
    remember(alice)
    assert worldviews_watch(now=now) == 0
    assert DriftState.objects.get().persona == persona
