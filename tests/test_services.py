"""The private servers of the test session are what they claim to be."""

import os
from pathlib import Path

import httpx
import psycopg
import pytest
from django.contrib.auth.models import Group
from django.db import connection
from redis import Redis

from tests.conftest import StartServer
from tests.services.ensure import Need, ensure
from tests.services.postgresql import PostgreSQL


def test_it_runs_postgresql_on_loopback(postgresql: PostgreSQL) -> None:
    with psycopg.connect(postgresql.url("postgres")) as link:
        (addresses,) = link.execute("SHOW listen_addresses").fetchone() or ()
        (durable,) = link.execute("SHOW synchronous_commit").fetchone() or ()
    assert (addresses, durable) == ("127.0.0.1", "on")


def test_it_runs_an_empty_redis(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("a", "1")
        assert client.get("a") == b"1"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", [1, 2])
def test_it_keeps_what_migrations_made(attempt: int) -> None:
    names = set(Group.objects.values_list("name", flat=True))
    assert {"admins", "approvers", "members"} <= names
    Group.objects.create(name=f"left behind {attempt}")
    assert Group.objects.filter(name__startswith="left behind").count() == 1


def test_it_keeps_sqlite_in_a_file(database_url: str) -> None:
    if connection.vendor == "sqlite":
        assert Path(database_url.removeprefix("sqlite:///")).is_file()
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    else:
        assert connection.vendor == "postgresql"
        with psycopg.connect(database_url.replace("postgres://", "postgresql://")) as link:
            assert link.info.dbname == connection.settings_dict["NAME"]


def test_it_gives_each_server_its_own_data(start_server: StartServer) -> None:
    first, second = start_server(), start_server()
    first.manage("shell", "-c", "from leases.models import User; User.objects.create(username='x')")
    count = "from leases.models import User; print(User.objects.filter(username='x').count())"
    assert first.manage("shell", "-v0", "-c", count).strip() == "1"
    assert second.manage("shell", "-v0", "-c", count).strip() == "0"
    assert httpx.get(f"{second.base}/readyz", timeout=60).status_code == 200


def test_it_says_exactly_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")  # no apt-get either
    absent = Need("a browser", lambda: None, "its-package")
    present = Need("a shell", lambda: Path("/bin/sh"), "its-package")
    assert ensure([present]) == []
    (line,) = ensure([absent, present])
    assert line.startswith("the tests need a browser: install the system package 'its-package'")


def test_it_hides_the_developers_own_settings() -> None:
    assert {name for name in os.environ if name.startswith("ARW_")} <= {
        *("ARW_STATE_DIR", "ARW_SECRET_KEY", "ARW_PSEUDONYM_KEY", "ARW_DATABASE_URL"),
        *("ARW_EVENT_LOG", "ARW_WORKER", "ARW_SCREENSHOTS"),
    }
