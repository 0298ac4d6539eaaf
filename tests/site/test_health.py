"""Liveness and readiness, open to everybody (contract §1)."""

import httpx
import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import Settings

from tests.conftest import StartServer
from tests.services.processes import free_port


def test_it_is_alive() -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})


@pytest.mark.django_db
def test_it_is_ready() -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ok": True, "checks": {"database": "ok", "migrations": "ok"}}


@pytest.mark.django_db
def test_it_is_not_ready_before_migrations() -> None:
    recorder = MigrationRecorder(connection)
    newest = max(name for app, name in recorder.applied_migrations() if app == "personas")
    recorder.record_unapplied("personas", newest)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ok": False, "checks": {"database": "ok", "migrations": "pending"}}


@pytest.mark.django_db
def test_it_names_a_redis_that_does_not_answer(settings: Settings) -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"
    settings.ARW_REDIS_URL = url
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}
    }
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["redis"] == "unavailable"


def test_it_is_ready_with_redis(start_server: StartServer, redis_url: str) -> None:
    server = start_server(env={"ARW_REDIS_URL": redis_url})
    answer = httpx.get(f"{server.base}/readyz")
    assert answer.json()["checks"] == {"database": "ok", "migrations": "ok", "redis": "ok"}
