"""A database that goes away: 503 while it is gone, and no restart when it is back (contract §2)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.services.postgresql import PostgreSQL
from tests.services.server import RunningServer, Template

FEEDBACK = "/persona/persona.alpha/feedback"
METRICS = "/state/persona/persona.alpha/vibe_metrics"
PATIENCE = 60  # seconds; the pool of connections looks again at growing intervals


@pytest.fixture
def on_postgresql(postgresql: PostgreSQL, tmp_path: Path) -> Iterator[RunningServer]:
    """A server on a database of its own, whatever the session's database is."""
    template = Template(tmp_path / "template", postgresql)
    server = RunningServer(template, tmp_path / "server", "uvicorn", {})
    server.tracebacks_expected = True  # what happened to the database is logged whole
    server.start()
    yield server
    server.stop()
    server.forget()
    postgresql.drop(template.name)


def prepare(client: httpx.Client) -> None:
    for capability in ("persona:manage", "telemetry:persona:workspace"):
        assert client.post("/leases", json={"capability": capability}).status_code == 201
    vibe = {"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}}
    fields = {"id": "persona.alpha", "owner_kind": "workspace", "owner_ref": "x"}
    made = client.post("/admin/persona", json={**fields, "preferences": vibe})
    assert made.status_code == 201, made.text


def cut(postgresql: PostgreSQL, database: str) -> None:
    """End every connection to the database."""
    postgresql.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
    )


def test_it_survives_the_loss_of_its_database(
    postgresql: PostgreSQL, on_postgresql: RunningServer
) -> None:
    database = on_postgresql.database
    headers = {"Authorization": f"Bearer {on_postgresql.admin_token}"}
    with httpx.Client(base_url=on_postgresql.base, headers=headers, timeout=60) as client:
        prepare(client)
        assert [client.post(FEEDBACK, json={}).status_code for _ in range(3)] == [202] * 3
        # Connections that died while nobody used them are replaced before anybody notices.
        cut(postgresql, database)
        assert client.post(FEEDBACK, json={"id": "after the cut"}).status_code == 202
        postgresql.execute(f'ALTER DATABASE "{database}" WITH ALLOW_CONNECTIONS false')
        cut(postgresql, database)
        refused = client.post(FEEDBACK, json={"id": "during the outage"})
        postgresql.execute(f'ALTER DATABASE "{database}" WITH ALLOW_CONNECTIONS true')
        assert refused.status_code == 503, refused.text
        assert refused.json()["title"] == "Database Unavailable"
        assert int(refused.headers["Retry-After"]) >= 1
        deadline = time.monotonic() + PATIENCE
        again = client.post(FEEDBACK, json={"id": "during the outage"})
        while again.status_code == 503 and time.monotonic() < deadline:
            again = client.post(FEEDBACK, json={"id": "during the outage"})
        assert again.status_code == 202, again.text
        assert client.get(METRICS).json()["total_feedback"] == 5
