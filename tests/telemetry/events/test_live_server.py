"""The stream of a real server process, under both servers that are supported (contract §8)."""

import json
from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import StartServer
from tests.services.server import RunningServer

HEAD = {"id": "persona.alpha", "owner_kind": "workspace", "owner_ref": "local"}
ON = {"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}}


@pytest.fixture(params=["uvicorn", "daphne"])
def running(request: pytest.FixtureRequest, start_server: StartServer) -> RunningServer:
    return start_server(software=request.param)


def blocks(response: httpx.Response) -> Iterator[dict[str, str]]:
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        if not line:
            yield fields
            fields = {}
        else:
            name, _, value = line.partition(": ")
            fields[name] = value


def test_it_streams_feedback_after_the_commit(running: RunningServer) -> None:
    headers = {"Authorization": f"Bearer {running.admin_token}"}
    with httpx.Client(base_url=running.base, headers=headers, timeout=60) as client:
        for capability in ("persona:manage", "telemetry:persona:workspace"):
            assert client.post("/leases", json={"capability": capability}).status_code == 201
        created = client.post("/admin/persona", json={**HEAD, "preferences": ON})
        assert created.status_code == 201, created.text
        with client.stream("GET", "/events", params={"prefix": "persona."}) as response:
            assert response.headers["content-type"] == "text/event-stream"
            stream = blocks(response)
            assert next(stream)["event"] == "service.connected"
            for turn in range(3):
                sample = {"signal": f"s{turn}", "strength": 0.5}
                given = httpx.post(
                    f"{running.base}/persona/persona.alpha/feedback",
                    json=sample,
                    headers=headers,
                    timeout=60,
                )
                assert given.json() == {"status": "accepted", "count": 1}
                payload = json.loads(next(stream)["data"])["payload"]
                assert payload["signal"] == f"s{turn}"
        # In pieces, without a length: as some clients send what they do not hold in memory.
        pieces = client.post(
            "/persona/persona.alpha/feedback",
            content=iter([b'[{"signal":', b'"s3"}]']),
            headers={"Content-Type": "application/json"},
        )
        assert pieces.json() == {"status": "accepted", "count": 1}
        history = client.get("/state/persona/persona.alpha/vibe_history").json()
        assert [one["signal"] for one in history["items"]] == ["s3", "s2", "s1", "s0"]
        page = client.get("/metrics").text
        assert 'arw_persona_feedback_total{persona="persona.alpha"} 4.0' in page


def test_it_stops_although_a_stream_is_open(running: RunningServer) -> None:
    headers = {"Authorization": f"Bearer {running.admin_token}"}
    with httpx.stream("GET", f"{running.base}/events", headers=headers, timeout=60) as response:
        assert next(blocks(response))["event"] == "service.connected"
        code = running.stop()
    assert code == 0
