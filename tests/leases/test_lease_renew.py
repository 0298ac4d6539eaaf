"""Renewing leases: up to a maximum life, and never what is over (contract §6)."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from leases.errors import InvalidLease, LeaseManageForbidden, LeaseNotFound, LeaseNotLive
from leases.models import Lease, User
from leases.services.expiry import leases_expire
from leases.services.renewing import lease_renew
from leases.services.revoking import lease_revoke
from tests.fixtures import ApiFor
from tests.leases.news import heard
from tests.people import NOW, SECOND, grant, pointers, problem

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MISSING = "00000000-0000-0000-0000-000000000000"


def row(lease: Lease) -> dict[str, object]:
    return Lease.objects.values().get(pk=lease.pk)


@pytest.mark.parametrize(
    ("asked", "given"), [(3600, 3600), (86_401, 86_400), (2**53 - 1, 86_400), (601, 601)]
)
def test_it_lets_a_lease_go_on_from_now(dana: User, asked: int, given: int) -> None:
    lease = grant(now=NOW, ttl_secs=600, budget=3, reason="first")
    later = NOW + SECOND
    renewed = lease_renew(actor=dana, lease_id=lease.id, ttl_secs=asked, now=later)
    assert renewed.ttl_until == later + timedelta(seconds=given)
    assert (renewed.updated, renewed.created) == (later, NOW)
    assert (renewed.budget, renewed.used, renewed.reason) == (3, 0, "first")


def test_it_never_ends_a_lease_earlier(dana: User) -> None:
    lease = grant(now=NOW, ttl_secs=7200, reason="first")
    before = row(lease)
    with heard() as news:
        for ttl in (0, 1, 3600, 7200):
            lease_renew(actor=dana, lease_id=lease.id, ttl_secs=ttl, reason="x", now=NOW)
    assert row(lease) == before
    assert news == []


def test_it_stops_at_the_maximum_life(dana: User, settings: Settings) -> None:
    settings.ARW_LEASE_MAX_LIFE = timedelta(hours=2)
    lease = grant(now=NOW)
    later = NOW + HOUR - SECOND
    renewed = lease_renew(actor=dana, lease_id=lease.id, ttl_secs=86_400, now=later)
    assert renewed.ttl_until == NOW + 2 * HOUR
    before = row(lease)
    with pytest.raises(LeaseNotLive) as refused:
        lease_renew(actor=dana, lease_id=lease.id, ttl_secs=86_400, now=later)
    assert refused.value.instance_code == "max_life_reached"
    assert row(lease) == before


def test_it_bounds_the_first_grant_by_the_maximum_life_too(dana: User, settings: Settings) -> None:
    settings.ARW_LEASE_MAX_LIFE = timedelta(minutes=5)
    assert grant(now=NOW, ttl_secs=86_400).ttl_until == NOW + timedelta(minutes=5)


def test_it_refuses_at_the_exact_second_of_the_end(dana: User) -> None:
    lease = grant(now=NOW, ttl_secs=60)
    end = NOW + timedelta(seconds=60)
    before = row(lease)
    with pytest.raises(LeaseNotLive) as refused:
        lease_renew(actor=dana, lease_id=lease.id, now=end)
    assert refused.value.facts == {"state": "expired"}
    assert row(lease) == before
    last = end - timedelta(microseconds=1)
    assert lease_renew(actor=dana, lease_id=lease.id, now=last).ttl_until == last + HOUR


def test_it_never_revives_what_is_over(dana: User) -> None:
    revoked, used_up, told = grant(now=NOW), grant(now=NOW, budget=1), grant(now=NOW, ttl_secs=5)
    lease_revoke(actor=dana, lease_id=revoked.id, now=NOW)
    Lease.objects.filter(pk=used_up.pk).update(used=1)
    leases_expire(now=NOW + 5 * SECOND)
    before = {lease.pk: row(lease) for lease in (revoked, used_up, told)}
    for lease, state in ((revoked, "revoked"), (used_up, "used_up"), (told, "expired")):
        with pytest.raises(LeaseNotLive) as refused:
            # The clock of this process is behind the one that told the expiry.
            lease_renew(actor=dana, lease_id=lease.id, ttl_secs=7200, now=NOW)
        assert refused.value.facts == {"state": state}
    assert {lease.pk: row(lease) for lease in (revoked, used_up, told)} == before


def test_it_replaces_the_reason_and_tells(dana: User) -> None:
    lease = grant(now=NOW, reason="first")
    with heard() as news:
        renewed = lease_renew(actor=dana, lease_id=lease.id, reason="again", now=NOW + SECOND)
    assert renewed.reason == "again"
    assert news == [("lease_renewed", lease.id, dana)]


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [({"ttl_secs": -1}, "/ttl_secs"), ({"reason": "x" * 501}, "/reason")],
)
def test_it_refuses_bad_terms(dana: User, terms: dict[str, object], pointer: str) -> None:
    lease = grant(now=NOW)
    before = row(lease)
    with pytest.raises(InvalidLease) as refused:
        lease_renew(**{"actor": dana, "lease_id": lease.id, "now": NOW, **terms})
    assert [fault.pointer for fault in refused.value.errors] == [pointer]
    assert row(lease) == before
    with pytest.raises(LeaseNotFound):
        lease_renew(actor=dana, lease_id=MISSING, now=NOW)


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_it_is_a_right_of_admins(who: str, request: pytest.FixtureRequest, api: ApiFor) -> None:
    actor = request.getfixturevalue(who)
    lease = grant()
    before = row(lease)
    with pytest.raises(LeaseManageForbidden):
        lease_renew(actor=actor, lease_id=lease.id, now=timezone.now())
    problem(api(actor).post(f"/leases/{lease.id}/renew", b"{"), 403, "Lease Manage Forbidden")
    problem(api(None).post(f"/leases/{lease.id}/renew", {}), 401)
    assert row(lease) == before


def test_it_answers_over_http(api: ApiFor, dana: User) -> None:
    lease, client = grant(ttl_secs=60), api(dana)
    renewed = client.post(f"/leases/{lease.id}/renew", {"ttl_secs": 7200, "reason": "more"})
    assert renewed.status_code == 200
    shown = renewed.json()
    assert (shown["id"], shown["state"], shown["reason"]) == (str(lease.id), "live", "more")
    assert shown["created"] < shown["ttl_until"] < shown["renewable_until"]
    assert client.post(f"/leases/{lease.id}/renew").status_code == 200
    bad = client.post(f"/leases/{lease.id}/renew", {"ttl_secs": "1"})
    assert pointers(problem(bad, 400, "Invalid Lease")) == ["/ttl_secs"]
    problem(client.post(f"/leases/{MISSING}/renew", b"{"), 404, "Lease Not Found")
    over = grant(now=NOW)
    refused = problem(client.post(f"/leases/{over.id}/renew", {}), 409, "Lease Not Live")
    assert (refused["code"], refused["state"]) == ("lease_not_live", "expired")
