"""All routes as everybody, with and without the lease: as the table of access says (contract §1)."""

import uuid
from typing import Any

import pytest
from django.http import HttpResponse
from pytest_django import Settings

from arw_site.access.routes import ROUTES
from leases.api.access import Access
from tests.people import problem
from tests.site.access_bodies import BODIES, QUERIES
from tests.site.access_walk import NOBODY, WHO, Stage, expected, outcome, undone, with_and_without
from tests.site.routes import Route, api_routes, writing_routes

pytestmark = pytest.mark.django_db
UNREAD = b"{"
FORGETS_EXPIRED = frozenset({"leases.ApiToken"})
PLAIN = [Route("GET", name) for name in ("", "healthz", "readyz", "metrics", "api/schema")]

NOT_THEIRS = {
    "DELETE /tokens/{token_id}": {"stranger", "member", "approver", "admin"},
    "GET /actions/{action_id}": {"stranger", "member", "approver", "admin"},
    "POST /leases/requests/{request_id}/cancel": {"member", "approver", "admin"},
}


def cases(routes: list[Route]) -> list[Any]:
    """Each route without a lease, and once more with one where one is asked for."""
    return [
        pytest.param(route, leased, id=f"{route}{'-leased' if leased else ''}")
        for route in routes
        for leased in with_and_without(ROUTES[route.key])
    ]


@pytest.fixture
def stage(db: None) -> Stage:
    return Stage()


def answered(stage: Stage, route: Route, who: str, body: Any) -> tuple[HttpResponse, bool]:
    path = route.path(**stage.ids) + QUERIES.get(route.key, "")
    # A token that expired is deleted when it is presented.
    but = FORGETS_EXPIRED if who == "expired" else frozenset()
    return undone(lambda: stage.apis[who].send(route.method, path, body), but=but)


@pytest.mark.parametrize(("route", "leased"), cases([*api_routes(), *PLAIN]))
def test_it_opens_to_whom_the_table_names(stage: Stage, route: Route, leased: bool) -> None:
    access, body = ROUTES[route.key], BODIES.get(route.key)
    if leased:
        stage.lend(access)
    for who in WHO:
        answer, moved = answered(stage, route, who, body)
        said = expected(access, stage, who, leased=leased)
        if owns_nothing(route, who):
            assert answer.status_code == 404
            continue
        assert outcome(answer) == said, who
        if said == "passes":
            assert answer.status_code < 400, (who, answer.content[:500])
        else:
            assert not moved, who


@pytest.mark.parametrize(
    ("route", "leased"), cases([one for one in writing_routes() if one.method != "DELETE"])
)
def test_it_refuses_before_it_reads_the_body(stage: Stage, route: Route, leased: bool) -> None:
    access = ROUTES[route.key]
    if leased:
        stage.lend(access)
    for who in WHO:
        if owns_nothing(route, who):
            continue
        answer, moved = answered(stage, route, who, UNREAD)
        assert outcome(answer) == expected(access, stage, who, leased=leased), who
        assert not moved
        if outcome(answer) == "passes":
            problem(answer, 400)


@pytest.mark.parametrize("route", api_routes(), ids=str)
def test_it_keeps_the_order_of_the_checks(stage: Stage, route: Route, settings: Settings) -> None:
    """401, 501, 415, 404, and only then the role: a stranger meets them one after the other."""
    missing = {"persona_id": "nobody", "proposal_id": uuid.uuid4(), "token_id": uuid.uuid4()}
    missing |= {name: uuid.uuid4() for name in stage.ids if name not in missing}
    path = route.path(**missing)
    text = {"Content-Type": "text/plain"}
    stranger = stage.apis["stranger"]
    settings.ARW_PERSONA_ENABLE = False
    for who in NOBODY:
        problem(stage.apis[who].send(route.method, path, UNREAD, **text), 401, "Unauthorized")
    flagged = stranger.send(route.method, path, UNREAD, **text)
    settings.ARW_PERSONA_ENABLE = True
    if flagged.status_code == 501:
        problem(flagged, 501, "Persona Disabled")
    if route.writes:
        problem(stranger.send(route.method, path, UNREAD, **text), 415)
    if "<" in route.pattern:
        problem(stranger.send(route.method, path, UNREAD), 404)


@pytest.mark.parametrize("route", api_routes(), ids=str)
def test_it_takes_no_method_that_is_not_declared(stage: Stage, route: Route) -> None:
    """HEAD is what GET is; OPTIONS tells nothing, not even that something is there."""
    path = route.path(**stage.ids) + QUERIES.get(route.key, "")
    problem(stage.apis["anonymous"].send("OPTIONS", path), 401, "Unauthorized")
    for who in ("stranger", "admin"):
        problem(stage.apis[who].send("OPTIONS", path), 405, "Method Not Allowed")
    if route.method == "GET":
        for who in WHO:
            head, moved = undone(
                lambda: stage.apis[who].send("HEAD", path),  # noqa: B023  called at once
                but=FORGETS_EXPIRED,
            )
            asked, _ = answered(stage, route, who, None)
            assert head.status_code == asked.status_code, who
            assert not moved


def owns_nothing(route: Route, who: str) -> bool:
    """Whether it is for the owner alone: what is somebody else's is not there."""
    return who in NOT_THEIRS.get(route.key, ())


def test_it_gives_a_body_for_every_writing_route() -> None:
    assert BODIES.keys() == {route.key for route in writing_routes() if route.method != "DELETE"}


def test_it_refuses_each_title_by_its_own_error() -> None:
    for name, access in ROUTES.items():
        assert isinstance(access, Access)
        assert access.action is None or access.refusal.title != "Forbidden", name
