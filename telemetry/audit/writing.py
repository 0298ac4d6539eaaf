"""Hands the server's events to one background writer per process (contract §9).

The writer is made with the first event, in ``AGENTWELLNESS_HOME``. ``record`` never waits and never
raises; what cannot be stored is counted. ``close`` stores what waits: when an ASGI server stops
(``lifespan``), and at the end of any other process.
"""

from __future__ import annotations

import atexit
import os
import threading
from dataclasses import dataclass, replace
from typing import Any, Final

from django.conf import settings
from structlog.contextvars import get_contextvars

from leases.models import User
from leases.pseudonyms import actor_ref
from telemetry.audit import losses
from telemetry.eventlog.background import BackgroundWriter
from telemetry.eventlog.rows import Event
from telemetry.eventlog.store import Store

CAPACITY: Final = 10_000
"""Events that may wait for the disk: some megabytes."""
GRACE: Final = 10.0
"""Seconds that a process which ends gives the disk."""

_lock = threading.Lock()
_writer: BackgroundWriter | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What this process has handed over: ``written``, ``waiting`` and ``lost`` events."""

    written: int
    waiting: int
    lost: int


def record(event: Event) -> None:
    """Queue ``event`` with the request's id, unless ``ARW_EVENT_LOG`` is off. Takes microseconds."""
    if not settings.ARW_EVENT_LOG:
        return
    trace_id = get_contextvars().get("request_id")
    try:
        writer = _open()
        _tell_of_losses(writer)
        writer.submit(event if trace_id is None else replace(event, trace_id=trace_id))
    except Exception:  # noqa: BLE001  no home, no thread: a request does not fail for its audit row
        losses.count(1, "unwritable")


def record_start() -> None:
    """Note that a server process is up; which version, every row says."""
    record(Event("runner.started", {"process": "server"}, actor=acting(None), source="api"))


def acting(actor: User | None) -> dict[str, Any]:
    """Who acted, as the log names them: by pseudonym; None is the system itself."""
    if actor is None:
        return {"kind": "system", "id": actor_ref(None)}
    return {"kind": "human" if actor.interactive else "agent", "id": actor_ref(actor.id)}


def flush(timeout: float | None = None) -> bool:
    """Wait until everything recorded is stored; whether that is so."""
    writer = _writer
    return True if writer is None else writer.flush(timeout)


def close() -> None:
    """Store what waits. An event that still comes after this gets a new writer."""
    global _writer
    with _lock:
        writer, _writer = _writer, None
    if writer is not None:
        _tell_of_losses(writer)
        writer.close(GRACE)


def progress() -> Progress:
    """The figures of this process since its writer was made."""
    writer = _writer
    return Progress(writer.written, writer.waiting, writer.lost) if writer else Progress(0, 0, 0)


def _open() -> BackgroundWriter:
    global _writer  # noqa: PLW0603  the same
    with _lock:
        if _writer is None:
            _writer = BackgroundWriter(Store(), capacity=CAPACITY, on_loss=losses.count)
        return _writer


def _tell_of_losses(writer: BackgroundWriter) -> None:
    """A gap in the log is noted in the log, as soon as there is room again."""
    if writer.waiting == 0 and (lost := losses.take_untold()):
        data = {"reason": "events_lost", "count": lost}
        writer.submit(Event("risk.flagged", data, actor=acting(None), source="api"))


def _begin_anew() -> None:
    """A fork has its parent's queue, but not its thread: those events are the parent's to store."""
    global _lock, _writer
    _lock, _writer = threading.Lock(), None


atexit.register(close)
os.register_at_fork(after_in_child=_begin_anew)
