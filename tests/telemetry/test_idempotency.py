"""A repeat counts once (contract §7)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from leases.models import Lease, User
from personas.models import Persona
from telemetry.errors import IdempotencyConflict
from telemetry.metrics.store import store
from telemetry.models import IdempotencyRecord, VibeSample
from telemetry.services.feedback import feedback_record
from tests.fixtures import ApiFor
from tests.people import NOW, grant, make_persona, pointers, problem, someone
from tests.telemetry.conftest import Committing
from tests.telemetry.samples import FEEDBACK, METRICS, everything, signals
from tests.telemetry.threads import at_once


def test_it_answers_a_repeated_request_alike_and_stores_it_once(
    api: ApiFor, alice: User, consented: Persona, committing: Committing
) -> None:
    lease = grant("telemetry:persona:workspace", budget=1)
    batch = [{"signal": "warmer"}, {"signal": "cooler"}]
    for _ in range(3):
        with committing():
            answer = api(alice).post(FEEDBACK, batch, Idempotency_Key="once")
        assert answer.status_code == 202
        assert answer.json() == {"status": "accepted", "count": 2}
    assert signals() == ["warmer", "cooler"]
    lease.refresh_from_db()
    assert lease.used == 1
    assert store.read("persona.alpha", timezone.now())[0].total_feedback == 2


def test_it_refuses_the_same_key_with_another_body(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease
) -> None:
    api(alice).post(FEEDBACK, {"signal": "a"}, Idempotency_Key="k")
    before = everything()
    for body in ({"signal": "b"}, [{"signal": "a"}, {}], {"signal": "a", "note": "n"}):
        document = problem(
            api(alice).post(FEEDBACK, body, Idempotency_Key="k"), 409, "Idempotency Conflict"
        )
        assert document["code"] == "idempotency_conflict"
    problem(api(alice).post(f"{FEEDBACK}?kind=q", {"signal": "a"}, Idempotency_Key="k"), 409)
    assert everything() == before


def test_it_takes_the_same_key_from_others_and_for_others(
    api: ApiFor, alice: User, bob: User, consented: Persona, telemetry_lease: Lease
) -> None:
    make_persona("persona.beta", preferences=consented.preferences)
    for who in (alice, bob):
        for persona_id in ("persona.alpha", "persona.beta"):
            path = f"/persona/{persona_id}/feedback"
            body = {"signal": who.username, "id": "i"}
            assert api(who).post(path, body, Idempotency_Key="k").status_code == 202
    assert VibeSample.objects.count() == 4


def test_it_skips_samples_seen_before_and_stores_the_new_ones(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease, committing: Committing
) -> None:
    with committing():
        api(alice).post(FEEDBACK, {"id": "1", "signal": "a"})
        answer = api(alice).post(
            FEEDBACK,
            [{"id": "1", "signal": "a"}, {"id": "2", "signal": "b"}, {"id": "2", "signal": "b"}],
        )
    assert answer.json() == {"status": "accepted", "count": 3}
    assert signals() == ["a", "b"]
    assert api(alice).get(METRICS).json()["signal_counts"] == {"a": 1, "b": 1}


@pytest.mark.parametrize(
    ("batch", "pointer"),
    [
        ([{"signal": "new"}, {"id": "1", "signal": "other"}], "/1/id"),
        ([{"id": "9", "signal": "x"}, {"id": "9", "signal": "y"}], "/1/id"),
        ({"id": "1", "signal": "other"}, "/id"),
    ],
)
def test_it_refuses_a_batch_that_uses_an_id_for_something_else(
    api: ApiFor,
    alice: User,
    consented: Persona,
    telemetry_lease: Lease,
    batch: Any,
    pointer: str,
) -> None:
    api(alice).post(FEEDBACK, {"id": "1", "signal": "a"})
    before = everything()
    document = problem(api(alice).post(FEEDBACK, batch), 409, "Idempotency Conflict")
    assert pointers(document) == [pointer]
    assert everything() == before


def test_it_remembers_samples_whose_rows_retention_dropped(
    alice: User, consented: Persona, telemetry_lease: Lease, settings: Any
) -> None:
    settings.ARW_PERSONA_VIBE_HISTORY_RETAIN = 1
    give = giver(alice)
    batch = [{"id": str(n), "signal": "s"} for n in range(3)]
    assert give(batch) == 3
    assert VibeSample.objects.count() == 1
    newest = VibeSample.objects.get().pk
    assert give(batch) == 3
    assert VibeSample.objects.get().pk == newest


def test_it_forgets_after_a_day(alice: User, consented: Persona) -> None:
    grant("telemetry:persona:workspace", now=NOW, ttl_secs=86_400)
    give = giver(alice, NOW)
    give({"id": "1"}, "k")
    with pytest.raises(IdempotencyConflict):
        giver(alice, NOW + timedelta(hours=23, minutes=59))({"id": "1", "signal": "b"}, "k")
    later = NOW + timedelta(hours=24)
    grant("telemetry:persona:workspace", now=later)
    assert giver(alice, later)({"id": "1", "signal": "b"}, "k") == 1
    assert IdempotencyRecord.objects.filter(created_at=later).count() == 2
    assert not IdempotencyRecord.objects.filter(created_at=NOW).exists()
    assert signals() == ["unspecified", "b"]


def test_it_keeps_neither_keys_nor_contents_in_the_clear(
    alice: User, consented: Persona, telemetry_lease: Lease
) -> None:
    giver(alice)({"id": "my-id", "note": "hello"}, "my-key")
    text = str(list(IdempotencyRecord.objects.values()))
    assert "my-" not in text
    assert "hello" not in text


@pytest.mark.parametrize("key", ["", "two words", "x" * 201, "caf\xe9"])
def test_it_refuses_keys_that_are_none(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease, key: str
) -> None:
    before = everything()
    problem(api(alice).post(FEEDBACK, {}, Idempotency_Key=key), 400, "Invalid Feedback")
    assert everything() == before


def test_it_forgets_a_key_whose_request_was_refused(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease
) -> None:
    problem(api(alice).post(FEEDBACK, {"strength": 2}, Idempotency_Key="k"), 400)
    assert api(alice).post(FEEDBACK, {"strength": 1}, Idempotency_Key="k").status_code == 202


@pytest.mark.django_db(transaction=True)
def test_it_stores_once_what_arrives_many_times_at_the_same_moment() -> None:
    alice = someone("alice")
    make_persona(preferences={"telemetry": {"vibe": {"enabled": True}}})
    lease = grant("telemetry:persona:workspace", budget=1)
    give = giver(alice)
    batch = [{"signal": "a", "id": "1"}, {"signal": "b"}]
    answers = at_once([lambda: give(batch, "k")] * 6)
    assert answers == [2] * 6
    assert signals() == ["a", "b"]
    assert IdempotencyRecord.objects.count() == 2
    lease.refresh_from_db()
    assert lease.used == 1
    assert store.read("persona.alpha", timezone.now())[0].total_feedback == 2


@pytest.mark.django_db(transaction=True)
def test_it_lets_one_body_win_when_two_use_a_key_at_the_same_moment() -> None:
    alice = someone("alice")
    make_persona(preferences={"telemetry": {"vibe": {"enabled": True}}})
    grant("telemetry:persona:workspace")
    give = giver(alice)

    def attempt(signal: str) -> Callable[[], str | None]:
        def go() -> str | None:
            try:
                give({"signal": signal}, "k")
            except IdempotencyConflict:
                return None
            return signal

        return go

    answers = at_once([attempt("a"), attempt("b"), attempt("a"), attempt("b")])
    (winner,) = {one for one in answers if one is not None}
    assert answers.count(winner) == 2
    assert signals() == [winner]


def giver(actor: User, now: Any = None) -> Callable[..., int]:
    def give(body: Any, key: str | None = None) -> int:
        return feedback_record(
            actor=actor,
            persona_id="persona.alpha",
            body=body,
            idempotency_key=key,
            now=now or timezone.now(),
        )

    return give
