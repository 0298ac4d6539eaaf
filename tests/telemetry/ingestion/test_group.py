"""What is committed together is judged one by one (contract §1, §2, §7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed

from leases.models import Lease, User
from leases.tokens import token_create, token_revoke
from personas.errors import PersonaNotFound
from personas.models import Persona
from telemetry.errors import (
    IdempotencyConflict,
    PersonaTelemetryForbidden,
    RateLimited,
    TelemetryDisabled,
)
from telemetry.ingestion.claims import Claim, principal_claim, token_claim
from telemetry.ingestion.commit import commit_group
from telemetry.ingestion.submission import Submission, submission
from telemetry.models import IdempotencyRecord, VibeSample
from telemetry.samples import Sample
from telemetry.selectors import vibe_metrics
from tests.people import grant, make_persona
from tests.telemetry.conftest import Committing
from tests.telemetry.samples import everything, signals


def one(
    who: User | Claim, *names: str, persona_id: str = "persona.alpha", key: str | None = None
) -> Submission:
    """A submission with a sample for each name; ``name#id`` gives it an id."""
    claim = who if isinstance(who, Claim) else principal_claim(who)
    samples = [
        Sample(signal=name.partition("#")[0], id=name.partition("#")[2] or None) for name in names
    ]
    return submission(claim, persona_id, samples, key=key, in_batch=len(names) > 1)


def commit(*submissions: Submission) -> list[Any]:
    return commit_group(submissions, timezone.now())


def kinds(outcomes: list[Any]) -> list[Any]:
    return [it if isinstance(it, int) else type(it) for it in outcomes]


def test_it_refuses_some_and_stores_the_others(
    alice: User, charlie: User, consented: Persona, telemetry_lease: Lease, committing: Committing
) -> None:
    make_persona("persona.off")
    make_persona(
        "persona.agent", preferences={"telemetry": {"vibe": {"enabled": True, "scope": "other"}}}
    )
    with committing():
        outcomes = commit(
            one(alice, "a"),
            one(charlie, "b"),
            one(alice, "c", persona_id="nobody"),
            one(alice, "d", persona_id="persona.off"),
            one(alice, "e", persona_id="persona.agent"),
            one(token_claim("arw_" + "0" * 40), "f"),
            one(alice, "g", "h"),
        )
    assert kinds(outcomes) == [
        1,
        PersonaTelemetryForbidden,
        PersonaNotFound,
        TelemetryDisabled,
        PersonaTelemetryForbidden,
        AuthenticationFailed,
        2,
    ]
    assert [outcomes[1].instance_code, outcomes[4].instance_code] == [
        "role_required",
        "lease_required",
    ]
    assert signals() == ["a", "g", "h"]
    metrics = vibe_metrics("persona.alpha", now=timezone.now())
    assert metrics["signal_counts"] == {"a": 1, "g": 1, "h": 1}


def test_it_counts_a_budget_down_inside_a_group(alice: User, bob: User, consented: Persona) -> None:
    lease = grant("telemetry:persona:workspace", budget=3)
    outcomes = commit(*[one(who, "a", "b") for who in (alice, bob, alice, bob, alice)])
    assert kinds(outcomes) == [2, 2, 2, *[PersonaTelemetryForbidden] * 2]
    assert outcomes[3].instance_code == "lease_exhausted"
    lease.refresh_from_db()
    assert lease.used == 3
    assert VibeSample.objects.count() == 6


def test_it_spends_one_lease_after_the_other_and_the_free_one_first(
    alice: User, consented: Persona
) -> None:
    short = grant("telemetry:persona:workspace", budget=2, ttl_secs=60)
    long = grant("telemetry:persona:workspace", budget=2, ttl_secs=600)
    assert kinds(commit(*[one(alice, "a")] * 3)) == [1, 1, 1]
    short.refresh_from_db()
    long.refresh_from_db()
    assert (short.used, long.used) == (1, 2)
    free = grant("telemetry:persona:workspace")
    assert kinds(commit(*[one(alice, "a")] * 3)) == [1, 1, 1]
    for lease in (short, long, free):
        lease.refresh_from_db()
    assert (short.used, long.used, free.used) == (1, 2, 0)


def test_it_counts_repeats_of_a_group_once(
    alice: User, bob: User, consented: Persona, committing: Committing
) -> None:
    lease = grant("telemetry:persona:workspace", budget=3)
    with committing():
        outcomes = commit(
            one(alice, "a", key="k"),
            one(alice, "a", key="k"),
            one(alice, "b", key="k"),
            one(alice, "c#1"),
            one(alice, "c#1", "d"),
            one(alice, "e#1"),
            one(alice, "a", key="k"),
            one(bob, "z"),
        )
    assert kinds(outcomes) == [
        1,
        1,
        IdempotencyConflict,
        1,
        2,
        IdempotencyConflict,
        1,
        PersonaTelemetryForbidden,
    ]
    assert signals() == ["a", "c", "d"]
    assert IdempotencyRecord.objects.count() == 2
    lease.refresh_from_db()
    assert lease.used == 3
    assert vibe_metrics("persona.alpha", now=timezone.now())["total_feedback"] == 3


def test_it_lets_repeats_pass_when_the_budget_is_used_up(alice: User, consented: Persona) -> None:
    lease = grant("telemetry:persona:workspace", budget=1)
    assert kinds(commit(one(alice, "a#1", "b#2", key="k"))) == [2]
    before = everything()
    again = [one(alice, "a#1", "b#2", key="k"), one(alice, "b#2"), one(alice, "a#1", "n")]
    assert kinds(commit(*again)) == [2, 1, PersonaTelemetryForbidden]
    assert everything() == before
    lease.refresh_from_db()
    assert lease.used == 1


def test_it_sees_what_ended_before_the_commit(alice: User, consented: Persona) -> None:
    lease = grant("telemetry:persona:workspace")
    token, secret = token_create(user=alice, name="t", now=timezone.now())
    waiting = one(token_claim(secret), "a")
    assert kinds(commit(waiting)) == [1]
    alice.groups.clear()
    assert kinds(commit(waiting)) == [PersonaTelemetryForbidden]
    alice.user_permissions.add(*group_permissions("members"))
    assert kinds(commit(waiting)) == [1]
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert kinds(commit(waiting)) == [AuthenticationFailed]
    User.objects.filter(pk=alice.pk).update(is_active=True, is_superuser=True)
    alice.user_permissions.clear()
    assert kinds(commit(waiting)) == [1]
    Lease.objects.filter(pk=lease.pk).update(revoked_at=timezone.now(), revocation="single")
    (refusal,) = commit(waiting)
    assert refusal.instance_code == "lease_revoked"
    Lease.objects.filter(pk=lease.pk).update(revoked_at=None, revocation="")
    token_revoke(user=alice, public_id=token.public_id)
    assert kinds(commit(waiting)) == [AuthenticationFailed]
    assert VibeSample.objects.count() == 3


def group_permissions(name: str) -> Any:
    from django.contrib.auth.models import Group

    return Group.objects.get(name=name).permissions.all()


def test_it_takes_no_token_past_its_time(alice: User, consented: Persona) -> None:
    grant("telemetry:persona:workspace")
    now = timezone.now()
    _, secret = token_create(user=alice, name="t", now=now, expires=now + timedelta(hours=1))
    waiting = one(token_claim(secret), "a")
    assert kinds(commit_group([waiting], now + timedelta(minutes=59))) == [1]
    (refusal,) = commit_group([waiting], now + timedelta(hours=1, seconds=1))
    assert isinstance(refusal, AuthenticationFailed)


def test_it_takes_the_token_of_the_environment(
    consented: Persona, telemetry_lease: Lease, settings: Any
) -> None:
    import hashlib

    from leases.models.principal import SERVICE_PRINCIPAL

    secret = "from-the-" + "environment"
    settings.ARW_ADMIN_TOKEN_SHA256 = hashlib.sha256(secret.encode()).hexdigest()
    assert User.objects.filter(username=SERVICE_PRINCIPAL).exists()
    assert kinds(commit(one(token_claim(secret), "a"))) == [1]
    assert VibeSample.objects.get().principal.username == SERVICE_PRINCIPAL


def test_it_hashes_tokens_as_they_are_stored(alice: User) -> None:
    token, secret = token_create(user=alice, name="t", now=timezone.now())
    assert token_claim(secret) == Claim("token", token.digest)


def test_it_keeps_the_newest_of_each_persona_across_a_group(
    alice: User, consented: Persona, telemetry_lease: Lease, settings: Any
) -> None:
    settings.ARW_PERSONA_VIBE_HISTORY_RETAIN = 3
    make_persona("persona.beta", preferences=consented.preferences)
    commit(
        one(alice, "a", "b"),
        one(alice, "x", persona_id="persona.beta"),
        one(alice, "c", "d"),
        one(alice, "y", persona_id="persona.beta"),
    )
    by_persona = VibeSample.objects.order_by("recorded_at", "pk").values_list("persona", "signal")
    assert [it for name, it in by_persona if name == "persona.alpha"] == ["b", "c", "d"]
    assert [it for name, it in by_persona if name == "persona.beta"] == ["x", "y"]


def test_it_clamps_after_the_rights_and_before_the_rest(
    alice: User, charlie: User, consented: Persona, telemetry_lease: Lease, settings: Any
) -> None:
    settings.ARW_PERSONA_FEEDBACK_RATE = 2
    outcomes = commit(
        one(charlie, "x"), one(alice, "a", key="k"), one(alice, "b"), one(alice, "a", key="k")
    )
    assert kinds(outcomes) == [PersonaTelemetryForbidden, 1, 1, RateLimited]
    assert signals() == ["a", "b"]


@pytest.mark.django_db(transaction=True)
def test_it_stores_the_others_when_the_database_refuses_one(
    alice: User, consented: Persona, telemetry_lease: Lease
) -> None:
    broken = one(alice, "b")
    object.__setattr__(broken, "samples", (Sample(signal="b", strength=7.0),))
    outcomes = commit(one(alice, "a"), broken, one(alice, "c"))
    assert kinds(outcomes)[::2] == [1, 1]
    assert isinstance(outcomes[1], Exception)
    assert signals() == ["a", "c"]
    assert vibe_metrics("persona.alpha", now=timezone.now())["signal_counts"] == {"a": 1, "c": 1}
