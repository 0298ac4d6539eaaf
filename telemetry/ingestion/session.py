"""One transaction's hold on the database: its cursor, and how values are spelled there."""

from __future__ import annotations

import functools
import sqlite3
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec
from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper

from telemetry.ingestion.recall import Recall

if TYPE_CHECKING:
    from telemetry.ingestion.round_trip import RoundTrip

Question = tuple[str, Sequence[Any]]
"""A statement and its parameters."""


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
        self._queue: RoundTrip | None = None
        if self.vendor == "sqlite" and not database.queries_logged:
            self._direct = cursor.cursor
        if self.is_postgresql and not database.queries_logged:
            self._queue = _round_trip(database.connection)
        self._ends_here = not database.savepoint_ids
        self._ahead: dict[tuple[str, tuple[Any, ...]], list[Any]] = {}
        self._waiting: list[Callable[[list[Any]], None] | None] = []
        self._found: list[Any] = []
        self._written = 0
        self.in_doubt = False
        """Whether the end was asked for, and nobody can tell whether it happened."""
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

    def among(self, column: str, values: Sequence[Any]) -> Question:
        """The condition that ``column`` is one of the values; one statement for any number."""
        if self.is_postgresql:
            return f"{column} = ANY(%s)", [list(values)]
        return f"{column} IN ({', '.join(['%s'] * len(values))})", values

    def document(self, data: bytes) -> Any:
        """JSON as a value of a row for ``insert``."""
        return msgspec.Raw(data) if self.is_postgresql else data.decode()

    @property
    def reads_ahead(self) -> bool:
        """Whether ``read_ahead`` saves anything: SQLite answers at once, and recalls."""
        return self._queue is not None

    def read_ahead(self, questions: Sequence[Question]) -> None:
        """Ask at once, in this order, what ``rows`` will be asked for; each is answered once."""
        for statement, parameters in questions:
            self._add(statement, parameters)
        answers = self._send()
        for (statement, parameters), (rows, _) in zip(questions, answers, strict=True):
            self._ahead[_name(statement, parameters)] = rows

    def execute(self, statement: str, parameters: Sequence[Any]) -> None:
        """Run a statement with ``%s`` for each parameter; raises Django's database errors."""
        if self._direct is not None:
            with self._errors:
                sqlite3.Cursor.execute(self._direct, _in_sqlite(statement), parameters)
        elif self._queue is not None:
            self._add(statement, parameters)
            self._found, self._written = self._send()[-1]
        else:
            self.cursor.execute(statement, parameters)

    def later(
        self,
        statement: str,
        parameters: Sequence[Any],
        then: Callable[[list[Any]], None] | None = None,
    ) -> None:
        """Run it before whatever is run after it, at the end of the transaction at the latest.

        ``then`` is given the rows that it returned, if it is one that returns any.
        """
        if self._queue is not None:
            self._add(statement, parameters, then)
            return
        self.execute(statement, parameters)
        if then is not None:
            then(list(self._last.fetchall()))

    def rows(self, statement: str, parameters: Sequence[Any]) -> list[Any]:
        """What a query gives."""
        if self._ahead:
            known = self._ahead.pop(_name(statement, parameters), None)
            if known is not None:
                return known
        self.execute(statement, parameters)
        if self._queue is not None:
            return self._found
        found: list[Any] = self._last.fetchall()
        return found

    def finish(self) -> None:
        """Run what is left, and commit with it where the transaction is the session's own."""
        self.in_doubt = True
        if self._queue is None:
            return
        if self._ends_here:
            self._queue.command(b"COMMIT")
        if self._queue:
            self._send()

    @property
    def rowcount(self) -> int:
        """How many rows the last statement wrote."""
        return self._written if self._queue is not None else int(self._last.rowcount)

    @property
    def _last(self) -> Any:
        return self._direct or self.cursor

    def _add(
        self,
        statement: str,
        parameters: Sequence[Any],
        then: Callable[[list[Any]], None] | None = None,
    ) -> None:
        assert self._queue is not None  # noqa: S101  callers have looked
        with self._errors:
            self._queue.add(statement, parameters)
        self._waiting.append(then)

    def _send(self) -> list[tuple[list[Any], int]]:
        """What each of the queued statements gave."""
        queue, self._queue = self._queue, _round_trip(self._connection)
        waiting, self._waiting = self._waiting, []
        assert queue is not None  # noqa: S101  callers have looked
        try:
            with self._errors:
                answers = queue.run()
        except Error:
            # An answer that says no is an answer.
            self.in_doubt = self.in_doubt and self._connection.closed
            raise
        for then, (rows, _) in zip(waiting, answers, strict=True):
            if then is not None:
                then(rows)
        return answers

    def insert(self, statement: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
        """Write rows, later. PostgreSQL's statement takes them as one JSON array of objects.

        To adapt each value for psycopg takes longer than all the rest; PostgreSQL reads JSON fast.
        SQLite's has ``{rows}`` where the rows go, in portions of a few sizes: a statement for each
        row would let go of the interpreter, and wait for it, as often.
        """
        if self.is_postgresql:
            objects = [dict(zip(columns, row, strict=True)) for row in rows]
            self.later(statement, [_encode(objects).decode()])
            return
        at = 0
        while at < len(rows):
            size = min(_PORTION, 1 << ((len(rows) - at).bit_length() - 1))
            values = list(chain.from_iterable(rows[at : at + size]))
            self.execute(_filled(statement, len(rows[0]), size), values)
            at += size


def _name(statement: str, parameters: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    return statement, tuple(tuple(one) if isinstance(one, list) else one for one in parameters)


@functools.lru_cache(maxsize=64)
def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")


def _round_trip(link: Any) -> RoundTrip:
    from telemetry.ingestion.round_trip import RoundTrip  # SQLite does without psycopg

    return RoundTrip(link)


_PORTION = 32
_encode = msgspec.json.Encoder().encode


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
