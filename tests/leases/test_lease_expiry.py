"""Expiry: at the exact second for whoever asks, and told once (contract §6, §8)."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from leases.authorization import action_decision
from leases.capabilities import PERSONA_MANAGE, Resource
from leases.models import Lease, User
from leases.services.expiry import leases_expire
from leases.services.revoking import lease_revoke
from tests.leases.news import heard
from tests.people import NOW, SECOND, grant
from tests.telemetry.threads import at_once

ALPHA = Resource("persona.alpha", "workspace", "local")
MICROSECOND = timedelta(microseconds=1)


@pytest.mark.django_db
def test_it_holds_up_to_the_second_it_ends_and_not_at_it(alice: User) -> None:
    lease = grant(now=NOW, ttl_secs=60)
    end = NOW + 60 * SECOND
    for now, reason in (
        (end - MICROSECOND, "lease_satisfied"),
        (end, "lease_expired"),
        (end + MICROSECOND, "lease_expired"),
    ):
        decision = action_decision(actor=alice, action=PERSONA_MANAGE, resource=ALPHA, now=now)
        assert decision.reason == reason
        assert Lease.objects.active_at(now).exists() is (reason == "lease_satisfied")
    assert [lease.state_at(now) for now in (end - MICROSECOND, end)] == ["live", "expired"]


@pytest.mark.django_db
def test_it_tells_of_it_once_and_not_before() -> None:
    lease, longer = grant(now=NOW, ttl_secs=60), grant(now=NOW, ttl_secs=61)
    end = NOW + 60 * SECOND
    with heard() as news:
        assert leases_expire(now=end - MICROSECOND) == 0
    assert news == []
    with heard() as news:
        assert leases_expire(now=end) == 1
        assert leases_expire(now=end) == 0
    assert news == [("lease_expired", lease.id, None)]
    lease.refresh_from_db()
    longer.refresh_from_db()
    assert (lease.expiry_told_at, longer.expiry_told_at) == (end, None)


@pytest.mark.django_db
def test_it_does_not_tell_of_what_was_revoked(dana: User) -> None:
    lease = grant(now=NOW, ttl_secs=60)
    lease_revoke(actor=dana, lease_id=lease.id, now=NOW)
    with heard() as news:
        assert leases_expire(now=NOW + timedelta(days=1)) == 0
    assert news == []


@pytest.mark.django_db(transaction=True)
def test_it_tells_once_with_two_workers() -> None:
    leases = [grant(now=NOW, ttl_secs=1) for _ in range(24)]
    told: list[object] = []

    def hear(*, lease: Lease, **_: object) -> None:
        told.append(lease.id)

    from leases.signals import lease_expired

    lease_expired.connect(hear)
    try:
        counts = at_once([lambda: leases_expire(now=NOW + SECOND)] * 2)
    finally:
        lease_expired.disconnect(hear)
    assert sum(counts) == 24
    assert sorted(map(str, told)) == sorted(str(lease.id) for lease in leases)


@pytest.mark.django_db
def test_it_is_among_the_sweeps(capsys: pytest.CaptureFixture[str]) -> None:
    lease = grant(now=NOW, ttl_secs=1)
    call_command("sweep")
    assert "leases expired: 1\n" in capsys.readouterr().out
    lease.refresh_from_db()
    assert lease.expiry_told_at is not None
