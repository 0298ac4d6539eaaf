"""Who writes telemetry and who stops it wait for each other (contract §6).

Without this a request that was judged just before a stop could still be stored just after the
stop was answered. SQLite has one writer at a time and needs nothing; on PostgreSQL any number of
writers share an advisory lock that a stop takes alone.
"""

from __future__ import annotations

from django.db import connection

# Any number does that nothing else in this database uses.
_LOCK = 0x6172_7768_616C_7400
# What ``halt_waits`` asks of PostgreSQL, for who sends statements in a way of its own.
HALT_WAITS = f"SELECT pg_advisory_xact_lock_shared({_LOCK})"


def halt_waits() -> None:
    """A stop waits until this transaction ends. To be called before the switch is read."""
    _take("pg_advisory_xact_lock_shared")


def halt_alone() -> None:
    """Wait for all who write telemetry, and keep new ones waiting until this transaction ends."""
    _take("pg_advisory_xact_lock")


def _take(function: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [_LOCK])  # one of two names, both above
