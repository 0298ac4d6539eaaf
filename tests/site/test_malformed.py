"""Bodies that are no good: never a 500, always a problem document, nothing stored (contract §2)."""

import json
import uuid
from typing import Any

import httpx
import pytest
from django.apps import apps
from django.db import connection
from django.http import HttpResponse

from leases.models import User
from leases.services.requests import lease_request
from leases.tokens import token_create
from tests.conftest import StartServer
from tests.deployments import Deployment
from tests.fixtures import ApiFor
from tests.people import Api, grant, make_persona, propose
from tests.site.routes import Route, writing_routes

DEEP = 5000
CONSENT = {"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}}
BODIES: dict[str, bytes] = {
    "cut off": b'{"diff": [',
    "not json": b"<xml/>",
    "single quotes": b"{'a': 1}",
    "trailing comma": b'{"a": 1,}',
    "two values": b"{} {}",
    "comment": b"{/* */}",
    "deep arrays": b"[" * DEEP,
    "deep closed arrays": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep inside": b'{"diff": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "invalid utf-8": b'{"name": "\xff\xfe"}',
    "utf-16": '{"name": "x"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"name": "x"}',
    "nan": b'{"strength": NaN, "diff": {"a": NaN}, "name": NaN}',
    "infinity": b'{"strength": -Infinity, "diff": [Infinity]}',
    "huge exponent": b'{"strength": 1e999, "budget": 1e999}',
    "huge integer": b'{"ttl_secs": ' + b"9" * 400 + b"}",
    "huger integer": b'{"ttl_secs": ' + b"9" * 5000 + b"}",
    "beyond safe": b'{"ttl_secs": 9007199254740992, "capability": "a", "enabled": true}',
    "duplicate keys": b'{"name": "a", "name": "b", "enabled": true, "enabled": false}',
    "nul": b'{"name": "a\\u0000b", "capability": "a\\u0000b", "signal": "\\u0000"}',
    "raw nul": b'{"name": "a\x00b"}',
    "lone surrogate": b'{"name": "\\ud800", "capability": "\\udfff"}',
    "surrogate key": b'{"\\ud800": 1}',
    "control character": b'{"name": "a\nb"}',
}
WRONG_TYPES: dict[str, Any] = {
    "null": None,
    "true": True,
    "number": 5,
    "string": "x",
    "array": [5],
    "nested array": [[]],
    "wrong members": {
        name: {"x": [1]}
        for name in (
            *("id", "owner_kind", "owner_ref", "capability", "ttl_secs", "subject", "scope"),
            *("name", "expires", "rationale", "reviewed", "leases_required", "submitted_by"),
            *("enabled", "signal", "strength", "budget", "reason", "applied_by"),
        )
    },
    "wrong members, arrays": {
        name: [1]
        for name in (
            *("id", "owner_kind", "owner_ref", "capability", "ttl_secs", "subject", "scope"),
            *("name", "expires", "rationale", "reviewed", "enabled", "signal", "strength"),
            *("telemetry_scope", "budget", "reason", "applied_by", "submitted_by", "metadata"),
        )
    },
    "wrong members, numbers": dict.fromkeys(
        (
            *("id", "owner_kind", "owner_ref", "capability", "ttl_secs", "subject", "scope"),
            *("name", "expires", "rationale", "reviewed", "diff", "telemetry_scope", "enabled"),
            *("leases_required", "signal", "strength", "budget", "reason", "metadata", "note"),
        ),
        -1.5,
    ),
}
BODIES |= {name: json.dumps(value).encode() for name, value in WRONG_TYPES.items()}


class Stage:
    """A persona with consent, a pending proposal, all leases, and every route's path filled in."""

    def __init__(self, dana: User) -> None:
        grant()
        grant("telemetry:persona:workspace")
        self.persona = make_persona(preferences=CONSENT)
        self.proposal = propose(self.persona)
        token, _ = token_create(user=dana, name="x", now=self.proposal.created_at)
        asked = lease_request(
            actor=dana, capability="elsewhere", reason="a try", now=self.proposal.created_at
        )
        self.ids = {
            "persona_id": self.persona.id,
            "proposal_id": self.proposal.pk,
            "token_id": token.public_id,
            "lease_id": grant("elsewhere").pk,
            "request_id": asked.pk,
            "action_id": uuid.uuid4(),
            "item_id": uuid.uuid4(),
        }
        self.api = Api(dana)

    def send(self, route: Route, body: bytes, **headers: str) -> HttpResponse:
        return self.api.send(route.method, route.path(**self.ids), body, **headers)


@pytest.fixture
def stage(db: None, dana: User, api: ApiFor) -> Stage:
    return Stage(dana)


def stored() -> dict[str, list[Any]]:
    """Every row of our own tables."""
    return {
        model._meta.label: sorted(model._base_manager.values_list(), key=repr)
        for label in ("leases", "personas", "telemetry")
        for model in apps.get_app_config(label).get_models()
    }


def refusal(answer: HttpResponse) -> dict[str, Any]:
    """The problem document, which must be one of a client's fault."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.content[:500])
    assert answer["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = json.loads(answer.content)
    assert document["status"] == answer.status_code
    assert document["trace_id"] == answer["X-Request-Id"]
    return document


# They take no members, and ignore those they are sent.
WITHOUT_MEMBERS = {"POST /policy/reload", "POST /leases/requests/<uuid:request_id>/cancel"}
WITH_BODY = [route for route in writing_routes() if route.method != "DELETE"]


@pytest.mark.django_db
@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_it_refuses_every_bad_body(stage: Stage, route: Route) -> None:
    before = stored()
    for name, body in BODIES.items():
        if str(route) in WITHOUT_MEMBERS and name.startswith("wrong members"):
            continue
        answer = stage.send(route, body)
        assert answer.status_code < 500, (name, answer.content[:500])
        document = refusal(answer)
        assert document["status"] in {400, 403}, (name, document)
        assert connection.is_usable()
    assert stored() == before


@pytest.mark.django_db
@pytest.mark.parametrize("route", WITH_BODY, ids=str)
@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x", "", "application/jsonx", "application/json-patch", "*/*"])  # fmt: skip
def test_it_takes_json_alone(stage: Stage, route: Route, media_type: str) -> None:
    before = stored()
    answer = stage.send(route, b'{"enabled": true}', **{"Content-Type": media_type})
    assert refusal(answer)["title"] == "Unsupported Media Type"
    assert answer.status_code == 415
    assert stored() == before


@pytest.mark.django_db
@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_it_bounds_the_body(stage: Stage, route: Route) -> None:
    before = stored()
    limit = 33_554_432 if route.pattern.endswith("/feedback") else 1_048_576
    answer = stage.send(route, b" " * (limit + 1))
    assert refusal(answer)["title"] == "Too Large"
    assert answer.status_code == 413
    assert stored() == before


@pytest.mark.django_db
@pytest.mark.parametrize("route", writing_routes(), ids=str)
@pytest.mark.parametrize("name", ["a%00b", "%FF", "..%2f..", "%F0%9F%98%80", "x" * 3000, "'--"])
def test_it_refuses_odd_ids(stage: Stage, route: Route, name: str) -> None:
    before = stored()
    if "<" not in route.pattern:
        return
    path = route.path(**dict.fromkeys(stage.ids, name))
    answer = stage.api.send(route.method, path, b"{}")
    assert 300 <= answer.status_code < 500, answer.content[:500]
    assert stored() == before


@pytest.mark.django_db
@pytest.mark.parametrize("route", writing_routes(), ids=str)
def test_it_survives_odd_queries(stage: Stage, route: Route) -> None:
    for query in ("?kind=%00&principal=%00", "?kind=%FF&principal=%ED%A0%80", "?%00=%00"):
        answer = stage.api.send(route.method, route.path(**stage.ids) + query, b"[")
        assert answer.status_code < 500, answer.content[:500]


def test_it_reads_chunked_bodies(start_server: StartServer) -> None:
    """Without a Content-Length: read like any other body, not taken for an empty one."""
    deployment = Deployment(start_server())
    deployment.lease()
    deployment.persona(traits={"tone": "cool"})

    def send(*parts: bytes, media_type: str = "application/json") -> httpx.Response:
        return deployment.admin.post(
            "/admin/persona/persona.alpha/proposals",
            content=iter(parts),
            headers={"Content-Type": media_type},
        )

    made = send(b'{"diff": {"traits":', b' {"tone": "warm"}}}')
    assert made.status_code == 200, made.text
    shown = deployment.admin.get(f"/state/proposals/{made.json()['proposal_id']}").json()
    assert shown["diff"][0]["value"] == "warm"
    for parts, media_type, status in (
        ((b'{"diff":', b" ["), "application/json", 400),
        ((b'{"diff": []}',), "application/json", 400),
        ((b'{"diff": {}}',), "text/plain", 415),
        ((b" " * 600_000, b" " * 600_000), "application/json", 413),
        ((b" " * 1_000_000,) * 34, "application/json", 413),
    ):
        refused = send(*parts, media_type=media_type)
        assert refused.status_code == status, refused.text
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.json()["trace_id"] == refused.headers["X-Request-Id"]
    assert len(deployment.admin.get("/state/proposals").json()["items"]) == 1
    deployment.close()
