"""One story about every fault: problem documents, request ids, the order of checks (contract §2)."""

import json
import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_protect
from pytest_django import Settings
from rest_framework.request import Request

import arw_site.urls
from leases.api.access import Access, Door
from leases.api.errors import BodyTooLarge
from leases.api.guard import GuardedViewSet
from leases.errors import DomainError
from leases.models import User
from personas.errors import HistoryIsAppendOnly
from tests.fixtures import ApiFor
from tests.people import Api, grant, make_persona, problem, propose, someone

pytestmark = pytest.mark.django_db
SECRET = "what is in the exception"
FAULTS: dict[str, tuple[type[Exception], int]] = {
    "boom": (RuntimeError, 500),
    "gone": (Http404, 404),
    "denied": (PermissionDenied, 403),
    "odd": (SuspiciousOperation, 400),
    "database": (OperationalError, 503),
    "large": (BodyTooLarge, 413),
    "history": (HistoryIsAppendOnly, 405),
    "unmapped": (DomainError, 500),
}


def plain(request: HttpRequest, name: str) -> HttpResponse:
    raise FAULTS[name][0](SECRET)


@csrf_protect
def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse("sent")


class FaultyViewSet(GuardedViewSet):
    def list(self, request: Request, name: str) -> HttpResponse:
        raise FAULTS[name][0](SECRET)


urlpatterns = [
    path("plain/<str:name>", plain),
    path("api/<str:name>", FaultyViewSet.as_view({"get": "list"})),
    path("form", form),
    *arw_site.urls.urlpatterns,
]
ACCESS = {"GET /api/{name}": Access(Door.SIGNED_IN)}
handler400, handler403 = arw_site.urls.handler400, arw_site.urls.handler403
handler404, handler500 = arw_site.urls.handler404, arw_site.urls.handler500


@pytest.fixture
def faulty(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__
    settings.ROUTE_ACCESS = f"{__name__}.ACCESS"


@pytest.mark.usefixtures("faulty")
@pytest.mark.parametrize("name", ["boom", "gone", "denied", "odd"])
def test_it_tells_plain_faults_as_problems(api: ApiFor, name: str) -> None:
    answer = api(None).get(f"/plain/{name}")
    assert SECRET not in json.dumps(problem(answer, FAULTS[name][1]))


@pytest.mark.usefixtures("faulty")
@pytest.mark.parametrize("name", FAULTS)
def test_it_tells_faults_of_the_api_as_problems(api: ApiFor, charlie: User, name: str) -> None:
    answer = api(charlie).get(f"/api/{name}")
    document = problem(answer, FAULTS[name][1])
    assert document["instance"] == f"/api/{name}"
    told = SECRET in json.dumps(document)
    assert told is (name in {"large", "history"})
    assert b"Traceback" not in answer.content
    assert ("Retry-After" in answer) is (document["status"] == 503)


@pytest.mark.usefixtures("faulty")
@pytest.mark.parametrize("name", ["boom", "gone", "denied", "odd"])
def test_it_shows_people_a_page(name: str) -> None:
    client = Client(raise_request_exception=False)
    page = client.get(f"/plain/{name}", headers={"Accept": "text/html", "X-Request-Id": "r-7"})
    assert page.status_code == FAULTS[name][1]
    assert page["Content-Type"].startswith("text/html")
    text = page.content.decode()
    assert "r-7" in text
    assert SECRET not in text
    assert "Traceback" not in text
    assert page["X-Request-Id"] == "r-7"


@pytest.mark.usefixtures("faulty")
def test_it_tells_a_form_from_elsewhere(api: ApiFor) -> None:
    client = Client(enforce_csrf_checks=True)
    refused = problem(client.post("/form"), 403, "Forbidden")
    assert refused["code"] == "csrf_failed"
    page = client.post("/form", headers={"Accept": "text/html"})
    assert (page.status_code, page["Content-Type"]) == (403, "text/html; charset=utf-8")
    text = page.content.decode()
    assert "<h1>Nothing was sent</h1>" in text
    assert page["X-Request-Id"] in text
    assert "Open the page again" not in text


@pytest.mark.usefixtures("faulty")
@pytest.mark.parametrize(
    ("referer", "again"),
    [
        ("http://testserver/admin/tokens/?revoke=1&x=2", "/admin/tokens/?revoke=1&amp;x=2"),
        ("http://testserver//elsewhere.example/", None),
        ("http://elsewhere.example/admin/", None),
        ("javascript:alert(1)", None),
    ],
)
def test_it_leads_back_to_the_form_where_it_is_ours(referer: str, again: str | None) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.post("/form", headers={"Accept": "text/html", "Referer": referer})
    assert page.status_code == 403
    links = re.findall(r'<a href="([^"]*)">', page.content.decode())
    assert links == ([again] if again else []) + ["/"]


def test_it_knows_no_such_address(api: ApiFor, alice: User) -> None:
    for address in ("/state/personas", "/nope", "/state/persona/persona.alpha/"):
        document = problem(api(alice).get(address), 404, "Not Found")
        assert (document["instance"], document["code"]) == (address, "not_found")
        page = Client().get(address, headers={"Accept": "text/html,*/*"})
        assert (page.status_code, page["Content-Type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("DELETE", "/state/persona/persona.alpha"),
        ("PUT", "/state/persona/persona.alpha"),
        ("GET", "/admin/persona"),
        ("GET", "/leases"),
        ("PATCH", "/state/proposals"),
    ],
)
def test_it_names_the_methods_that_are_allowed(
    api: ApiFor, alice: User, method: str, address: str
) -> None:
    make_persona()
    answer = api(alice).send(method, address)
    assert problem(answer, 405, "Method Not Allowed")["code"] == "method_not_allowed"
    assert answer["Allow"]


def test_it_answers_head_like_get(api: ApiFor, alice: User) -> None:
    make_persona()
    answer = api(alice).send("HEAD", "/state/persona/persona.alpha")
    assert (answer.status_code, answer.content) == (200, b"")


def test_it_refuses_a_host_that_is_not_ours(api: ApiFor) -> None:
    document = problem(Client().get("/state/persona", headers={"Host": "evil.example"}), 400)
    assert document["code"] == "bad_request"


# --- request ids ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent", ["abc", "a" * 128, "0c5f1f0e-6f0f-4a53-9a39-4f6c1a3a5d10", "a.b:c/d+e=_"]
)
def test_it_echoes_a_sane_request_id(api: ApiFor, sent: str) -> None:
    answer = api(None).get("/state/persona", **{"X-Request-Id": sent})
    assert answer["X-Request-Id"] == sent
    assert problem(answer, 401)["trace_id"] == sent


@pytest.mark.parametrize("sent", ["", "a b", "a" * 129, "<script>", "é", "a;b", '"'])
def test_it_makes_a_request_id_otherwise(api: ApiFor, sent: str) -> None:
    first = api(None).get("/state/persona", **{"X-Request-Id": sent})
    second = api(None).get("/state/persona", **{"X-Request-Id": sent})
    assert len(first["X-Request-Id"]) == 36
    assert first["X-Request-Id"] != second["X-Request-Id"]
    problem(first, 401)


def test_it_logs_the_request_id(api: ApiFor, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        api(None).get("/state/persona", **{"X-Request-Id": "r-42"})
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    events = {line["event"] for line in lines if line.get("request_id") == "r-42"}
    assert {"request_started", "request_finished"} <= events


# --- the order of checks ----------------------------------------------------------------------

BAD = b"{"
LARGE = b" " * 1_048_577
SUBMIT = "/admin/persona/{}/proposals"


def send(who: str | None, persona_id: str, body: bytes, media_type: str = "application/json"):
    client = Api(None if who is None else someone(who))
    return client.post(SUBMIT.format(persona_id), body, **{"Content-Type": media_type})


def test_it_judges_in_the_order_of_the_contract(api: ApiFor, settings: Settings) -> None:
    make_persona()
    settings.ARW_PERSONA_ENABLE = False
    problem(send(None, "nope", LARGE), 401)
    problem(send("charlie", "nope", LARGE), 501)
    settings.ARW_PERSONA_ENABLE = True
    problem(send("charlie", "nope", LARGE), 413)
    problem(send("charlie", "nope", BAD, "text/plain"), 415)
    problem(send("charlie", "nope", BAD), 404)
    assert problem(send("charlie", "persona.alpha", BAD), 403)["code"] == "role_required"
    assert problem(send("alice", "persona.alpha", BAD), 403)["code"] == "lease_required"
    grant()
    problem(send("alice", "persona.alpha", BAD), 400, "Malformed JSON")
    problem(send("alice", "persona.alpha", b"{}"), 400, "Invalid Diff")


def test_it_judges_feedback_in_the_same_order(api: ApiFor, settings: Settings) -> None:
    make_persona("persona.off")
    make_persona("persona.on", preferences={"telemetry": {"vibe": {"enabled": True}}})

    def give(who: str | None, persona_id: str, body: bytes) -> Any:
        client = Api(None if who is None else someone(who))
        return client.post(f"/persona/{persona_id}/feedback", body)

    problem(give(None, "nope", BAD), 401)
    problem(give("charlie", "nope", BAD), 404)
    problem(give("charlie", "persona.off", BAD), 403)
    problem(give("alice", "persona.off", BAD), 412)
    assert problem(give("alice", "persona.on", BAD), 403)["code"] == "lease_required"
    grant("telemetry:persona:workspace")
    problem(give("alice", "persona.on", BAD), 400)


def test_it_judges_the_pending_after_the_rights(api: ApiFor, alice: User, bob: User) -> None:
    persona = make_persona()
    proposal = propose(persona)
    grant()
    path = f"/admin/persona/proposals/{proposal.pk}/approve"
    assert api(bob).post(path, {}).status_code == 200
    problem(api(alice).post(path, {}), 403)
    problem(api(bob).post(path, BAD), 400)
    problem(api(bob).post(path, {}), 409)


def test_it_refuses_a_method_before_it_judges_rights(api: ApiFor, charlie: User) -> None:
    """Nobody is told of leases and consent for something that nobody could do."""
    make_persona()
    for address in ("/persona/persona.alpha/feedback", "/admin/persona/nope/proposals"):
        problem(api(None).get(address), 401)
        problem(api(charlie).get(address), 405, "Method Not Allowed")
        problem(api(charlie).send("OPTIONS", address), 405, "Method Not Allowed")
