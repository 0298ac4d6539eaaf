"""Liveness and readiness, open to everybody (contract §1)."""

from collections.abc import Iterator

import httpx
import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import Settings

from telemetry.redis_link import link_to
from tests.conftest import StartServer
from tests.services.processes import eventually, free_port
from tests.services.redis import RedisServer
from tests.services.server import PATIENCE
from tests.site.test_security import sign_in


def test_it_is_alive() -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})


@pytest.mark.django_db
def test_it_is_ready() -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ok": True,
        "checks": {"database": "ok", "migrations": "ok"},
        "degraded": [],
    }


@pytest.mark.django_db
def test_it_is_not_ready_before_migrations() -> None:
    recorder = MigrationRecorder(connection)
    newest = max(name for app, name in recorder.applied_migrations() if app == "personas")
    recorder.record_unapplied("personas", newest)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "ok": False,
        "checks": {"database": "ok", "migrations": "pending"},
        "degraded": [],
    }


@pytest.mark.django_db
def test_it_is_ready_without_redis_and_names_it(settings: Settings) -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"
    settings.ARW_REDIS_URL = url
    try:
        answer = Client().get("/readyz")
    finally:
        link_to(url).close()
    assert answer.status_code == 200
    body = answer.json()
    assert (body["ok"], body["degraded"]) == (True, ["redis"])
    assert body["checks"] == {"database": "ok", "migrations": "ok", "redis": "unavailable"}


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A Redis that the test may end."""
    redis = RedisServer()
    yield redis
    redis.stop()


def test_it_works_while_redis_is_away_and_says_so(
    start_server: StartServer, own_redis: RedisServer
) -> None:
    server = start_server(env={"ARW_REDIS_URL": own_redis.url})
    admin = {"Authorization": f"Bearer {server.admin_token}"}
    wrong = {"Authorization": "Bearer wrong"}
    with httpx.Client(base_url=server.base, timeout=60) as client:
        everything = {"database": "ok", "migrations": "ok", "redis": "ok"}
        ready = {"ok": True, "checks": everything, "degraded": []}
        assert client.get("/readyz").json() == ready
        assert (
            'arw_dependency_up{dependency="redis"} 1.0'
            in client.get("/metrics", headers=admin).text
        )
        own_redis.halt()
        away = client.get("/readyz")
        assert away.status_code == 200
        assert away.json() == {
            "ok": True,
            "checks": {**everything, "redis": "unavailable"},
            "degraded": ["redis"],
        }
        page = client.get("/metrics", headers=admin).text
        assert 'arw_dependency_up{dependency="redis"} 0.0' in page
        assert 'arw_dependency_up{dependency="database"} 1.0' in page
        # Whoever comes is let in or refused as ever, and guessing is clamped by the process alone.
        assert sign_in(client, server).status_code == 302
        assert client.get("/admin/").status_code == 200
        assert sign_in(client, server, password="wrong").status_code == 200
        guesses = [client.get("/state/persona", headers=wrong).status_code for _ in range(40)]
        assert set(guesses) == {401, 429}
        assert guesses[0] == 401
        assert client.get("/state/persona", headers=admin).status_code == 200
        own_redis.resume()
        eventually(lambda: client.get("/readyz").json() == ready, seconds=PATIENCE)


def test_it_is_not_held_up_by_a_redis_that_hangs(
    start_server: StartServer, own_redis: RedisServer
) -> None:
    server = start_server(env={"ARW_REDIS_URL": own_redis.url})
    with httpx.Client(base_url=server.base, timeout=60) as client:
        own_redis.freeze()
        try:
            answers = [client.get("/readyz") for _ in range(3)]
            assert sign_in(client, server).status_code == 302
        finally:
            own_redis.thaw()
        assert [one.status_code for one in answers] == [200] * 3
        assert [one.json()["degraded"] for one in answers] == [["redis"]] * 3
        eventually(lambda: client.get("/readyz").json()["degraded"] == [], seconds=PATIENCE)
