"""Erasing feedback, and what was derived from it (contract §13)."""

from prometheus_client import REGISTRY

from leases.models import Lease, User
from leases.pseudonyms import actor_ref
from personas.models import Persona
from telemetry.events.broadcaster import broadcaster
from telemetry.models import ConsentReceipt, VibeSample
from tests.fixtures import ApiFor
from tests.people import make_persona, pointers, problem
from tests.telemetry.conftest import Committing
from tests.telemetry.samples import FEEDBACK, METRICS, SAMPLES, everything


def test_it_erases_all_samples_and_starts_the_counters_anew(
    api: ApiFor,
    alice: User,
    dana: User,
    consented: Persona,
    telemetry_lease: Lease,
    committing: Committing,
) -> None:
    make_persona("persona.beta", preferences=consented.preferences)
    with committing():
        api(alice).post(FEEDBACK, [{"note": "mine", "signal": "erased"}, {}])
        api(alice).post("/persona/persona.beta/feedback", {"note": "stays"})
    since = api(alice).get(METRICS).json()["since"]
    with committing():
        answer = api(dana).delete(SAMPLES)
    assert answer.json() == {"persona_id": "persona.alpha", "erased": 2}
    assert list(VibeSample.objects.values_list("note", flat=True)) == ["stays"]
    metrics = api(alice).get(METRICS).json()
    assert metrics["total_feedback"] == 0
    assert metrics["since"] > since
    labels = {"persona": "persona.alpha"}
    assert REGISTRY.get_sample_value("arw_persona_feedback_total", labels) is None
    labels["signal"] = "erased"
    assert REGISTRY.get_sample_value("arw_persona_feedback_signal_total", labels) is None
    assert ConsentReceipt.objects.filter(persona=consented).exists()


def test_it_erases_the_samples_of_one_principal_by_name_or_id(
    api: ApiFor, alice: User, bob: User, dana: User, consented: Persona, telemetry_lease: Lease
) -> None:
    api(alice).post(FEEDBACK, {"signal": "a"})
    api(bob).post(FEEDBACK, {"signal": "b"})
    assert api(dana).delete(f"{SAMPLES}?principal=alice").json()["erased"] == 1
    assert VibeSample.objects.get().principal == bob
    assert api(dana).delete(f"{SAMPLES}?principal={bob.id}").json()["erased"] == 1
    assert not VibeSample.objects.exists()


def test_it_erases_the_replay_window_too(
    api: ApiFor,
    alice: User,
    bob: User,
    dana: User,
    consented: Persona,
    telemetry_lease: Lease,
    committing: Committing,
) -> None:
    before = broadcaster.last
    with committing():
        api(alice).post(FEEDBACK, {"note": "one"})
        api(bob).post(FEEDBACK, {"note": "two"})
        api(dana).delete(f"{SAMPLES}?principal=alice")
    window = broadcaster.after(before, 10) or []
    assert [(one.actor, one.erased) for one in window] == [
        (actor_ref(alice.id), True),
        (actor_ref(bob.id), False),
    ]
    assert b"one" not in window[0].data
    assert b"two" in window[1].data


def test_it_works_after_consent_was_withdrawn(
    api: ApiFor, dana: User, persona: Persona, alice: User
) -> None:
    assert api(dana).delete(SAMPLES).json()["erased"] == 0


def test_it_does_not_bring_back_what_was_erased(
    api: ApiFor, alice: User, dana: User, consented: Persona, telemetry_lease: Lease
) -> None:
    for _ in range(2):
        assert api(alice).post(FEEDBACK, {"id": "1"}, Idempotency_Key="k").status_code == 202
        api(dana).delete(SAMPLES)
    assert not VibeSample.objects.exists()


def test_it_is_for_admins(
    api: ApiFor,
    alice: User,
    bob: User,
    charlie: User,
    dana: User,
    consented: Persona,
    telemetry_lease: Lease,
    manage_lease: Lease,
) -> None:
    api(alice).post(FEEDBACK, {"signal": "a"})
    before = everything()
    problem(api(None).delete(SAMPLES), 401)
    problem(api(dana).delete(SAMPLES.replace("alpha", "none")), 404, "Persona Not Found")
    for person in (alice, bob, charlie):
        problem(api(person).delete(SAMPLES), 403, "Persona Manage Forbidden")
    document = problem(api(dana).delete(f"{SAMPLES}?principal=nobody"), 400)
    assert pointers(document) == ["?principal"]
    assert everything() == before
