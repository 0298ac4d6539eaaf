"""Deny by default: every route asks who is there, but for the two health checks (contract §1)."""

import uuid

import pytest
from django.contrib.admin import site
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from leases.api.guard import GuardedViewSet
from leases.models import User
from tests.fixtures import ApiFor
from tests.people import problem
from tests.site.routes import Route, api_routes

pytestmark = pytest.mark.django_db
IDS = {
    "persona_id": "persona.alpha",
    "proposal_id": uuid.uuid4(),
    "token_id": uuid.uuid4(),
    "lease_id": uuid.uuid4(),
    "request_id": uuid.uuid4(),
    "action_id": uuid.uuid4(),
    "item_id": uuid.uuid4(),
}
# What governs access outlives the feature.
UNFLAGGED = (
    "leases",
    "state/leases",
    "state/lease-requests",
    "policy",
    "state/policy",
    "state/decisions",
    "state/tokens",
    "tokens",
    "events",
)
OPEN = {"healthz", "readyz"}
# Judged by their own tests: a token or a session, a redirect to the sign-in.
GUARDED_OTHERWISE = {"metrics", "api/schema", "api/docs", ""}


@pytest.mark.parametrize("route", api_routes(), ids=str)
def test_it_asks_who_is_there(api: ApiFor, route: Route) -> None:
    refused = api(None).send(route.method, route.path(**IDS), b"{")
    problem(refused, 401, "Unauthorized")
    assert refused["WWW-Authenticate"] == 'Bearer realm="arw"'


@pytest.mark.parametrize("route", api_routes(), ids=str)
def test_it_answers_501_while_the_feature_is_off(
    api: ApiFor, charlie: User, route: Route, settings: Settings
) -> None:
    settings.ARW_PERSONA_ENABLE = False
    problem(api(None).send(route.method, route.path(**IDS), b"{"), 401)
    answer = api(charlie).send(route.method, route.path(**IDS), b"{")
    if any(route.pattern == one or route.pattern.startswith(f"{one}/") for one in UNFLAGGED):
        assert answer.status_code != 501
        return
    refused = problem(answer, 501, "Persona Disabled")
    assert refused["detail"] == "Operation requires ARW_PERSONA_ENABLE=1"


def test_it_knows_every_route() -> None:
    known = {route.pattern for route in api_routes()} | OPEN | GUARDED_OTHERWISE
    for entry in get_resolver().url_patterns:
        if isinstance(entry, URLPattern):
            assert str(entry.pattern) in known
        else:
            assert isinstance(entry, URLResolver)
            named = entry.app_name == "admin" or all(
                issubclass(one.callback.cls, GuardedViewSet) for one in entry.url_patterns
            )
            assert named, entry


def admin_addresses() -> list[str]:
    """The desk's pages, with any value in place of each parameter."""
    found = []
    for pattern in site.get_urls():
        entries = pattern.url_patterns if isinstance(pattern, URLResolver) else [pattern]
        prefix = str(pattern.pattern) if isinstance(pattern, URLResolver) else ""
        found += [prefix + str(entry.pattern) for entry in entries]
    return found


def test_it_sends_the_unknown_to_the_sign_in_page(db: None) -> None:
    assert admin_addresses()
    for address in ("/admin/", "/admin/leases/user/", "/api/docs", "/admin/no-such-page"):
        answer = Client().get(address, headers={"Accept": "text/html"})
        assert answer.status_code == 302, address
        assert answer["Location"].startswith("/admin/login/"), address


def test_it_answers_health_to_anybody(db: None) -> None:
    for address in ("/healthz", "/readyz"):
        assert Client().get(address).status_code == 200
