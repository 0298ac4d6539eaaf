"""Who is asking: tokens in two headers, the admin token of the environment, throttling (§1)."""

import hashlib
import secrets

import pytest
from django.contrib.auth import authenticate
from django.core.cache import cache
from django.test import Client, RequestFactory
from pytest_django import Settings

from leases.authentication import FAILURES_PER_MINUTE
from leases.models import User
from tests.fixtures import ApiFor
from tests.people import Api, problem

pytestmark = pytest.mark.django_db
PATH = "/state/persona"


def get(**headers: str):
    client = Api(None)
    return client.get(PATH, **headers)


@pytest.fixture(autouse=True)
def forget_failures() -> None:
    cache.clear()


def test_it_takes_a_token_in_either_header(api: ApiFor, alice: User) -> None:
    bearer = api(alice).headers["Authorization"]
    token = bearer.removeprefix("Bearer ")
    for headers in (
        {"Authorization": bearer},
        {"Authorization": f"bearer {token}"},
        {"Authorization": f"Bearer  {token} "},
        {"X-ARW-Admin": token},
        {"X-ARW-Admin": f" {token} "},
    ):
        assert get(**headers).status_code == 200, headers


@pytest.mark.parametrize("form", ["token", "sha256"])
def test_it_takes_the_admin_token_of_the_environment(
    settings: Settings, db: None, form: str
) -> None:
    token = secrets.token_urlsafe(24)
    settings.ARW_ADMIN_TOKEN = token if form == "token" else ""
    settings.ARW_ADMIN_TOKEN_SHA256 = hashlib.sha256(token.encode()).hexdigest()
    answer = get(Authorization=f"Bearer {token}")
    assert answer.status_code == 200
    assert answer.wsgi_request.user.username == "service-admin"
    assert get(**{"X-ARW-Admin": token}).status_code == 200
    problem(get(Authorization=f"Bearer {token}x"), 401)
    # The hash is no token.
    problem(get(Authorization=f"Bearer {settings.ARW_ADMIN_TOKEN_SHA256}"), 401)


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer \xff\xfe",
        "Bearer " + "a" * 5000,
        "Bearer arw_" + "0" * 64,
        "Basic YWxpY2U6eA==",
        "nonsense",
    ],
)
def test_it_refuses_what_is_no_token(header: str) -> None:
    refused = get(Authorization=header)
    assert problem(refused, 401, "Unauthorized")["code"] == "unauthorized"
    assert refused["WWW-Authenticate"] == 'Bearer realm="arw"'


def test_it_refuses_nobody_with_a_challenge() -> None:
    refused = get()
    problem(refused, 401, "Unauthorized")
    assert refused["WWW-Authenticate"] == 'Bearer realm="arw"'


def test_it_refuses_a_principal_that_is_not_active(api: ApiFor, alice: User) -> None:
    client = api(alice)
    assert client.get(PATH).status_code == 200
    User.objects.filter(pk=alice.pk).update(is_active=False)
    problem(client.get(PATH), 401, "Unauthorized")


def test_it_does_not_read_the_admin_header_beside_a_bearer_token(api: ApiFor, alice: User) -> None:
    token = api(alice).headers["Authorization"].removeprefix("Bearer ")
    problem(get(**{"Authorization": "Bearer wrong", "X-ARW-Admin": token}), 401)


def test_it_throttles_guessing_but_never_the_right_token(api: ApiFor, alice: User) -> None:
    right = api(alice)
    # Failures are counted by the minute, and a minute may end under way.
    answers = [get(Authorization="Bearer wrong") for _ in range(2 * FAILURES_PER_MINUTE + 1)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[:FAILURES_PER_MINUTE] == [401] * FAILURES_PER_MINUTE
    refused = answers[statuses.index(429)]
    assert problem(refused, 429, "Rate Limited")["code"] == "rate_limited"
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert right.get(PATH).status_code == 200
    # Another client is not held up by this one.
    other = Client(REMOTE_ADDR="198.51.100.7").get(PATH, headers={"Authorization": "Bearer wrong"})
    assert other.status_code == 401


def test_it_signs_people_in_with_a_password_and_automations_never(alice: User) -> None:
    password = secrets.token_urlsafe(20)
    alice.set_password(password)
    alice.save()
    given = {"username": "alice", "password": password}
    request = RequestFactory().post("/admin/login/")
    assert authenticate(request, **given) == alice
    User.objects.filter(pk=alice.pk).update(interactive=False)
    assert authenticate(request, **given) is None


def test_it_has_no_password_for_the_service_principal() -> None:
    service = User.objects.service_principal()
    assert not service.interactive
    assert not service.has_usable_password()
    assert {group.name for group in service.groups.all()} == {"admins"}
