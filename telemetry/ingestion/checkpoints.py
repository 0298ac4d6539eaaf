"""SQLite's checkpoints on a thread of their own, so that the writer seldom waits for the disk.

What is committed stands in the write-ahead log first, and is carried over to the database by a
checkpoint, which waits for the disk. SQLite lets the commit that finds the log long do it. Here
another connection does it meanwhile; the writer only carries over what came since, once the log is
at ``arw_site.environment.database.CHECKPOINT_PAGES``, and the log begins anew.
"""

from __future__ import annotations

import logging
import threading

from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)

COMMITS = 64
STOP_SECS = 5.0


class Checkpoints:
    """Carries the log over after every so many commits; ``close`` ends the thread."""

    def __init__(self) -> None:
        self._commits = 0
        self._due = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    def committed(self) -> None:
        """Count a commit; for the one thread that writes."""
        self._commits += 1
        if self._commits < COMMITS:
            return
        self._commits = 0
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="arw-checkpoints", daemon=True)
            self._thread.start()
        self._due.set()

    def close(self) -> None:
        """Let the one under way end, and begin no other."""
        self._closed = True
        self._due.set()
        if self._thread is not None:
            self._thread.join(STOP_SECS)

    def _run(self) -> None:
        try:
            while self._due.wait() and not self._closed:
                self._due.clear()
                self._carry_over()
        finally:
            connection.close()

    def _carry_over(self) -> None:
        try:
            with connection.cursor() as cursor:
                # It waits for nobody, and holds up neither readers nor writers.
                cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
                cursor.fetchall()
        except DatabaseError as error:
            # The writer does it then.
            logger.warning("checkpoint_failed", extra={"error": type(error).__name__})
            connection.close()
