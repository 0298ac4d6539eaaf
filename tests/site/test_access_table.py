"""Every route and page declares what it needs, and nothing else does (contract §1)."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin import site
from django.core.management import call_command
from django.urls import ResolverMatch, URLPattern, URLResolver, get_resolver
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate

from arw_site.access.openapi import access_facts
from arw_site.access.pages import PAGES
from arw_site.access.routes import ROUTES
from arw_site.access.words import pages_table, routes_table
from leases.api.access import Door, route_key
from leases.api.guard import GuardedViewSet
from leases.models import User
from telemetry.routing import websocket_urlpatterns
from tests.site.routes import api_routes

DOCUMENT = Path(__file__).parents[2] / "docs" / "access.md"


def mounted() -> set[str]:
    """Every route that a request can reach, but for the desk's pages."""
    plain = {
        route_key("GET", str(entry.pattern))
        for entry in get_resolver().url_patterns
        if isinstance(entry, URLPattern)
    }
    sockets = {route_key("WS", str(entry.pattern)) for entry in websocket_urlpatterns}
    return plain | sockets | {route.key for route in api_routes()}


def page_names() -> set[str]:
    found: set[str] = set()
    for entry in site.get_urls():
        entries = entry.url_patterns if isinstance(entry, URLResolver) else [entry]
        found |= {one.name for one in entries if one.name}
    return found


def test_it_has_an_entry_for_every_route() -> None:
    assert mounted() == ROUTES.keys()


def test_it_has_an_entry_for_every_page() -> None:
    assert page_names() == PAGES.keys()


def test_it_opens_little_to_everybody() -> None:
    public = {name for name, access in ROUTES.items() if access.needs is Door.PUBLIC}
    assert public == {"GET /", "GET /healthz", "GET /readyz"}
    assert {name for name, page in PAGES.items() if page.seen.needs is Door.PUBLIC} == {"login"}
    assert {name for name, page in PAGES.items() if page.sent.needs is Door.PUBLIC} == {"login"}


def test_it_is_in_the_documentation() -> None:
    """`python -m arw_site.access` prints what docs/access.md holds."""
    text = DOCUMENT.read_text(encoding="utf-8")
    assert routes_table() in text
    assert pages_table() in text


def test_it_is_shown_in_the_api_document() -> None:
    output = io.StringIO()
    call_command("spectacular", "--format", "openapi-json", stdout=output)
    document: dict[str, Any] = json.loads(output.getvalue())
    for route in api_routes():
        path, access = route.key.partition(" ")[2], ROUTES[route.key]
        operation = document["paths"][path][route.method.lower()]
        assert operation["x-arw-access"] == access_facts(access)
        assert "**Needs:** " in operation["description"]


class Forgetful(GuardedViewSet):
    """A view whose author forgot to ask for anything."""

    def list(self, request: Request) -> Response:
        return Response({"leaked": True})


def ask(user: User, route: str) -> Any:
    request = APIRequestFactory().get(f"/{route}")
    force_authenticate(request, user)
    request.resolver_match = ResolverMatch(Forgetful, (), {}, route=route)
    return Forgetful.as_view({"get": "list"})(request)


@pytest.mark.parametrize("route", ["state/persona", "state/leases", "events"])
def test_it_holds_where_a_view_forgets_to_ask(charlie: User, route: str) -> None:
    refused = ask(charlie, route)
    assert refused.status_code == 403
    assert json.loads(refused.content)["title"] == ROUTES[f"GET /{route}"].refusal.title


def test_it_opens_a_view_that_declares_nothing_to_nobody(dana: User) -> None:
    assert ask(dana, "state/persona").status_code == 200
    refused = ask(dana, "state/elsewhere")
    assert refused.status_code == 403
    assert json.loads(refused.content)["code"] == "undeclared_route"
