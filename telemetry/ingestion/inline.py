"""A lone request's commit on the event loop's own thread, where nobody else is kept waiting.

To wake the writer, and to be woken by it, takes a lone client as long as half a commit. So what
comes quite by itself, and is small, is stored where it arrived, on a connection of its own that
never waits: not for the database's lock, and not for the disk. Whatever would have to wait is the
writer's. Only on SQLite without Redis, since all others are asked over a network, and only where a
commit need not reach the disk (``ARW_SQLITE_SYNCHRONOUS=normal``).
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from telemetry.errors import StoreUnavailable
from telemetry.ingestion.clamp import clamp, give_back, take_back
from telemetry.ingestion.commit import Group
from telemetry.ingestion.recall import Recall
from telemetry.ingestion.submission import Outcome, Submission

logger = logging.getLogger(__name__)

MOST_SAMPLES = 16
# So many lone requests in a row are the writer's first, and after so many it has its turn again: it
# carries the log over where that has grown long, and begins it anew, which waits for the disk.
FIRST = 2
IN_A_ROW = 128
_NORMAL = 1
_KIND = 0xFF  # of an extended error code


class Inline:
    """Commits single requests on the calling thread; for one caller at a time."""

    def __init__(self) -> None:
        self._recall = Recall()
        self._database = connections.create_connection(DEFAULT_DB_ALIAS)
        self._database.inc_thread_sharing()  # each loop's thread may use it, and another close it
        self._cursor: Any = None
        self._usable = self._database.vendor == "sqlite" and not settings.ARW_REDIS_URL
        self._lone = 0
        self._lock = threading.Lock()

    def wants(self, one: Submission | None) -> bool:
        """Whether this one, which came alone, is to be committed here; None: it came in company."""
        if one is None or not self._usable or len(one.samples) > MOST_SAMPLES:
            self._lone = 0
            return False
        self._lone = self._lone % (FIRST + IN_A_ROW) + 1
        return self._lone > FIRST

    def commit(self, one: Submission) -> Outcome | None:
        """Judge and store it: its outcome, once it is committed. Signals are sent by ``tell``.

        None: it is to be handed to the writer, and nothing has happened.
        """
        with self._lock, _standing_in(self._database):
            self._database.run_and_clear_commit_hooks()
            try:
                outcome = self._commit(one) if self._is_open() and self._begin() else None
            except BaseException:
                self._give_up()  # the writer could not begin while this one holds the lock
                raise
        if outcome is None:
            self._lone = 0
        return outcome

    def tell(self) -> None:
        """Send the signals of what was committed, in its order; from any thread."""
        if self._database.run_on_commit:
            with self._lock, _standing_in(self._database):
                self._database.run_and_clear_commit_hooks()

    def close(self) -> None:
        """Tell what is left to be told, and commit no more."""
        self.tell()
        with self._lock, _standing_in(self._database):
            self._usable = False
            self._give_up()

    def _is_open(self) -> bool:
        database = self._database
        if database.connection is None:
            try:
                cursor = database.cursor()
                cursor.execute("PRAGMA busy_timeout=0")
                cursor.execute("PRAGMA wal_autocheckpoint=0")
                ((synchronous,),) = cursor.execute("PRAGMA synchronous").fetchall()
            except DatabaseError as error:
                self._put_off(error)
                return False
            self._cursor, self._usable = cursor, synchronous == _NORMAL
        return self._usable

    def _begin(self) -> bool:
        try:
            self._execute("BEGIN IMMEDIATE")
        except OperationalError as error:
            kind = getattr(error.__cause__, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _KIND
            if kind != sqlite3.SQLITE_BUSY:
                self._put_off(error)
            return False
        # From here on Django's own `atomic` knows that it stands inside another.
        self._database.in_atomic_block = True
        return True

    def _commit(self, one: Submission) -> Outcome | None:
        now = timezone.now()
        waits = clamp([one], now)
        group = Group([one], waits, now, self._recall)
        try:
            outcomes = group.fill(self._database, self._cursor)
            self._execute("COMMIT")
        except Exception as error:  # noqa: BLE001  whatever it is, the writer is to try or tell
            self._put_off(error)
            if group.judged:
                return StoreUnavailable()  # nobody can tell whether it happened
            take_back([one], waits, now)
            return None
        self._database.in_atomic_block = False
        give_back([one], waits, outcomes, now)
        return outcomes[0]

    def _execute(self, statement: str) -> None:
        """Past Django's cursor, which takes as long as SQLite does."""
        with self._database.wrap_database_errors:
            sqlite3.Cursor.execute(self._cursor.cursor, statement)

    def _put_off(self, error: Exception) -> None:
        logger.error("inline_commit_failed", exc_info=error)
        self._give_up()

    def _give_up(self) -> None:
        """Close the connection, and undo what it has begun; the next one opens it anew."""
        with suppress(DatabaseError):
            if self._database.in_atomic_block:
                self._execute("ROLLBACK")
        self._database.in_atomic_block = False
        self._recall.clear()
        self._database.close()


@contextmanager
def _standing_in(database: BaseDatabaseWrapper) -> Iterator[None]:
    """``database`` is this thread's connection meanwhile, and no event loop runs on the thread.

    Django knows connections by thread, and refuses to use one where a loop runs: for it cannot
    know that this is meant to hold the loop up.
    """
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    own = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = database
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = own
        asyncio._set_running_loop(loop)
