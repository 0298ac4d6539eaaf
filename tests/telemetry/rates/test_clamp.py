"""The rate clamp at the door: 429 after role, consent and lease, before the body (contract §2)."""

import pytest
from django.utils import timezone

from leases.models import Lease, User
from personas.models import Persona
from telemetry.rates import clamp
from telemetry.rates.buckets import MemoryBuckets
from tests.fixtures import ApiFor
from tests.people import problem
from tests.telemetry.conftest import Committing
from tests.telemetry.samples import FEEDBACK, everything


@pytest.fixture(autouse=True)
def full_buckets(monkeypatch, settings) -> None:
    """Two requests a minute for each principal, three for each persona."""
    monkeypatch.setattr(clamp.rates, "buckets", MemoryBuckets())
    settings.ARW_PERSONA_FEEDBACK_RATE = 2
    settings.ARW_PERSONA_FEEDBACK_RATE_PERSONA = 3


def test_it_refuses_more_than_the_rate_and_says_when_to_come_again(
    api: ApiFor,
    alice: User,
    bob: User,
    consented: Persona,
    telemetry_lease: Lease,
    committing: Committing,
) -> None:
    with committing():
        # A batch is one request.
        assert api(alice).post(FEEDBACK, [{"signal": "a"}] * 500).status_code == 202
        assert api(alice).post(FEEDBACK, {"signal": "b"}).status_code == 202
    before = everything()
    with committing():
        refused = api(alice).post(FEEDBACK, {"signal": "c"})
    document = problem(refused, 429)
    assert document["title"] == "Rate Limited"
    assert document["code"] == "rate_limited"
    assert 1 <= int(refused["Retry-After"]) <= 30
    assert everything() == before
    with committing():
        assert api(bob).post(FEEDBACK, {"signal": "d"}).status_code == 202
        # The persona's own rate, whoever asks.
        assert 1 <= int(api(bob).post(FEEDBACK, {"signal": "e"})["Retry-After"]) <= 20


def test_it_tells_of_the_rate_before_the_faults_of_the_body(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease, committing: Committing
) -> None:
    with committing():
        for _ in range(2):
            assert api(alice).post(FEEDBACK, {}).status_code == 202
        problem(api(alice).post(FEEDBACK, {"strength": 7}), 429)


def test_it_tells_of_role_consent_and_lease_before_the_rate(
    api: ApiFor, alice: User, charlie: User, dana: User, consented: Persona, committing: Committing
) -> None:
    with committing():
        for _ in range(4):
            problem(api(charlie).post(FEEDBACK, {}), 403)
            problem(api(alice).post(FEEDBACK, {}), 403)
    Persona.objects.filter(pk=consented.pk).update(preferences={})
    with committing():
        for _ in range(4):
            problem(api(alice).post(FEEDBACK, {}), 412)
    assert clamp.rates.take([("somebody", "persona.else")], timezone.now()) == [None]
