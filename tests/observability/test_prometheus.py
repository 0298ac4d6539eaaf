"""A real Prometheus scrapes two nodes with a token."""

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import StartServer
from tests.observability.conftest import consented, give
from tests.services.prometheus import Prometheus
from tests.services.server import RunningServer

Watch = Callable[[list[RunningServer], str], Prometheus]


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Starts a Prometheus that scrapes servers with a token, and ends it."""
    started: list[Prometheus] = []

    def start(servers: list[RunningServer], token: str) -> Prometheus:
        targets = [server.base.removeprefix("http://") for server in servers]
        started.append(Prometheus(targets, token))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def test_it_adds_up_two_nodes(start_server: StartServer, redis_url: str, watch: Watch) -> None:
    first = start_server(env={"ARW_REDIS_URL": redis_url})
    second = start_server(env={"ARW_REDIS_URL": redis_url}, beside=first)
    deployment = consented(first)
    prometheus = watch([first, second], deployment.tokens["alice"])
    prometheus.wait_for('sum(up{job="arw"})', 2)
    for base, count in ((first.base, 2), (second.base, 5)):
        with deployment.person("alice", base=base) as alice:
            give(alice, count, strength=0.25)
    proposed = deployment.propose([{"op": "add", "path": "/traits/tone", "value": "plain"}])
    deployment.close()
    assert proposed
    prometheus.wait_for("sum(arw_persona_feedback_global_total)", 7)
    prometheus.wait_for('sum(arw_persona_feedback_total{persona="persona.alpha"})', 7)
    # State is the same on both, and is not added up.
    prometheus.wait_for('max(arw_persona_proposals{status="pending"})', 1)
    prometheus.wait_for('count(arw_persona_proposals{status="pending"} == 1)', 2)
    strength = 'count(arw_persona_signal_strength_avg{signal="warmer"} == 0.25)'
    prometheus.wait_for(strength, 2)
    # A scrape that came too late leaves its series out, until the next one.
    prometheus.wait_for("count(count by (instance) (arw_dependency_up == 1))", 2)
    instances = {labels["instance"] for labels, _ in prometheus.query("arw_dependency_up == 1")}
    assert instances == {one.base.removeprefix("http://") for one in (first, second)}
    prometheus.wait_for("sum(arw:feedback_samples:rate5m) >= bool 0", 1)  # the rules are loaded


def test_it_is_told_nothing_without_a_token_that_is_right(
    start_server: StartServer, watch: Watch
) -> None:
    server = start_server()
    prometheus = watch([server], "not-" + "a-token")
    prometheus.wait_for('up{job="arw"}', 0)
    assert prometheus.query("arw_persona_feedback_global_total") == []
