"""The writer of a process: what arrives together is committed together (contract §7).

Requests wait in a bounded queue, in the order in which they came. The writer takes whatever is
there: under load a commit's worth gathers while the one before it is written, and a lone client
never waits for company. Nobody is answered before the commit. What came quite alone may be
committed in its place, by the event loop itself; meanwhile whatever else comes is gathered.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.utils import timezone

from telemetry.errors import Overloaded
from telemetry.ingestion import counters
from telemetry.ingestion.checkpoints import Checkpoints
from telemetry.ingestion.commit import commit_group
from telemetry.ingestion.gathering import Waiting
from telemetry.ingestion.inline import Inline
from telemetry.ingestion.recall import Recall
from telemetry.ingestion.submission import Outcome, Submission
from telemetry.ingestion.tickets import Ticket, resolve_all, samples_of

if TYPE_CHECKING:
    from telemetry.ingestion.node.handing import Handing

logger = logging.getLogger(__name__)

QUEUE_BYTES = 64 * 1024 * 1024
# Samples of many personas lie on as many pages: SQLite's own 2 MB would read them anew each time.
SQLITE_CACHE_KIB = 16 * 1024


class Ingestor:
    """A bounded queue and the one thread that empties it into the database.

    ``max_samples`` and ``max_bytes`` bound what may wait. The thread starts with the first
    submission, so that a process may fork before.
    """

    def __init__(self, max_samples: int | None = None, max_bytes: int = QUEUE_BYTES) -> None:
        self._max_samples = max_samples or settings.ARW_INGEST_QUEUE
        self._max_bytes = max_bytes
        # Nodes that share a Redis share a PostgreSQL: a commit of one holds up those of the others.
        several = connection.vendor == "postgresql" and bool(settings.ARW_REDIS_URL)
        self._waiting = Waiting(gathers=several)
        self._gathered: list[Ticket] = []
        self._gatherer: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        self._inline = Inline()
        self._checkpoints = Checkpoints() if connection.vendor == "sqlite" else None
        self._in_place: Ticket | None = None
        self._placed = threading.Condition(self._lock)
        self._samples = 0
        self._bytes = 0
        self._closed = False
        self._thread: threading.Thread | None = None
        self._widened: Any = None
        self._handing: Handing | None = None

    # --- handing in -------------------------------------------------------------------------

    def submit_soon(self, one: Submission) -> asyncio.Future[Outcome]:
        """Queue a submission; the running loop's future of its outcome.

        Another process of the node may write it. Raises ``Overloaded`` when no more may wait, or
        the server is stopping.
        """
        handing = self._handing
        if handing is not None and handing.takes(one):
            return handing.hand_in(one)
        return self.submit_here(one)

    def submit_here(self, one: Submission) -> asyncio.Future[Outcome]:
        """The same for this process' own writer.

        What one round of the loop brings is handed over together, at its end: the writer is woken
        once for all of it, and has not to wrest the interpreter from a loop at work. What came
        alone may be committed then and there.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Outcome] = loop.create_future()
        with self._lock:
            self._admit(one)
            self._gathered.append(Ticket(one, answer, loop))
            if self._gatherer is not loop:
                self._gatherer = loop
                loop.call_soon(self._hand_over, loop)
        return answer

    def submit(self, one: Submission) -> Future[Outcome]:
        """The same for a thread, which waits on ``.result()``."""
        answer: Future[Outcome] = Future()
        with self._lock:
            self._admit(one)
            self._gathered.append(Ticket(one, answer, None))
            self._hand_over_gathered()
        return answer

    def take_in(self, tickets: Sequence[Ticket]) -> None:
        """Queue what another process has handed in; what may not wait is told so at once."""
        refused: list[Ticket] = []
        with self._lock:
            for one in tickets:
                try:
                    self._admit(one.submission)
                    self._gathered.append(one)
                except Overloaded:
                    refused.append(one)
            self._hand_over_gathered()
        for one in refused:
            one.resolve(Overloaded())

    def hand_to(self, handing: Handing | None) -> None:
        """Have another process write what it takes; None: nobody else."""
        self._handing = handing

    def reserve(self, size: int) -> bool:
        """Room for a body of ``size`` bytes before it is read, or False where there is none.

        Whoever got it gives it back by ``release`` when the request is over. Whatever its size,
        one body is always taken by an idle process.
        """
        with self._lock:
            if self._closed or (self._bytes and self._bytes + size > self._max_bytes):
                return False
            self._bytes += size
            return True

    def release(self, size: int) -> None:
        """Give back what ``reserve`` gave."""
        with self._lock:
            self._bytes -= size

    @property
    def waiting(self) -> int:
        """How many samples were handed in and are not answered yet."""
        handing = self._handing
        return self._samples + (0 if handing is None else handing.waiting)

    @property
    def reserved(self) -> int:
        """How many bytes of bodies are being read or wait to be stored."""
        return self._bytes

    def close(self) -> None:
        """Take nothing more, store what waits, answer it, and end the thread."""
        with self._placed:
            self._placed.wait_for(lambda: self._in_place is None)
            self._hand_over_gathered()
            self._closed = True
            thread = self._thread
            self._waiting.end()
        if thread is not None:
            thread.join()
        self._inline.close()

    def _admit(self, one: Submission) -> None:
        """Count it among what waits; to be called with the lock."""
        count = len(one.samples)
        if self._closed or (self._samples and self._samples + count > self._max_samples):
            raise Overloaded
        self._samples += count
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="arw-ingest", daemon=True)
            self._thread.start()

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        """At the end of a round of ``loop``."""
        with self._lock:
            alone = self._alone(loop)
            if alone is None:
                self._hand_over_gathered()
                return
            self._gathered, self._gatherer, self._in_place = [], None, alone
        began = time.monotonic()
        outcome = None
        try:
            outcome = self._inline.commit(alone.submission)
            if outcome is not None and self._checkpoints is not None:
                self._checkpoints.committed()
        finally:
            with self._lock:
                self._in_place = None
                if outcome is None:
                    self._gathered.insert(0, alone)  # before all that came meanwhile
                else:
                    self._samples -= len(alone.submission.samples)
                self._hand_over_gathered()
                self._placed.notify_all()
        if outcome is not None:
            alone.resolve(outcome)
            # The next round sends the answer; the one after it has time for everything else.
            ended = time.monotonic()
            loop.call_soon(loop.call_soon, self._afterwards, alone, outcome, began, ended)

    def _alone(self, loop: asyncio.AbstractEventLoop) -> Ticket | None:
        """What is to be committed in its place; to be called with the lock.

        Whatever was handed in before is answered, and nothing else was handed in since.
        """
        first = self._gathered[0] if len(self._gathered) == 1 else None
        if first is not None and first.loop is loop and self._samples == samples_of([first]):
            return first if self._inline.wants(first.submission) else None
        self._inline.wants(None)
        return None

    def _afterwards(self, one: Ticket, outcome: Outcome, began: float, ended: float) -> None:
        self._inline.tell()
        counters.count_commit([outcome], samples_of([one]), ended - began, ended - one.since)

    def _hand_over_gathered(self) -> None:
        """Give the writer what was gathered, in its order; to be called with the lock."""
        if self._in_place is not None:
            return  # it will be done then
        gathered, self._gathered, self._gatherer = self._gathered, [], None
        if gathered:
            counters.QUEUE.inc(samples_of(gathered))
            self._waiting.put(gathered)

    # --- the writer -------------------------------------------------------------------------

    def _run(self) -> None:
        recall = Recall()
        try:
            while group := self._waiting.take():
                self._inline.tell()  # of what was committed before
                began = time.monotonic()
                outcomes = self._commit([one.submission for one in group], recall)
                _count(group, outcomes, began)
                if self._checkpoints is not None:
                    self._checkpoints.committed()
                with self._lock:  # before the answer: what a client sends next may come alone
                    self._samples -= samples_of(group)
                resolve_all(group, outcomes)
                self._waiting.answered(len(group))
        finally:
            if self._checkpoints is not None:
                self._checkpoints.close()
            connection.close()

    def _commit(self, submissions: Sequence[Submission], recall: Recall) -> Sequence[Outcome]:
        try:
            self._widen_cache()
            return commit_group(submissions, timezone.now(), recall)
        except Exception as error:
            logger.exception("ingestion_failed")
            connection.close()
            return [error] * len(submissions)

    def _widen_cache(self) -> None:
        """Once for each connection of the writer."""
        database = connections[DEFAULT_DB_ALIAS]  # looked up once: it is found by thread
        link = database.connection
        if database.vendor == "sqlite" and (link is None or link is not self._widened):
            database.ensure_connection()
            self._widened = database.connection
            self._widened.execute(f"PRAGMA cache_size=-{SQLITE_CACHE_KIB}")


def _count(group: Sequence[Ticket], outcomes: Sequence[Outcome], began: float) -> None:
    ended = time.monotonic()
    samples = samples_of(group)
    counters.QUEUE.dec(samples)
    counters.count_commit(outcomes, samples, ended - began, ended - group[0].since)


_running: Ingestor | None = None


def start_ingestor() -> Ingestor:
    """Give this process its ingestor; from here on every door of it uses it."""
    global _running  # noqa: PLW0603  one for each process
    if _running is None:
        _running = Ingestor()
    return _running


def running_ingestor() -> Ingestor | None:
    """The process's ingestor, or None where nothing started one, as in a command."""
    return _running


def stop_ingestor() -> None:
    """Drain: everything handed in is stored and answered when this returns."""
    global _running
    ending, _running = _running, None
    if ending is not None:
        ending.close()
