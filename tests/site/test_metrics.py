"""``/metrics`` takes a token, unless the operator makes it public (contract §1, §12)."""

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from leases.models import User
from tests.fixtures import ApiFor
from tests.people import problem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forget_failures() -> None:
    cache.clear()


def test_it_needs_a_token(api: ApiFor, charlie: User) -> None:
    refused = api(None).get("/metrics")
    problem(refused, 401, "Unauthorized")
    assert refused["WWW-Authenticate"] == 'Bearer realm="arw"'
    problem(api(None).get("/metrics", Authorization="Bearer wrong"), 401)
    answer = api(charlie).get("/metrics")
    assert answer.status_code == 200
    assert b"django_http_requests_total_by_method_total" in answer.content


def test_it_takes_a_session(charlie: User) -> None:
    client = Client()
    client.force_login(charlie, backend="leases.authentication.PeopleBackend")
    assert client.get("/metrics").status_code == 200


def test_it_is_public_where_the_operator_says_so(api: ApiFor, settings: Settings) -> None:
    settings.ARW_METRICS_PUBLIC = True
    assert api(None).get("/metrics").status_code == 200


def test_it_names_nobody(api: ApiFor, alice: User) -> None:
    client = api(alice)
    client.get("/state/persona")
    text = client.get("/metrics").content.decode()
    assert "alice" not in text
    assert str(alice.id) not in text
