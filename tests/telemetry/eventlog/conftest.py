"""A home of its own for each test, and a store on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from telemetry.eventlog.paths import Home
from telemetry.eventlog.store import Store
from tests.telemetry.eventlog.logs import NOW


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home, which the environment names too; nothing in it exists yet."""
    root = tmp_path / "wellness"
    monkeypatch.setenv("AGENTWELLNESS_HOME", str(root))
    monkeypatch.delenv("CLAWSPA_ACTOR_ID", raising=False)
    return Home(root)


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    made = Store(home, clock=lambda: NOW)
    yield made
    made.close()
