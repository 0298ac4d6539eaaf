"""Metrics in memory and in Redis, each node with a link of its own."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from telemetry.metrics.redis_store import RedisMetrics
from telemetry.redis_link import TIMEOUT_SECONDS, RedisLink
from tests.services.redis import RedisServer

START = datetime(2026, 6, 1, tzinfo=UTC)
PATIENCE = 60.0  # seconds; a Redis that is slow, as the machine may be, is none that is away
PAUSE = 0.05  # seconds between two knocks: nobody has to wait long for the end of an outage

Node = Callable[..., RedisMetrics]


@pytest.fixture
def links() -> Iterator[list[RedisLink]]:
    """Links to let go of when the test is over."""
    opened: list[RedisLink] = []
    yield opened
    for link in opened:
        link.close()


@pytest.fixture
def node(redis_url: str, links: list[RedisLink]) -> Node:
    """`node(half_life=86400)` is the metrics of one more node on an empty Redis."""
    return opener(redis_url, links, PATIENCE)


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A Redis that the test may end, freeze and bring back."""
    server = RedisServer()
    yield server
    server.thaw()
    server.stop()


@pytest.fixture
def mortal_node(own_redis: RedisServer, links: list[RedisLink]) -> Node:
    """The same on `own_redis`."""
    return opener(own_redis.url, links, TIMEOUT_SECONDS)


def opener(url: str, links: list[RedisLink], timeout: float) -> Node:
    def opened(half_life: int | None = 86_400, **options: int) -> RedisMetrics:
        links.append(RedisLink(url, timeout=timeout, pause=PAUSE))
        return RedisMetrics(links[-1], half_life, **options)

    return opened
