"""What the server's log lost, for Prometheus and for the log itself (contract §9, §12)."""

from __future__ import annotations

import threading
from typing import Final

from prometheus_client import Counter

REASONS: Final = ("queue_full", "unwritable", "refused", "closed")

LOST = Counter(
    "arw_event_log_lost_total",
    "Events of the server that did not reach its local event log.",
    ["reason"],
)
for _reason in REASONS:
    LOST.labels(reason=_reason)  # so that zero is shown, and not nothing

_lock = threading.Lock()
_untold = 0


def count(number: int, reason: str) -> None:
    """Count events that were lost; ``reason`` is one of ``REASONS``."""
    global _untold  # noqa: PLW0603  one figure per process
    LOST.labels(reason=reason).inc(number)
    with _lock:
        _untold += number


def take_untold() -> int:
    """How many events were lost since this was asked last: the log gets to know of them too."""
    global _untold
    with _lock:
        number, _untold = _untold, 0
    return number
