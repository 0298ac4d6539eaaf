"""The OpenAPI document is whole: every operation described, with examples and errors."""

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.validation import validate_schema

from leases.models import User
from telemetry.memory.beliefs import summary_of
from tests.fixtures import ApiFor
from tests.people import problem
from tests.site.routes import api_routes

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    output = io.StringIO()
    call_command("spectacular", "--format", "openapi-json", "--fail-on-warn", stdout=output)
    found: dict[str, Any] = json.loads(output.getvalue())
    return found


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def test_it_names_the_real_length_of_a_summary(document: dict[str, Any]) -> None:
    described = document["components"]["schemas"]["BeliefOut"]["properties"]["summary"]
    longest = summary_of("x" * 200)
    assert longest == "x" * 160 + "…"
    assert described["description"].startswith(f"The first {len(longest) - 1} characters, and an")


def test_it_is_valid(document: dict[str, Any]) -> None:
    validate_schema(document)
    ids = [one["operationId"] for one in operations(document).values()]
    assert len(ids) == len(set(ids))


def test_it_has_every_route(document: dict[str, Any]) -> None:
    described = set(operations(document))
    for route in api_routes():
        assert f"{route.method} {route.path(**NAMES)}" in described


NAMES = {
    name: f"{{{name}}}"
    for name in ("persona_id", "proposal_id", "token_id", "lease_id", "request_id", "action_id")
}


def test_it_describes_every_operation(document: dict[str, Any]) -> None:
    for name, operation in operations(document).items():
        assert operation.get("summary"), name
        assert operation.get("description"), name
        assert operation.get("tags"), name
        problems = [
            answer["content"]["application/problem+json"]
            for status, answer in operation["responses"].items()
            if status >= "400"
        ]
        assert problems, name
        assert all(one.get("examples") for one in problems), name
        assert "401" in operation["responses"], name
        for status, answer in operation["responses"].items():
            assert answer.get("description") or status < "400", (name, status)


def test_it_gives_examples_of_bodies(document: dict[str, Any]) -> None:
    for name, operation in operations(document).items():
        if "requestBody" in operation:
            body = operation["requestBody"]["content"]["application/json"]
            assert body.get("examples"), name


@pytest.mark.django_db
def test_it_is_shown_to_the_signed_in(api: ApiFor, charlie: User) -> None:
    problem(api(None).get("/api/schema"), 401, "Unauthorized")
    answer = api(charlie).get("/api/schema")
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.")
    assert Client().get("/api/docs")["Location"].startswith("/admin/login/")
    client = Client()
    client.force_login(charlie, backend="leases.authentication.PeopleBackend")
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "'unsafe" not in page["Content-Security-Policy"]
