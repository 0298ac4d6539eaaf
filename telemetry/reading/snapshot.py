"""A read transaction: everything in it is as of one commit, and nobody waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import DEFAULT_DB_ALIAS, connections

from telemetry.ingestion.session import Session

# Django's own transactions take SQLite's lock for writing at their start, and see each commit of
# others as it comes on PostgreSQL.
_BEGIN = {
    "sqlite": "BEGIN DEFERRED",
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
}


@contextmanager
def read_snapshot(now: datetime) -> Iterator[Session]:
    """A session on this thread's connection, which must not be in a transaction."""
    database = connections[DEFAULT_DB_ALIAS]
    with database.cursor() as cursor:
        cursor.execute(_BEGIN[database.vendor])
        try:
            yield Session(database, cursor, now)
        finally:
            cursor.execute("ROLLBACK")
