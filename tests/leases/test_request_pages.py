"""Asking for a lease on the desk, and answering."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import Lease, LeaseRequest
from tests.people import someone

pytestmark = pytest.mark.django_db
ASKED = {"capability": "persona:manage", "ttl_minutes": "30", "reason": "Notes of the sprint."}
PENDING, GRANTED, DENIED, CANCELLED = LeaseRequest.Status.values


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(someone(name), backend="leases.authentication.PeopleBackend")
    return client


def page(name: str, *args: object) -> str:
    return reverse(f"admin:leases_leaserequest_{name}", args=args)


def ask(name: str = "alice", **more: str) -> LeaseRequest:
    client_of(name).post(page("ask"), {**ASKED, **more})
    return LeaseRequest.objects.latest("created")


def test_it_asks_and_returns_to_where_the_lease_was_missed() -> None:
    answer = client_of("alice").post(page("ask"), {**ASKED, "next": "/admin/live/"})
    assert answer["Location"] == "/admin/live/"
    asked = LeaseRequest.objects.get()
    assert (asked.requester, asked.status, asked.ttl_secs) == (someone("alice"), PENDING, 1800)
    assert Lease.objects.count() == 0


def test_it_keeps_each_request_apart_when_a_page_is_brought_up_to_date() -> None:
    asked = ask()
    for name, address in (("alice", reverse("admin:leases_lease_grant")), ("dana", page("list"))):
        shown = client_of(name).get(address).content.decode()
        assert f'id="request-{asked.pk}"' in shown
    assert LeaseRequest.objects.get() == asked


def test_it_never_leaves_the_site() -> None:
    elsewhere = "https:" + "//elsewhere.example"
    answer = client_of("alice").post(page("ask"), {**ASKED, "next": elsewhere})
    assert answer["Location"] == page("list")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"capability": ""}, "capability"),
        ({"scope": "galaxy"}, "scope"),
        ({"ttl_minutes": "0"}, "ttl_minutes"),
        ({"budget": "0"}, "budget"),
        ({"reason": ""}, "reason"),
    ],
)
def test_it_says_what_is_wrong_beside_the_field(wrong: dict[str, str], field: str) -> None:
    shown = client_of("alice").post(page("ask"), {**ASKED, **wrong})
    assert shown.status_code == 400
    assert list(shown.context["form"].errors) == [field]
    assert LeaseRequest.objects.count() == 0


def test_it_grants_from_the_moment_of_the_answer() -> None:
    asked = ask()
    LeaseRequest.objects.update(created=timezone.now() - timedelta(days=2))
    sent = {"grant-ttl_minutes": "30", "grant-reason": "Until lunch."}
    answer = client_of("dana").post(page("answer", asked.pk), sent)
    assert answer["Location"] == page("list")
    lease = Lease.objects.get()
    assert lease.subject == str(someone("alice").pk)
    assert timedelta(minutes=29) < lease.ttl_until - timezone.now() <= timedelta(minutes=30)
    asked.refresh_from_db()
    assert (asked.status, asked.decision_reason) == (GRANTED, "Until lunch.")
    assert asked.lease == lease


def test_it_denies_with_a_reason_that_the_asker_reads() -> None:
    asked = ask()
    sent = {"reason": "Not before Monday."}
    assert client_of("dana").post(page("deny", asked.pk), sent)["Location"] == page("list")
    asked.refresh_from_db()
    assert asked.status == DENIED
    assert "Not before Monday." in client_of("alice").get(page("list")).content.decode()
    assert Lease.objects.count() == 0


def test_it_does_not_deny_without_a_reason() -> None:
    asked = ask()
    shown = client_of("dana").post(page("deny", asked.pk), {"reason": ""})
    assert shown.status_code == 400
    assert list(shown.context["deny_form"].errors) == ["reason"]
    asked.refresh_from_db()
    assert asked.status == PENDING


def test_it_tells_the_second_admin_that_it_is_decided() -> None:
    asked = ask()
    client_of("dana").post(page("deny", asked.pk), {"reason": "No."})
    shown = client_of("dana").post(page("answer", asked.pk), {"grant-ttl_minutes": "30"})
    assert shown.status_code == 409
    asked.refresh_from_db()
    assert asked.status == DENIED
    assert Lease.objects.count() == 0


def test_it_is_taken_back_by_who_asked() -> None:
    asked = ask()
    client_of("alice").post(page("cancel", asked.pk))
    asked.refresh_from_db()
    assert asked.status == CANCELLED


@pytest.mark.parametrize("name", ["alice", "bob", "charlie"])
def test_it_is_answered_by_admins_alone(name: str) -> None:
    asked, client = ask(), client_of(name)
    assert client.get(page("answer", asked.pk)).status_code == 403
    for what in ("answer", "deny"):
        sent = {"grant-ttl_minutes": "30", "reason": "Mine."}
        assert client.post(page(what, asked.pk), sent).status_code == 403
    asked.refresh_from_db()
    assert asked.status == PENDING
    assert Lease.objects.count() == 0


def test_it_shows_members_their_own_requests_only() -> None:
    ask("alice")
    ask("bob", reason="Something private.")
    shown = client_of("alice").get(page("list")).content.decode()
    assert "Notes of the sprint." in shown
    assert "Something private." not in shown
    assert "Something private." in client_of("dana").get(page("list")).content.decode()


def test_it_keeps_the_requests_of_others() -> None:
    asked = ask("bob")
    client_of("alice").post(page("cancel", asked.pk))
    asked.refresh_from_db()
    assert asked.status == PENDING


def test_it_turns_strangers_away() -> None:
    assert client_of("charlie").post(page("ask"), ASKED).status_code == 403
    assert LeaseRequest.objects.count() == 0


def test_it_tells_admins_at_home() -> None:
    ask()
    assert "1 lease is asked for" in client_of("dana").get("/admin/").content.decode()
    assert "lease is asked for" not in client_of("bob").get("/admin/").content.decode()
