"""A real server that is told to stop while it is written to: nothing acknowledged is lost."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event as Flag

import httpx
import pytest

from telemetry.eventlog.paths import Home
from telemetry.eventlog.verify import verify
from tests.conftest import StartServer
from tests.services.server import RunningServer
from tests.telemetry.eventlog.logs import read_rows

WRITERS = 4
ENOUGH = 40  # acknowledged writes before the signal


@pytest.fixture(params=["uvicorn", "daphne"])
def running(request: pytest.FixtureRequest, start_server: StartServer) -> RunningServer:
    return start_server(software=request.param)


def write(server: RunningServer, writer: int, enough: Flag) -> list[str]:
    """Creates personas until the server is gone; the ids of those that were acknowledged."""
    headers = {"Authorization": f"Bearer {server.admin_token}"}
    made: list[str] = []
    with httpx.Client(base_url=server.base, headers=headers, timeout=60) as client:
        while True:
            body = {
                "id": f"persona.w{writer}.{len(made)}",
                "owner_kind": "agent",
                "owner_ref": "local",
            }
            try:
                answer = client.post("/admin/persona", json=body)
            except httpx.TransportError:
                return made
            assert answer.status_code == 201, answer.text
            made.append(str(body["id"]))
            if len(made) * WRITERS >= ENOUGH:
                enough.set()


def test_it_loses_nothing_to_a_polite_end(running: RunningServer) -> None:
    home = Home(running.state.parent / "wellness")
    headers = {"Authorization": f"Bearer {running.admin_token}"}
    lease = {"capability": "persona:manage"}
    granted = httpx.post(f"{running.base}/leases", json=lease, headers=headers, timeout=60)
    assert granted.status_code == 201
    page = httpx.get(f"{running.base}/metrics", headers=headers, timeout=60).text
    assert 'arw_event_log_lost_total{reason="queue_full"} 0.0' in page

    enough = Flag()
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write, running, number, enough) for number in range(WRITERS)]
        assert enough.wait(60)
        code = running.stop()
        acknowledged = {one for writer in writers for one in writer.result()}

    rows = read_rows(home)
    anchored = {
        row["data"]["persona_ref"] for row in rows if row["event_type"] == "profile.updated"
    }
    assert code == 0
    assert len(acknowledged) >= ENOUGH / WRITERS
    assert acknowledged <= anchored
    assert [row["event_type"] for row in rows][:2] == ["runner.started", "capability.granted"]
    assert not [row for row in rows if row["event_type"] == "risk.flagged"]
    assert verify(home).ok
