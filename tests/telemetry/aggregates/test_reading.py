"""Reading the aggregates: behind role, consent and lease, and true at once (contract §7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leases.models import Lease, User
from personas.models import Persona
from telemetry.aggregates.reading import readable_sums
from telemetry.models import VibeSample
from telemetry.selectors import vibe_aggregates, vibe_metrics
from telemetry.services.consent import consent_set
from tests.fixtures import ApiFor
from tests.people import grant, make_persona, problem, state_of
from tests.telemetry.conftest import Committing
from tests.telemetry.samples import AGGREGATES, FEEDBACK, METRICS, SAMPLES, TOGGLE, everything

SHOWN = {
    "persona_id", "sentiment_avg", "sentiment_volatility", "response_tempo", "confirmation_rate",
    "misalignment_flags", "axes", "axes_more", "disagreement", "people", "samples", "oldest",
    "retain_max",
}  # fmt: skip


def test_it_shows_what_feedback_amounts_to(
    api: ApiFor,
    alice: User,
    bob: User,
    consented: Persona,
    telemetry_lease: Lease,
    committing: Committing,
) -> None:
    with committing():
        api(alice).post(FEEDBACK, [{"signal": "faster", "strength": 1}] * 9)
        told = {"sentiment": 0.5, "tokens": 500, "duration_ms": 900, "flags": ["tone"]}
        api(bob).post(FEEDBACK, {"signal": "slower", "strength": 1, "metadata": told})
    before = everything()
    shown = api(bob).get(AGGREGATES).json()
    assert shown.keys() == SHOWN
    assert shown["sentiment_avg"] == 0.5
    assert (shown["response_tempo"], shown["confirmation_rate"]) == (1.8, 0.0)
    assert shown["misalignment_flags"] == [{"flag": "tone", "people": 1, "samples": 1}]
    assert (shown["samples"], shown["people"], shown["retain_max"]) == (10, 2, 50)
    assert [(one["axis"], one["balance"]) for one in shown["axes"]] == [("pace", 0.0)]
    assert shown["oldest"].endswith("Z")
    metrics = api(alice).get(METRICS).json()
    shared = SHOWN - {"samples", "oldest"}
    assert {name: metrics[name] for name in shared} == {name: shown[name] for name in shared}
    text = api(bob).get(AGGREGATES).content.decode()
    for person in (alice, bob):
        assert person.username not in text
        assert str(person.pk) not in text
    assert everything() == before


def test_it_answers_before_any_feedback(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease
) -> None:
    shown = api(alice).get(AGGREGATES).json()
    assert shown == {
        "persona_id": "persona.alpha",
        "sentiment_avg": None,
        "sentiment_volatility": None,
        "response_tempo": None,
        "confirmation_rate": None,
        "misalignment_flags": None,
        "axes": [],
        "axes_more": 0,
        "disagreement": None,
        "people": 0,
        "samples": 0,
        "oldest": None,
        "retain_max": 50,
    }


def test_it_is_linked_from_the_detail(api: ApiFor, alice: User, consented: Persona) -> None:
    links = api(alice).get("/state/persona/persona.alpha").json()["links"]
    assert links["vibe_aggregates"] == AGGREGATES


def test_it_refuses_as_the_metrics_do(
    api: ApiFor, alice: User, charlie: User, dana: User, consented: Persona
) -> None:
    for user, path, status in (
        (None, "{}", 401),
        (dana, "/state/persona/none/{}", 404),
        (charlie, "{}", 403),
        (alice, "{}", 403),
    ):
        refusals = []
        for name in ("vibe_metrics", "vibe_aggregates"):
            whole = path if "/" in path else f"/state/persona/persona.alpha/{path}"
            found = problem(api(user).get(whole.format(name)), status)
            refusals.append({key: found[key] for key in ("title", "code", "detail", "status")})
        assert refusals[0] == refusals[1]
    grant()
    api(dana).post(TOGGLE, {"enabled": False})
    problem(api(alice).get(AGGREGATES), 412, "Telemetry Disabled")
    assert state_of("persona.alpha")["record"]["version"] == 2


def test_it_hides_with_consent_and_shows_again_with_it(
    api: ApiFor,
    alice: User,
    dana: User,
    consented: Persona,
    telemetry_lease: Lease,
    committing: Committing,
) -> None:
    with committing():
        api(alice).post(FEEDBACK, {"signal": "warmer", "strength": 1})
    shown = api(alice).get(AGGREGATES).json()
    assert shown["sentiment_avg"] == 0.5
    grant()
    api(dana).post(TOGGLE, {"enabled": False})
    problem(api(alice).get(AGGREGATES), 412, "Telemetry Disabled")
    api(dana).post(TOGGLE, {"enabled": True})
    assert api(alice).get(AGGREGATES).json() == shown


def test_it_forgets_a_person_who_is_erased(
    api: ApiFor,
    alice: User,
    bob: User,
    dana: User,
    consented: Persona,
    telemetry_lease: Lease,
    committing: Committing,
) -> None:
    with committing():
        api(alice).post(FEEDBACK, {"signal": "warmer", "strength": 1})
        api(bob).post(FEEDBACK, {"signal": "cooler", "strength": 1})
    assert api(alice).get(AGGREGATES).json()["disagreement"] == 1.0
    with committing():
        api(dana).delete(f"{SAMPLES}?principal=bob")
    shown = api(alice).get(AGGREGATES).json()
    assert (shown["disagreement"], shown["people"], shown["sentiment_avg"]) == (0.0, 1, 0.5)
    assert shown["axes"][0]["people_against"] == 0


def test_it_keeps_to_the_newest_and_to_their_age(
    alice: User, bob: User, consented: Persona, settings: Any
) -> None:
    now = timezone.now()

    def keep(who: User, sentiment: float, days: float) -> None:
        VibeSample.objects.create(
            persona=consented, signal="x", metadata={"sentiment": sentiment}, principal=who,
            recorded_at=now - timedelta(days=days),
        )  # fmt: skip

    keep(alice, 1, 6.9)
    keep(bob, -0.5, 1)
    settings.ARW_PERSONA_VIBE_HISTORY_RETAIN = 2
    assert vibe_aggregates("persona.alpha", now=now)["sentiment_avg"] == 0.25
    later = now + timedelta(days=0.2)
    assert vibe_aggregates("persona.alpha", now=later)["sentiment_avg"] == -0.5
    assert vibe_metrics("persona.alpha", now=later)["sentiment_avg"] == -0.5
    settings.ARW_PERSONA_VIBE_HISTORY_RETAIN = 1
    assert vibe_aggregates("persona.alpha", now=now)["people"] == 1
    assert VibeSample.objects.count() == 2


@pytest.mark.parametrize("personas", [1, 9])
def test_it_sums_many_personas_for_one_viewer_at_once(
    alice: User, charlie: User, dana: User, settings: Any, personas: int
) -> None:
    now = timezone.now()
    on = {"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}}
    made = [make_persona(f"p{at}", preferences=on) for at in range(personas)]
    closed = make_persona("closed", preferences={"telemetry": {"vibe": {"enabled": True,
        "scope": "unlent"}}})  # fmt: skip
    off = make_persona("off", preferences=on)
    grant("telemetry:persona:workspace")
    grant()
    consent_set(actor=dana, persona_id="off", enabled=False, now=now)
    off.refresh_from_db()
    for persona in (*made, closed, off):
        for at in range(3):
            VibeSample.objects.create(
                persona=persona, signal="faster", strength=1, principal=alice,
                recorded_at=now - timedelta(minutes=at),
            )  # fmt: skip
    settings.ARW_PERSONA_VIBE_HISTORY_RETAIN = 2
    everybody = [*made, closed, off]
    with CaptureQueriesContext(connection) as asked:
        found = readable_sums(everybody, viewer=alice, now=now)
    assert found.keys() == {one.pk for one in made}
    assert all(one.aggregates.samples == 2 for one in found.values())
    assert all(one.votes.axes[0].people == 1 for one in found.values())
    assert len(asked) <= 12
    assert readable_sums(everybody, viewer=charlie, now=now) == {}
