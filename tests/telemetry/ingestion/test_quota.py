"""Samples against the day's limit of their persona, counted in the commit that stores them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from leases.models import Lease, User
from personas.errors import QuotaExceeded
from personas.models import DailyUse, Persona
from telemetry.ingestion.claims import principal_claim
from telemetry.ingestion.commit import commit_group
from telemetry.ingestion.submission import Submission, submission
from telemetry.samples import Sample
from telemetry.services.feedback import feedback_record
from tests.fixtures import ApiFor
from tests.people import NOW, grant, make_persona, problem
from tests.telemetry.samples import FEEDBACK, everything

pytestmark = pytest.mark.django_db
ON = {"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}}


def submitted(actor: User, persona: Persona, amount: int, key: str | None = None) -> Submission:
    samples = [Sample(f"s{number}") for number in range(amount)]
    claim = principal_claim(actor, None)
    return submission(claim, persona.id, samples, key=key, in_batch=True)


def used() -> dict[str, int]:
    """By persona, of the only day there is."""
    return dict(DailyUse.objects.values_list("persona_id", "used"))


def test_it_asks_and_writes_nothing_without_a_limit(
    alice: User, consented: Persona, telemetry_lease: Lease
) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert commit_group([submitted(alice, consented, 5)], timezone.now()) == [5]
    assert queries.captured_queries
    assert not any("personas_daily_use" in one["sql"] for one in queries.captured_queries)
    assert not DailyUse.objects.exists()


def test_it_judges_each_request_of_a_group_for_itself(
    alice: User, bob: User, consented: Persona, settings: Settings
) -> None:
    settings.ARW_PERSONA_SAMPLES_PER_DAY = 10
    lease = grant("telemetry:persona:workspace", budget=9, now=NOW)
    other = make_persona("persona.beta", preferences=ON, now=NOW)
    group = [
        submitted(alice, consented, 6),
        submitted(bob, consented, 5),
        submitted(bob, consented, 4),
        submitted(alice, other, 11),
        submitted(alice, other, 10),
        submitted(alice, consented, 1),
    ]
    outcomes = commit_group(group, NOW)
    refused = [isinstance(one, QuotaExceeded) for one in outcomes]
    assert refused == [False, True, False, True, False, True]
    assert [one for one in outcomes if isinstance(one, int)] == [6, 4, 10]
    assert used() == {"persona.alpha": 10, "persona.beta": 10}
    assert (consented.vibe_samples.count(), other.vibe_samples.count()) == (10, 10)
    assert Lease.objects.get(pk=lease.pk).used == 3
    assert isinstance(commit_group([submitted(alice, other, 1)], NOW)[0], QuotaExceeded)
    tomorrow = NOW + timedelta(hours=12)
    grant("telemetry:persona:workspace", now=tomorrow)
    assert commit_group([submitted(alice, other, 1)], tomorrow) == [1]


def test_it_costs_nothing_to_repeat(
    alice: User, consented: Persona, telemetry_lease: Lease, settings: Settings
) -> None:
    settings.ARW_PERSONA_SAMPLES_PER_DAY = 3
    now = timezone.now()
    for _ in range(3):
        assert commit_group([submitted(alice, consented, 3, "k")], now) == [3]
    assert used() == {"persona.alpha": 3}
    assert consented.vibe_samples.count() == 3


def test_it_is_told_over_http(
    api: ApiFor, alice: User, consented: Persona, telemetry_lease: Lease, settings: Settings
) -> None:
    settings.ARW_PERSONA_SAMPLES_PER_DAY = 2
    client = api(alice)
    assert client.post(FEEDBACK, [{"signal": "warmer"}] * 2).status_code == 202
    before = everything()
    # As the rate is: before the body is looked at.
    for body in ({"signal": "warmer"}, {"strength": 5}, b"["):
        answer = client.post(FEEDBACK, body)
        refused = problem(answer, 429, "Rate Limited")
        assert (refused["code"], refused["quota"]) == ("quota_exceeded", "samples")
        assert (refused["limit"], refused["setting"]) == (2, "ARW_PERSONA_SAMPLES_PER_DAY")
        assert int(answer["Retry-After"]) >= 1
    assert everything() == before
    telemetry_lease.delete()
    problem(client.post(FEEDBACK, {"strength": 5}), 403)


def test_it_takes_back_what_it_counted_with_the_samples(
    alice: User, consented: Persona, telemetry_lease: Lease, settings: Settings
) -> None:
    settings.ARW_PERSONA_SAMPLES_PER_DAY = 5
    now = timezone.now()
    feedback_record(actor=alice, persona_id=consented.id, body={"signal": "a"}, now=now)
    body = [{"signal": "a"}] * 5
    with pytest.raises(QuotaExceeded):
        feedback_record(actor=alice, persona_id=consented.id, body=body, now=now)
    assert used() == {"persona.alpha": 1}
    assert consented.vibe_samples.count() == 1
