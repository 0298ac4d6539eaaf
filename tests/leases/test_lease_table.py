"""The table of leases: its states, as filters and as badges."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leases.models import Lease
from leases.services.revoking import lease_revoke
from tests.people import grant, someone

TABLE = reverse("admin:leases_lease_changelist")


@pytest.fixture
def one_of_each(db: None) -> dict[str, Lease]:
    """A lease in each state, by the state."""
    now = timezone.now()
    leases = {state: grant(f"share:{state}") for state in ("live", "revoked", "expired")}
    leases["used_up"] = grant("share:used_up", budget=1)
    lease_revoke(actor=someone("dana"), lease_id=leases["revoked"].pk, reason="Over.", now=now)
    past = now - timedelta(minutes=1)
    Lease.objects.filter(pk=leases["expired"].pk).update(ttl_until=past)
    Lease.objects.filter(pk=leases["used_up"].pk).update(used=1)
    return leases


@pytest.mark.parametrize("state", ["live", "revoked", "expired", "used_up"])
def test_it_filters_by_the_state_as_of_now(one_of_each: dict[str, Lease], state: str) -> None:
    client = Client()
    client.force_login(someone("dana"), backend="leases.authentication.PeopleBackend")
    listed = client.get(TABLE, {"state": state}).context["cl"].result_list
    assert [lease.pk for lease in listed] == [one_of_each[state].pk]
    assert listed[0].state_at(timezone.now()) == state


@pytest.mark.parametrize(("way", "found"), [("single", 1), ("prefix", 0), ("nonsense", 4)])
def test_it_filters_by_what_took_it_back(
    one_of_each: dict[str, Lease], way: str, found: int
) -> None:
    client = Client()
    client.force_login(someone("dana"), backend="leases.authentication.PeopleBackend")
    listed = client.get(TABLE, {"revoked": way}).context["cl"].result_list
    assert len(listed) == found
    if found == 1:
        assert listed[0].pk == one_of_each["revoked"].pk


def test_it_shows_a_record_in_words(one_of_each: dict[str, Lease]) -> None:
    client = Client()
    client.force_login(someone("dana"), backend="leases.authentication.PeopleBackend")
    held = grant("share:notes", subject="alice", scope="workspace:local", budget=3)
    said = {
        one_of_each["revoked"]: ["anyone signed in", "everywhere", "0, no limit", "alone"],
        held: ["Alice", "workspace:local", "0 of 3", "in force"],
    }
    for lease, words in said.items():
        page = client.get(reverse("admin:leases_lease_change", args=[lease.pk])).content.decode()
        assert f"<h1>{lease.capability}</h1>" in page
        assert lease.subject not in page
        for word in words:
            assert word in page


def test_it_reads_the_names_of_holders_at_once(
    one_of_each: dict[str, Lease], django_assert_max_num_queries: object
) -> None:
    for _number in range(12):
        grant("share:persona", subject=str(someone("alice").pk))
    client = Client()
    client.force_login(someone("dana"), backend="leases.authentication.PeopleBackend")
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        page = client.get(TABLE)
    text = page.content.decode()
    assert text.count("field-holder") == 16
    assert text.count(">anyone signed in<") == 4
    assert Lease.objects.count() == 16
