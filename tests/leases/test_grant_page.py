"""The page that shows and lends leases."""

import pytest
from django.test import Client
from django.urls import reverse

from leases.models import Lease
from tests.people import grant, someone

ASKED = {"capability": "persona:manage", "subject": "local", "ttl_minutes": "60"}


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(someone(name), backend="leases.authentication.PeopleBackend")
    return client


def address() -> str:
    return reverse("admin:leases_lease_grant")


def test_it_lends_and_goes_back(db: None) -> None:
    answer = client_of("dana").post(address(), {**ASKED, "next": "/admin/live/"})
    assert answer["Location"] == "/admin/live/"
    assert Lease.objects.get().capability == "persona:manage"


def test_it_never_leaves_the_site(db: None) -> None:
    for elsewhere in ("https:" + "//elsewhere.example", "//elsewhere.example", "javascript:0"):
        answer = client_of("dana").post(address(), {**ASKED, "next": elsewhere})
        assert answer["Location"] == address()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"capability": ""}, "capability"),
        ({"scope": "galaxy"}, "scope"),
        ({"subject": "nobody"}, "subject"),
        ({"ttl_minutes": "0"}, "ttl_minutes"),
        ({"budget": "-1"}, "budget"),
    ],
)
def test_it_says_what_is_wrong_beside_the_field(
    db: None, wrong: dict[str, str], field: str
) -> None:
    page = client_of("dana").post(address(), {**ASKED, **wrong})
    assert page.status_code == 400
    assert list(page.context["form"].errors) == [field]
    assert Lease.objects.count() == 0


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_it_shows_members_the_leases_and_no_form(db: None, name: str) -> None:
    grant(reason="for the tour")
    page = client_of(name).get(address())
    assert "for the tour" in page.content.decode()
    assert 'name="capability"' not in page.content.decode()
    assert client_of(name).post(address(), ASKED).status_code == 403
    assert Lease.objects.count() == 1


def test_it_turns_strangers_away(db: None) -> None:
    assert client_of("charlie").post(address(), ASKED).status_code == 403
    assert Lease.objects.count() == 0
