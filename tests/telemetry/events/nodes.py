"""Nodes of one deployment inside the test's own process, joined by a real Redis."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from telemetry.events.broadcaster import Broadcaster
from telemetry.events.catalog import TelemetryUpdated
from telemetry.events.groups import Published
from telemetry.events.relay import RedisRelay
from tests.people import NOW

PATIENCE = 60.0  # seconds; nothing is expected to need them
_never = threading.Event()


@dataclass(frozen=True)
class Piece:
    """A sample of feedback, as the broadcaster wants to see it."""

    note: str
    signal: str = "warmer"
    kind: str | None = None
    strength: float | None = None
    metadata: dict[str, object] | None = None


class Node:
    """A broadcaster of its own behind a relay of its own."""

    def __init__(self, url: str, *, window: int = 10_000) -> None:
        self.source = Broadcaster(events=window)
        self.erased_elsewhere: list[str] = []
        self.relay = RedisRelay(url, self.source, self.erased_elsewhere.append)
        self.source.attach(self.relay)
        self.relay.follow()

    def tell(self, *names: str) -> None:
        """Publish one event for each name."""
        events = [
            TelemetryUpdated("actor:1", persona_id=name, enabled=True, scope="s") for name in names
        ]
        self.source.publish(events, NOW)

    def give(self, *notes: str, persona_id: str = "p", actor: str = "actor:1") -> None:
        self.source.publish_feedback(persona_id, actor, [Piece(note) for note in notes], NOW)

    def events(self) -> list[Published]:
        """Everything in its window."""
        return self.source.after(self.source.oldest - 1, 100_000) or []

    def ids(self) -> list[str]:
        return [one.id for one in self.events()]

    def data(self) -> list[bytes]:
        return [one.data for one in self.events()]


@contextmanager
def joined(url: str, count: int = 2, *, window: int = 10_000) -> Iterator[list[Node]]:
    """So many nodes; they leave when the block ends."""
    with ExitStack() as stack:
        nodes = []
        for _ in range(count):
            node = Node(url, window=window)
            stack.callback(node.relay.close)
            nodes.append(node)
        yield nodes


def until(happened: Callable[[], bool]) -> None:
    """Return as soon as it has happened; fails the test when it does not."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        _never.wait(0.002)
