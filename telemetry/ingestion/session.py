"""One transaction's hold on the database: its cursor, and how values are spelled there."""

from __future__ import annotations

import functools
import sqlite3
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.db.backends.base.base import BaseDatabaseWrapper

from telemetry.ingestion.recall import Recall

if TYPE_CHECKING:
    import psycopg


class Session:
    """A cursor on ``database``; statements and values go as this kind of database wants them.

    ``recall`` is what earlier transactions of this connection have read, where they share it.
    """

    def __init__(
        self,
        database: BaseDatabaseWrapper,
        cursor: Any,
        now: datetime,
        recall: Recall | None = None,
    ) -> None:
        self.cursor = cursor
        self.now = now
        self.vendor: str = database.vendor
        self.is_postgresql = database.vendor == "postgresql"
        self.moment = self.stamp(now)
        # Django's cursor rewrites and wraps each statement anew, which takes longer than SQLite
        # needs for it, and has PostgreSQL parse and plan it anew. The driver is asked directly,
        # unless somebody wants to see the queries.
        self._errors = database.wrap_database_errors
        self._connection = database.connection
        self._direct: sqlite3.Cursor | None = None
        self._prepared: psycopg.Cursor[Any] | None = None
        if self.vendor == "sqlite" and not database.queries_logged:
            self._direct = cursor.cursor
        if self.is_postgresql and not database.queries_logged:
            self._prepared = _prepared_cursor(database.connection)
        self.recall = Recall() if recall is None else recall
        if recall is not None:
            recall.renew(database.connection, self._version(), now)

    def mark(self) -> tuple[object, int] | None:
        """The same as before only where nobody else has committed since; None: there is no saying.

        For a connection that itself writes nothing.
        """
        version = self._version()
        return None if version is None else (self._connection, version)

    def _version(self) -> int | None:
        """A number that another connection's commit changes, as far as the database has one."""
        if self._direct is None:
            return None
        ((version,),) = self.rows("PRAGMA data_version", ())
        return int(version)

    def stamp(self, moment: datetime) -> Any:
        """The instant as a parameter; SQLite keeps text in UTC."""
        return moment if self.is_postgresql else _text(moment)

    def identity(self, value: uuid.UUID | str) -> Any:
        """The id as a parameter; SQLite keeps 32 hex digits."""
        one = value if isinstance(value, uuid.UUID) else uuid.UUID(value)
        return one if self.is_postgresql else one.hex

    def execute(self, statement: str, parameters: Sequence[Any]) -> None:
        """Run a statement with ``%s`` for each parameter; raises Django's database errors."""
        if self._direct is not None:
            with self._errors:
                sqlite3.Cursor.execute(self._direct, _in_sqlite(statement), parameters)
        elif self._prepared is not None:
            with self._errors:
                self._prepared.execute(statement.encode(), parameters, prepare=True)
        else:
            self.cursor.execute(statement, parameters)

    def rows(self, statement: str, parameters: Sequence[Any]) -> list[Any]:
        """What a query gives."""
        self.execute(statement, parameters)
        found: list[Any] = self._last.fetchall()
        return found

    @property
    def rowcount(self) -> int:
        """How many rows the last statement wrote."""
        return int(self._last.rowcount)

    @property
    def _last(self) -> Any:
        return self._direct or self._prepared or self.cursor

    def insert(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        """Write rows. PostgreSQL's statement takes a list for each column.

        SQLite's has ``{rows}`` where the rows go, in portions of a few sizes: a statement for each
        row would let go of the interpreter, and wait for it, as often.
        """
        if self.is_postgresql:
            self.execute(statement, [list(column) for column in zip(*rows, strict=True)])
            return
        at = 0
        while at < len(rows):
            size = min(_PORTION, 1 << ((len(rows) - at).bit_length() - 1))
            values = list(chain.from_iterable(rows[at : at + size]))
            self.execute(_filled(statement, len(rows[0]), size), values)
            at += size


@functools.lru_cache(maxsize=64)
def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")


def _prepared_cursor(link: Any) -> psycopg.Cursor[Any]:
    import psycopg  # SQLite does without it

    return psycopg.Cursor(link)


_PORTION = 32


@functools.lru_cache(maxsize=64)
def _filled(statement: str, columns: int, rows: int) -> str:
    row = f"({', '.join(['%s'] * columns)})"
    return statement.replace("{rows}", ", ".join([row] * rows))


@functools.lru_cache(maxsize=256)
def _in_sqlite(statement: str) -> str:
    return statement.replace("%s", "?")


@functools.lru_cache(maxsize=4096)
def as_uuid(value: Any) -> uuid.UUID:
    """The id that a raw row holds."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


def as_utc(value: datetime) -> datetime:
    """The instant that a raw row holds; SQLite's know no zone and are UTC."""
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
