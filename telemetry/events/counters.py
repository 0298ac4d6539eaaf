"""What Prometheus is told of the streams (contract §12)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Gauge

READERS = Gauge(
    "arw_event_readers",
    "Open event streams.",
    ["transport"],
    multiprocess_mode="livesum",
)
PUBLISHED = Counter("arw_events_published_total", "Events published by this node.")
DROPPED = Counter(
    "arw_event_readers_dropped_total",
    "Readers that were dropped because they did not keep up.",
    ["transport"],
)
DEGRADED = Gauge(
    "arw_event_relay_degraded",
    "1 while events cannot be exchanged with other nodes.",
    multiprocess_mode="livemax",
)
LOST = Counter(
    "arw_event_relay_overflow_total", "Events that Redis was away for too long to be told of."
)

for _transport in ("sse", "websocket"):
    READERS.labels(transport=_transport)
    DROPPED.labels(transport=_transport)


@contextmanager
def open_reader(transport: str) -> Iterator[None]:
    """Counts a stream while it is open."""
    gauge = READERS.labels(transport=transport)
    gauge.inc()
    try:
        yield
    finally:
        gauge.dec()
