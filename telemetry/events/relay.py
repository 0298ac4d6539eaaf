"""Several nodes, one order of events: Redis Streams behind the broadcaster (contract §8).

What a node publishes goes to one stream, and every node, that one included, delivers what it reads
there. So all nodes have the same events in the same order under the same ids. While Redis is away
nothing is delivered: events wait in a bounded queue, streams say ``service.degraded``, and what
did not fit is told as a gap once Redis is back. Nothing is ever delivered past the stream, so
nothing comes twice.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Sequence

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from telemetry.events.broadcaster import Broadcaster, broadcaster
from telemetry.events.entries import Item, What, forget
from telemetry.events.follower import Follower
from telemetry.events.groups import Group
from telemetry.events.publisher import Publisher
from telemetry.metrics.counters import counters

CONNECT_SECS = 1.0
ANSWER_SECS = 3.0
JOIN_SECS = 1.0
DRAIN_SECS = 2.0

_starting = threading.Lock()


class RedisRelay:
    """Carries the events of one process. Its threads begin when they have something to do."""

    def __init__(
        self, url: str, target: Broadcaster, erased_elsewhere: Callable[[str], None]
    ) -> None:
        self._target = target
        self._clients = (_client(url), _client(url))
        self._publisher = Publisher(self._clients[0], self._oldest_id)
        self._follower = Follower(
            self._clients[1], target, self._publisher.origin, erased_elsewhere
        )
        self._following = False

    def follow(self) -> None:
        """Read the stream from now on; returns when what is there has been read, or Redis is away."""
        self._following = True
        self._target.set_degraded(True)
        self._follower.start()
        self._follower.wait_joined(JOIN_SECS)

    def offer(self, groups: Sequence[Group]) -> None:
        """Send groups to all nodes."""
        self._begin()
        self._publisher.put(groups)

    def rights_moved(self) -> None:
        """Have all other nodes judge anew."""
        self._begin()
        self._publisher.tell(Item(What.RIGHTS, actor=self._publisher.origin))

    def forget_feedback(self, persona_id: str, actor: str | None, until: str) -> None:
        """Have all nodes empty the persona's feedback events, and the others forget its series."""
        self._begin()
        self._publisher.tell(forget(persona_id, actor, until, self._publisher.origin))

    def close(self) -> None:
        """Send what waits, for a moment, and end."""
        self._publisher.close(DRAIN_SECS)
        self._follower.close()
        for client in self._clients:
            client.close()

    def _begin(self) -> None:
        if self._publisher.ident is None:
            with _starting:
                if self._publisher.ident is None:
                    self._publisher.start()

    def _oldest_id(self) -> str:
        """Entries before it are in nobody's window any more."""
        mark = self._target.oldest_mark
        return f"{mark[0]}-{mark[1]}" if self._following and len(mark) == 3 else ""


def _client(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_SECS,
        socket_timeout=ANSWER_SECS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )


_connected: list[RedisRelay] = []


def connect_nodes(url: str) -> None:
    """From now on what this process publishes goes to all nodes by way of the Redis at ``url``."""
    relay = RedisRelay(url, broadcaster, counters.forget)
    _connected.append(relay)
    broadcaster.attach(relay)
    atexit.register(leave_nodes)


def follow_nodes() -> None:
    """Have what any node publishes arrive in this process: for those that serve streams."""
    for relay in _connected:
        relay.follow()


def leave_nodes() -> None:
    """Send what waits, for a moment, and end the exchange."""
    while _connected:
        _connected.pop().close()
