"""A log of its own for each test; whatever it recorded is stored before the next one begins."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from telemetry.audit import losses, writing
from telemetry.eventlog.paths import Home


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Home]:
    """The home that the environment names; nothing in it exists yet."""
    writing.close()
    losses.take_untold()
    settings.ARW_EVENT_LOG = True
    root = tmp_path / "wellness"
    monkeypatch.setenv("AGENTWELLNESS_HOME", str(root))
    yield Home(root)
    writing.close()
    losses.take_untold()


def lost(reason: str) -> float:
    """What Prometheus says was lost in this process."""
    # Of this series alone: others ask the database.
    name, labels = "arw_event_log_lost_total", {"reason": reason}
    found = REGISTRY.restricted_registry([name]).collect()
    rows = (row for family in found for row in family.samples)
    return next((row.value for row in rows if (row.name, row.labels) == (name, labels)), 0.0)
