"""Leases on the desk without a browser: lists, renewing, revoking, and who may do which."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import Lease
from tests.people import grant, someone

pytestmark = pytest.mark.django_db
WHY = {"reason": "The sprint is over."}


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(someone(name), backend="leases.authentication.PeopleBackend")
    return client


def live() -> str:
    return reverse("admin:leases_lease_grant")


def about(lease: Lease, what: str) -> str:
    return reverse(f"admin:leases_lease_{what}", args=[lease.pk])


def shown(page: object) -> list[str]:
    return [row.lease.capability for row in page.context["rows"]]  # type: ignore[attr-defined]


def test_it_lists_what_runs_out_first() -> None:
    grant("persona:manage", ttl_secs=7200)
    grant("share:persona", ttl_secs=60)
    assert shown(client_of("alice").get(live())) == ["share:persona", "persona:manage"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=share", ["share:persona"]),
        ("q=alice", ["persona:manage"]),
        ("q=sprint", ["share:persona"]),
        ("q=nothing", []),
        ("holder=me", ["persona:manage"]),
        ("holder=anyone", ["share:persona"]),
        ("holder=galaxy", ["share:persona", "persona:manage"]),
    ],
)
def test_it_finds_leases(query: str, found: list[str]) -> None:
    someone("alice")
    grant("persona:manage", subject="alice", ttl_secs=7200)
    grant("share:persona", reason="For the sprint.", ttl_secs=60)
    assert shown(client_of("alice").get(f"{live()}?{query}")) == found


def test_it_says_what_ended_each_past_lease() -> None:
    now = timezone.now()
    over = grant("over", now=now - timedelta(hours=2), ttl_secs=60)
    used = grant("used", budget=1)
    Lease.objects.filter(pk=used.pk).update(used=1)
    taken = grant("taken")
    grant("live")
    client_of("dana").post(about(taken, "revoke"), WHY)
    past = reverse("admin:leases_lease_past")
    page = client_of("alice").get(past)
    states = {row.lease.capability: row.state for row in page.context["rows"]}
    assert states == {"over": "expired", "used": "used_up", "taken": "revoked"}
    for end, lease in (("expired", over), ("used_up", used), ("revoked", taken)):
        assert shown(client_of("alice").get(f"{past}?end={end}")) == [lease.capability]


def test_it_renews_from_now() -> None:
    lease = grant(ttl_secs=60)
    answer = client_of("dana").post(about(lease, "renew"), {"ttl_minutes": "120"})
    assert answer["Location"] == live()
    left = Lease.objects.get().ttl_until - timezone.now()
    assert timedelta(minutes=119) < left <= timedelta(minutes=120)


def test_it_never_makes_a_lease_shorter() -> None:
    lease = grant(ttl_secs=7200)
    client_of("dana").post(about(lease, "renew"), {"ttl_minutes": "1"})
    assert Lease.objects.get().ttl_until == lease.ttl_until


@pytest.mark.parametrize("minutes", ["", "0", "1441", "soon"])
def test_it_says_beside_the_field_what_is_no_time(minutes: str) -> None:
    lease = grant()
    page = client_of("dana").post(about(lease, "renew"), {"ttl_minutes": minutes})
    assert page.status_code == 400
    assert list(page.context["form"].errors) == ["ttl_minutes"]
    assert Lease.objects.get().ttl_until == lease.ttl_until


def test_it_does_not_renew_what_is_over() -> None:
    lease = grant(now=timezone.now() - timedelta(hours=2), ttl_secs=60)
    page = client_of("dana").post(about(lease, "renew"), {"ttl_minutes": "5"})
    assert page.status_code == 409
    assert "This lease is over" in page.content.decode()
    assert Lease.objects.get().ttl_until == lease.ttl_until


def test_it_says_what_stops_before_it_revokes() -> None:
    lease = grant("telemetry:persona:workspace")
    page = client_of("dana").get(about(lease, "revoke")).content.decode()
    assert "What stops working" in page
    assert "whose consent has the scope “workspace”" in page
    assert Lease.objects.get().revoked_at is None


def test_it_names_other_leases_that_lend_the_same() -> None:
    lease = grant()
    grant(scope="workspace")
    page = client_of("dana").get(about(lease, "revoke")).content.decode()
    assert "1 other lease lends the same" in page


def test_it_revokes_with_a_reason() -> None:
    lease = grant()
    assert client_of("dana").post(about(lease, "revoke"), WHY)["Location"] == live()
    lease.refresh_from_db()
    assert lease.revoked_at is not None
    assert lease.revoke_reason == WHY["reason"]
    assert lease.revoked_by == someone("dana")


def test_it_does_not_revoke_without_a_reason() -> None:
    lease = grant()
    page = client_of("dana").post(about(lease, "revoke"), {"reason": ""})
    assert page.status_code == 400
    assert list(page.context["form"].errors) == ["reason"]
    assert Lease.objects.get().revoked_at is None


def test_it_shows_which_leases_a_prefix_takes_and_takes_those() -> None:
    grant("telemetry:persona:agent")
    grant("telemetry:persona:workspace")
    kept = grant("persona:manage")
    address, dana = reverse("admin:leases_lease_revoke_prefix"), client_of("dana")
    page = dana.get(f"{address}?prefix=telemetry:")
    assert shown(page) == ["telemetry:persona:agent", "telemetry:persona:workspace"]
    sent = {"prefix": "telemetry:", "seen": page.context["seen"], **WHY}
    assert dana.post(address, sent)["Location"] == live()
    assert list(Lease.objects.filter(revoked_at__isnull=True)) == [kept]


def test_it_takes_nothing_when_the_leases_have_changed_since() -> None:
    grant("telemetry:persona:agent")
    address, dana = reverse("admin:leases_lease_revoke_prefix"), client_of("dana")
    seen = dana.get(f"{address}?prefix=telemetry:").context["seen"]
    grant("telemetry:persona:workspace")
    page = dana.post(address, {"prefix": "telemetry:", "seen": seen, **WHY})
    assert page.status_code == 409
    assert "have changed since you looked" in page.content.decode()
    assert len(shown(page)) == 2
    assert not Lease.objects.filter(revoked_at__isnull=False).exists()


@pytest.mark.parametrize("prefix", ["", " ", "Telemetry:", "elemetry:"])
def test_it_takes_nothing_for_a_prefix_that_nothing_has(prefix: str) -> None:
    grant("telemetry:persona:agent")
    address, dana = reverse("admin:leases_lease_revoke_prefix"), client_of("dana")
    page = dana.get(address, {"prefix": prefix})
    assert shown(page) == []
    dana.post(address, {"prefix": prefix, "seen": page.context["seen"], **WHY})
    assert Lease.objects.get().revoked_at is None


@pytest.mark.parametrize("name", ["alice", "bob", "charlie"])
def test_it_is_a_right_of_admins(name: str) -> None:
    lease, client = grant(), client_of(name)
    prefix = reverse("admin:leases_lease_revoke_prefix")
    for address in (about(lease, "renew"), about(lease, "revoke"), prefix):
        assert client.get(address).status_code == 403
        sent = {"ttl_minutes": "600", "prefix": "persona", **WHY}
        assert client.post(address, sent).status_code == 403
    unchanged = Lease.objects.get()
    assert (unchanged.ttl_until, unchanged.revoked_at) == (lease.ttl_until, None)


def test_it_offers_members_no_button_that_they_may_not_press() -> None:
    lease = grant()
    page = client_of("alice").get(live()).content.decode()
    assert about(lease, "revoke") not in page
    assert reverse("admin:leases_leaserequest_ask") in page


def test_it_knows_no_lease_that_is_not_there() -> None:
    lease = grant()
    addresses = [about(lease, what) for what in ("renew", "revoke")]
    lease.delete()
    for address in addresses:
        assert client_of("dana").get(address).status_code == 404
        assert client_of("dana").post(address, WHY).status_code == 404
