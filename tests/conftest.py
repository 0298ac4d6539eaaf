"""Fixtures for all tests: the database of the session, Redis, and servers as real processes."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from tests.environment import session_home, session_postgresql
from tests.services.postgresql import PostgreSQL
from tests.services.redis import RedisServer
from tests.services.server import RunningServer, Template

pytest_plugins = ["tests.fixtures"]

# Machines differ in speed; a build that fails must fail again when it is looked at.
hypothesis.settings.register_profile(
    "project", deadline=None, derandomize=bool(os.environ.get("CI"))
)
hypothesis.settings.load_profile("project")

StartServer = Callable[..., RunningServer]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(pytestconfig: pytest.Config) -> None:
    """SQLite on disk and not in memory, so that threads and processes race as they would live."""
    connection = connections["default"]
    if connection.vendor == "sqlite":
        path = pytestconfig.stash[session_home] / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(path)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Without tables that no model owns: PostgreSQL could not empty those that they refer to.

    knox makes its own token table although the project's model takes its place.
    """
    from telemetry.memory.full_text import NUMBERS, SEARCH

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        look = connection.introspection
        owned = {*look.django_table_names(), "django_migrations"}
        for table in set(look.table_names(cursor)) - owned:
            if table.startswith((SEARCH, NUMBERS)):
                continue  # triggers keep them in step with the items, whatever empties those
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(table)}")


@pytest.fixture
def database_url(transactional_db: None, pytestconfig: pytest.Config) -> str:
    """The ARW_DATABASE_URL of the database that this test is in, for processes that join it."""
    name = str(connections["default"].settings_dict["NAME"])
    server = pytestconfig.stash.get(session_postgresql, None)
    return server.url(name) if server else f"sqlite:///{name}"


@pytest.fixture(scope="session")
def postgresql(pytestconfig: pytest.Config) -> Iterator[PostgreSQL]:
    """A PostgreSQL server, whatever --database says: the session's own or one more."""
    running = pytestconfig.stash.get(session_postgresql, None)
    server = running or PostgreSQL()
    yield server
    if not running:
        server.stop()


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_process: RedisServer) -> str:
    """The ARW_REDIS_URL of an empty Redis."""
    redis_process.flush()
    return redis_process.url


@pytest.fixture(scope="session")
def server_template(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Template:
    """A migrated database and collected static files, made once and copied for each server."""
    database = pytestconfig.stash.get(session_postgresql, None)
    return Template(tmp_path_factory.mktemp("template"), database)


@pytest.fixture
def start_server(server_template: Template, tmp_path: Path) -> Iterator[StartServer]:
    """Starts servers: `start_server(software="uvicorn", env={}, beside=None) -> RunningServer`.

    Each has a state folder and a database of its own; `beside=other` shares those of another.
    All are ended, by process id, when the test is over.
    """
    started: list[RunningServer] = []

    def start(
        *,
        software: str = "uvicorn",
        env: dict[str, str] | None = None,
        beside: RunningServer | None = None,
    ) -> RunningServer:
        folder = tmp_path / f"server-{len(started)}"
        server = RunningServer(server_template, folder, software, env or {}, beside)
        started.append(server)
        server.start()
        return server

    yield start
    for server in reversed(started):
        server.stop()
        server.forget()


@pytest.fixture
def server(start_server: StartServer) -> RunningServer:
    """One uvicorn with an empty, migrated database: `.base`, `.manage(...)`, `.cli(...)`."""
    return start_server()
