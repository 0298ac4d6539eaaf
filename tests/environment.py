"""Pytest plugin, loaded before Django reads its settings: a private environment for the session.

`--database=sqlite` (default) or `--database=postgresql` chooses what every database test runs on.
Whatever the developer has in ARW_* is put aside, so that the tests see the defaults.
"""

import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from pytest_django.plugin import blocking_manager_key

from tests.services.postgresql import PostgreSQL

KEPT = ("ARW_SCREENSHOTS",)
PURE = ("tests/personas/documents", "tests/telemetry/eventlog", "tests/telemetry/redaction")

session_home = pytest.StashKey[Path]()
session_postgresql = pytest.StashKey[PostgreSQL]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="what the tests that concern the database run on",
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    # Where the tests run in the background Ctrl-C may be ignored, and their servers would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    home = Path(tempfile.mkdtemp(prefix="arw-tests-"))
    early_config.stash[session_home] = home
    early_config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    for name in [name for name in os.environ if name.startswith("ARW_") and name not in KEPT]:
        del os.environ[name]
    os.environ.update(session_environment(home))
    if early_config.known_args_namespace.database == "postgresql":
        server = PostgreSQL()
        early_config.stash[session_postgresql] = server
        early_config.add_cleanup(server.stop)
        os.environ["ARW_DATABASE_URL"] = server.create("arw")
    return (yield)


def session_environment(home: Path) -> dict[str, str]:
    """Folders and secrets of this session alone."""
    state = home / "state"
    state.mkdir(mode=0o700)
    (state / "static").mkdir()  # the static file middleware warns of a folder that is missing
    return {
        "ARW_STATE_DIR": str(state),
        "ARW_SECRET_KEY": secrets.token_urlsafe(50),
        "ARW_PSEUDONYM_KEY": secrets.token_hex(32),
        "ARW_DATABASE_URL": f"sqlite:///{home / 'arw.sqlite3'}",
        # Tests begin with no history, but would share one log and the anchors in it.
        "ARW_EVENT_LOG": "false",
        "ARW_WORKER": "false",  # what time decides is decided by the test
        "AGENTWELLNESS_HOME": str(home / "wellness"),
        "XDG_DATA_HOME": str(home / "data"),
        "NO_COLOR": "1",
        "COLUMNS": "120",
    }


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        path = item.path.relative_to(config.rootpath).as_posix()
        if path.startswith("tests/browser/"):
            item.add_marker("browser")
        if path.startswith(PURE):
            item.add_marker("pure")
        keep_migrated_rows(item)


def keep_migrated_rows(item: pytest.Item) -> None:
    """A transactional test empties every table; the groups that migrations made come back."""
    options = database_options(item)
    if options.get("transaction"):
        kept = pytest.mark.django_db(**{"serialized_rollback": True, **options})
        item.add_marker(kept, append=False)


def database_options(item: pytest.Item) -> dict[str, Any]:
    marker = item.get_closest_marker("django_db")
    options = dict(marker.kwargs) if marker else {}
    if "transactional_db" in getattr(item, "fixturenames", ()):
        options["transaction"] = True
    return options


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Tests that run side by side come in any order: one that rolls back finds those rows too."""
    if nextitem is None or not database_options(item).get("transaction"):
        return
    if not database_options(nextitem).get("transaction"):
        with item.config.stash[blocking_manager_key].unblock():
            connection = connections["default"]
            kept = connection._test_serialized_contents  # type: ignore[attr-defined]
            connection.creation.deserialize_db_from_string(kept)
