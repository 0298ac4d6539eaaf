"""One reader for each process: what arrives together is read together.

Requests wait in a bounded queue; the reader takes whatever is there, at once. A lone client never
waits for company, and under load one transaction serves all who came while the last one ran.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from telemetry.errors import ReadsOverloaded
from telemetry.reading.group import GroupReader
from telemetry.reading.questions import Answer, Question

logger = logging.getLogger(__name__)

QUEUE_REQUESTS = 4_096
GROUP_REQUESTS = 256


class _Ticket(NamedTuple):
    """A question, and where its answer is awaited."""

    question: Question
    answer: asyncio.Future[Answer]
    loop: asyncio.AbstractEventLoop


class Reader:
    """A bounded queue and the one thread that answers it, on a connection of its own.

    At most ``most`` requests wait. The thread starts with the first one.
    """

    def __init__(self, most: int = QUEUE_REQUESTS) -> None:
        self._most = most
        self._queue: queue.SimpleQueue[_Ticket | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._waiting = 0
        self._closed = False
        self._thread: threading.Thread | None = None

    def ask_soon(self, question: Question) -> asyncio.Future[Answer]:
        """Queue a question; the running loop's future of its answer, which never fails.

        Raises ``ReadsOverloaded`` when no more may wait, or the server is stopping.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        with self._lock:
            if self._closed or self._waiting >= self._most:
                raise ReadsOverloaded
            self._waiting += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="arw-reads", daemon=True)
                self._thread.start()
            self._queue.put(_Ticket(question, answer, loop))
        return answer

    def close(self) -> None:
        """Take nothing more, answer what waits, and end the thread."""
        with self._lock:
            self._closed = True
            thread = self._thread
            self._queue.put(None)
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        reader = GroupReader()
        try:
            while group := self._take():
                self._hand_out(group, self._read(reader, [one.question for one in group]))
        finally:
            connection.close()

    def _take(self) -> list[_Ticket]:
        """All that waits, up to a group's worth; empty when there is nothing and never will be."""
        group: list[_Ticket] = []
        while len(group) < GROUP_REQUESTS:
            try:
                ticket = self._queue.get(block=not group)
            except queue.Empty:
                break
            if ticket is None:
                self._queue.put(None)  # for the next turn, which ends here
                break
            group.append(ticket)
        return group

    def _read(self, reader: GroupReader, questions: Sequence[Question]) -> Sequence[Answer]:
        try:
            return reader.answers(questions, timezone.now())
        except Exception:
            # Django answers instead, on another connection, or says what is wrong.
            logger.exception("reading_failed", extra={"requests": len(questions)})
            connection.close()
            return [None] * len(questions)

    def _hand_out(self, group: Sequence[_Ticket], answers: Sequence[Answer]) -> None:
        with self._lock:
            self._waiting -= len(group)
        loops: defaultdict[
            asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Answer], Answer]]
        ] = defaultdict(list)
        for ticket, answer in zip(group, answers, strict=True):
            loops[ticket.loop].append((ticket.answer, answer))
        for loop, answered in loops.items():
            try:
                loop.call_soon_threadsafe(_resolve, answered)
            except RuntimeError:
                logger.info("reading_unanswered", extra={"requests": len(answered)})


def _resolve(answered: Sequence[tuple[asyncio.Future[Answer], Answer]]) -> None:
    for future, answer in answered:
        if not future.done():
            future.set_result(answer)


_running: Reader | None = None


def start_reader() -> Reader:
    """Give this process its reader."""
    global _running  # noqa: PLW0603  one for each process
    if _running is None:
        _running = Reader()
    return _running


def running_reader() -> Reader | None:
    """The process's reader, or None where nothing started one."""
    return _running


def stop_reader() -> None:
    """Every question that was asked is answered when this returns."""
    global _running
    ending, _running = _running, None
    if ending is not None:
        ending.close()
