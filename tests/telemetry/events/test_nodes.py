"""Two server processes, one database and one Redis: streams that no node interrupts (contract §8)."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.conftest import StartServer
from tests.services.redis import RedisServer
from tests.services.server import RunningServer
from tests.telemetry.events.nodes import joined, until
from tests.telemetry.events.streams import Block, parsed

ON = {"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}}
HEAD = {"id": "persona.alpha", "owner_kind": "workspace", "owner_ref": "local"}
RATES = {"ARW_PERSONA_FEEDBACK_RATE": "1000000"}


class Deployment:
    """Two nodes, and what the tests do on each."""

    def __init__(self, first: RunningServer, second: RunningServer, redis: RedisServer) -> None:
        self.nodes = (first, second)
        self.redis = redis
        self.headers = {"Authorization": f"Bearer {first.admin_token}"}

    def client(self, node: int, token: str | None = None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else self.headers
        return httpx.Client(base_url=self.nodes[node].base, headers=headers, timeout=60)

    def post(self, node: int, path: str, body: Any, status: int) -> Any:
        with self.client(node) as client:
            answer = client.post(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def give(self, node: int, *signals: str) -> None:
        self.post(
            node, "/persona/persona.alpha/feedback", [{"signal": one} for one in signals], 202
        )

    def switch(self, node: int, enabled: bool) -> None:
        self.post(node, "/admin/persona/persona.alpha/telemetry", {"enabled": enabled}, 200)

    def series(self, node: int) -> list[str]:
        """What the node says it counted of each persona's feedback, a line for each series."""
        with self.client(node) as client:
            page = client.get("/metrics").text
        names = ("arw_persona_feedback_total{", "arw_persona_feedback_signal_total{")
        return [line for line in page.splitlines() if line.startswith(names)]

    @contextmanager
    def stream(
        self, node: int, *, after: str | None = None, token: str | None = None, prefix: str = ""
    ) -> Iterator[Stream]:
        headers = {} if after is None else {"Last-Event-ID": after}
        params = {"prefix": prefix or "persona.feedback"}
        with (
            self.client(node, token) as client,
            client.stream("GET", "/events", headers=headers, params=params) as response,
        ):
            assert response.status_code == 200
            yield Stream(response)


class Stream:
    """The blocks of an open stream, without keep-alives."""

    def __init__(self, response: httpx.Response) -> None:
        self._texts = response.iter_text()
        self._text = ""
        self.first = self.next()
        assert self.first is not None
        assert self.first.event == "service.connected"

    def next(self) -> Block | None:
        """The next one; None when the server has ended the stream."""
        while "\n\n" not in self._text:
            more = next(self._texts, None)
            if more is None:
                return None
            self._text += more
        block, self._text = self._text.split("\n\n", 1)
        one = parsed(block)
        return self.next() if one.event is None else one

    def signal(self) -> tuple[str, str]:
        """Id and signal of the next feedback."""
        one = self.next()
        assert one is not None
        assert one.event == "persona.feedback", one
        assert one.id is not None
        return one.id, one.payload["signal"]


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture
def deployed(start_server: StartServer, own_redis: RedisServer) -> Deployment:
    env = {"ARW_REDIS_URL": own_redis.url, **RATES}
    first = start_server(env=env)
    deployment = Deployment(first, start_server(env=env, beside=first), own_redis)
    for capability in ("persona:manage", "telemetry:persona:workspace"):
        deployment.post(0, "/leases", {"capability": capability}, 201)
    deployment.post(0, "/admin/persona", {**HEAD, "preferences": ON}, 201)
    return deployment


def test_it_tells_readers_of_all_nodes_the_same_once(deployed: Deployment) -> None:
    with deployed.stream(0) as near, deployed.stream(1) as far:
        seen = []
        for number in range(20):
            deployed.give(number % 2, f"s{number}")
            # The nodes wait for Redis a moment at most: what was seen has its place for certain.
            seen.append(near.signal())
        assert [signal for _, signal in seen] == [f"s{number}" for number in range(20)]
        assert [far.signal() for _ in range(20)] == seen


def test_it_lets_a_reader_change_nodes_while_events_flow(deployed: Deployment) -> None:
    chance = random.Random(5)
    given = [(chance.randrange(2), f"s{number}") for number in range(200)]
    wanted = [signal for _, signal in given]

    def flow() -> None:
        for at, signal in given:
            deployed.give(at, signal)

    thread = threading.Thread(target=flow)
    seen: list[tuple[str, str]] = []
    last, node = None, 0
    while len(seen) < len(wanted):
        with deployed.stream(node, after=last) as stream:
            if last is None:
                last = stream.first.id
                thread.start()
            for _ in range(min(random.Random(len(seen)).randint(1, 25), len(wanted) - len(seen))):
                seen.append(stream.signal())
                last = seen[-1][0]
        node = 1 - node
    thread.join()
    came = [signal for _, signal in seen]
    assert sorted(came) == sorted(wanted)
    # Between two nodes it is Redis' order, for which they wait a moment at most.
    for one in (0, 1):
        own = [signal for at, signal in given if at == one]
        assert [signal for signal in came if signal in own] == own
    assert len({event for event, _ in seen}) == len(wanted)


def test_it_goes_on_at_the_other_node_when_one_is_killed(deployed: Deployment) -> None:
    with deployed.stream(0) as doomed:
        deployed.give(1, "a", "b", "c")
        seen = [doomed.signal() for _ in range(2)]
        deployed.nodes[0].kill()
        assert doomed.signal()[1] == "c"
        with pytest.raises(httpx.TransportError):
            doomed.next()
    deployed.give(1, "d")
    with deployed.stream(1, after=seen[-1][0]) as stream:
        deployed.give(1, "e")
        assert [stream.signal()[1] for _ in range(3)] == ["c", "d", "e"]
    deployed.nodes[0].start()
    with deployed.stream(0, after=seen[-1][0]) as again:
        deployed.give(0, "f")
        assert [again.signal()[1] for _ in range(4)] == ["c", "d", "e", "f"]


def test_it_ends_a_stream_at_once_when_another_node_revokes_the_token(
    deployed: Deployment,
) -> None:
    token = deployed.nodes[0].tokens["alice"]
    with deployed.client(0, token) as client:
        (known,) = client.get("/state/tokens").json()["items"]
    with deployed.stream(1, token=token) as stream, deployed.client(0, token) as client:
        deployed.give(0, "seen")
        assert stream.signal()[1] == "seen"
        assert client.delete(f"/tokens/{known['id']}").status_code == 204
        assert stream.next() is None


def test_it_hides_the_very_next_feedback_when_another_node_withdraws_consent(
    deployed: Deployment,
) -> None:
    url = deployed.redis.url
    with deployed.stream(1, prefix="persona.") as stream, joined(url, 1) as (third,):
        deployed.give(0, "before")
        assert stream.signal()[1] == "before"
        deployed.switch(0, False)
        while not told(stream.next(), "persona.alpha"):
            continue
        # Stored before the withdrawal, say, and told only now.
        third.give("late", persona_id="persona.alpha")
        third.tell("marker")
        while not told(block := stream.next(), "marker"):
            assert block is not None
            assert block.event != "persona.feedback"
        with deployed.stream(1, after="0", prefix="persona.feedback") as replayed:
            deployed.switch(0, True)
            third.give("again", persona_id="persona.alpha")
            until(lambda: b"again" in third.data()[-1])
            while replayed.signal()[0] != third.ids()[-1]:
                continue


def told(block: Block | None, persona_id: str) -> bool:
    """Whether it tells that this persona's consent was moved."""
    if block is None or block.event != "persona.telemetry.updated":
        return False
    return bool(block.payload["persona_id"] == persona_id)


def test_it_erases_from_the_windows_of_all_nodes(deployed: Deployment) -> None:
    with deployed.stream(1) as live:
        start = live.first.id
        deployed.give(0, "gone")
        live.signal()
        with deployed.client(0) as client:
            answer = client.delete("/admin/persona/persona.alpha/samples")
        assert answer.status_code == 200, answer.text
        deployed.give(0, "kept")
        assert live.signal()[1] == "kept"
    for node in (0, 1):
        with deployed.stream(node, after=start) as replayed:
            assert replayed.first.payload["replay"]["count"] == 1
            assert replayed.signal()[1] == "kept"


def test_it_takes_the_series_of_an_erased_persona_away_on_all_nodes(deployed: Deployment) -> None:
    deployed.post(0, "/admin/persona", {**HEAD, "id": "persona.beta", "preferences": ON}, 201)
    for node in (0, 1):
        deployed.give(node, "warmer")
        deployed.post(node, "/persona/persona.beta/feedback", {"signal": "kept"}, 202)
    alpha, beta = 'persona="persona.alpha"', 'persona="persona.beta"'
    before = [deployed.series(node) for node in (0, 1)]
    assert all(sum(alpha in one for one in page) == 2 for page in before)
    with deployed.client(0) as client:
        assert client.delete("/admin/persona/persona.alpha/samples").status_code == 200
    until(lambda: not any(alpha in one for node in (0, 1) for one in deployed.series(node)))
    after = [deployed.series(node) for node in (0, 1)]
    assert after == [[one for one in page if alpha not in one] for page in before]
    assert all(sum(beta in one for one in page) == 2 for page in after)
    # What comes after the erasure is counted from one on.
    deployed.give(1, "anew")
    until(lambda: any(alpha in one for one in deployed.series(1)))
    line = f'arw_persona_feedback_signal_total{{{alpha},signal="anew"}} 1.0'
    assert [one for one in deployed.series(1) if alpha in one][-1] == line


def test_it_says_when_redis_is_away_and_recovers_by_itself(deployed: Deployment) -> None:
    with deployed.stream(0) as near, deployed.stream(1) as far:
        deployed.give(0, "before")
        assert [one.signal()[1] for one in (near, far)] == ["before"] * 2
        deployed.redis.halt()
        for one in (near, far):
            degraded = one.next()
            assert degraded is not None
            assert degraded.event == "service.degraded"
        # Feedback is taken all the same.
        deployed.give(1, "meanwhile")
        deployed.redis.resume()
        for one in (near, far):
            rest = [one.next() for _ in range(3)]
            kinds = sorted(str(block.event) for block in rest if block)
            assert kinds == ["persona.feedback", "service.gap", "service.recovered"]
            (event,) = [block for block in rest if block and block.event == "persona.feedback"]
            assert event.payload["signal"] == "meanwhile"
        deployed.give(0, "after")
        assert [one.signal()[1] for one in (near, far)] == ["after"] * 2


def test_it_tells_of_its_readers(deployed: Deployment) -> None:
    with deployed.stream(1) as stream:
        deployed.give(1, "a")
        stream.signal()
        with deployed.client(1) as client:
            page = client.get("/metrics").text
    assert 'arw_event_readers{transport="sse"} 1.0' in page
    assert 'arw_event_readers{transport="websocket"} 0.0' in page
    assert "arw_event_relay_degraded 0.0" in page
    assert json.dumps("persona.alpha") in page
