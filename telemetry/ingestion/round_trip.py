"""Many statements, one round trip: PostgreSQL's pipeline mode, asked by way of libpq itself.

psycopg waits, and lets go of the interpreter, once for each statement that it sends, also in its
own pipeline mode. A writer that shares the interpreter with a busy event loop then waits for it as
often, which takes longer than all that the database has to do.
"""

from __future__ import annotations

import functools
import itertools
import select
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult

Rows = list[tuple[Any, ...]]
_Name = tuple[str, tuple[int, ...]]

# By connection: what was prepared there, and under which name.
_prepared: WeakKeyDictionary[psycopg.Connection[Any], dict[_Name, bytes]] = WeakKeyDictionary()
_numbers = itertools.count(1)
_PREPARED_MAX = 200


class RoundTrip:
    """Statements on ``link`` that are sent together, in their order, by ``run``.

    Each sees what the ones before it have done, and what others had committed when it began, as
    if it had been sent alone.
    """

    def __init__(self, link: psycopg.Connection[Any]) -> None:
        self._link = link
        self._adapted = Transformer(link)
        self._known = _prepared.setdefault(link, {})
        self._calls: list[Callable[[PGconn], None]] = []
        self._asked: list[int] = []
        self._new: dict[int, _Name] = {}

    def __bool__(self) -> bool:
        return bool(self._calls)

    def add(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        """Queue a statement with ``%s`` for each parameter; it is prepared once.

        Raises psycopg's ``DataError`` for a value that PostgreSQL has no place for.
        """
        if not self._calls:
            self._begin()
        adapted = self._adapted
        values = adapted.dump_sequence(parameters, [PyFormat.AUTO] * len(parameters))
        types, formats = adapted.types, adapted.formats
        key = statement, types or ()
        name = self._known.get(key)
        if name is None:
            if len(self._known) >= _PREPARED_MAX:
                self.command(b"DEALLOCATE " + self._known.pop(next(iter(self._known))))
            name = self._known[key] = b"arw_%d" % next(_numbers)
            self._new[len(self._calls)] = key
            text = _numbered(statement)
            self._calls.append(lambda pg: pg.send_prepare(name, text, types))
        self._asked.append(len(self._calls))
        self._calls.append(lambda pg: pg.send_query_prepared(name, values, formats))

    def command(self, text: bytes) -> None:
        """Queue what takes no parameters and gives no rows; its answer is not told."""
        self._calls.append(lambda pg: pg.send_query_params(text, None))

    def run(self) -> list[tuple[Rows, int]]:
        """The rows that each statement gave, and how many it wrote.

        Raises psycopg's error of the first one that failed. What was queued after it is not
        carried out.
        """
        try:
            results = self._exchange()
        except BaseException:
            # Nobody knows what the next answer would be the answer to.
            self._link.close()
            raise
        for place, key in self._new.items():
            if results[place].status != ExecStatus.COMMAND_OK:
                self._known.pop(key, None)
        for result in results:
            if result.status == ExecStatus.FATAL_ERROR:
                raise error_from_result(result)
        return [self._read(results[place]) for place in self._asked]

    def _begin(self) -> None:
        """What psycopg does before the first statement of a transaction, by a round trip of its own."""
        link = self._link
        if not link.autocommit and link.pgconn.transaction_status == TransactionStatus.IDLE:
            level = link.isolation_level
            kind = b"" if level is None else f" ISOLATION LEVEL {level.name}".encode()
            self.command(b"BEGIN" + kind.replace(b"_", b" "))

    def _exchange(self) -> list[PGresult]:
        pg = self._link.pgconn
        pg.enter_pipeline_mode()
        for call in self._calls:
            call(pg)
        pg.pipeline_sync()
        poll = select.poll()
        poll.register(pg.socket, select.POLLIN | select.POLLOUT)
        while pg.flush():
            # Both ways: a server that cannot get rid of its answers takes no more questions.
            poll.poll()
            pg.consume_input()
        poll.modify(pg.socket, select.POLLIN)
        results: list[PGresult] = []
        while True:
            if pg.is_busy():
                poll.poll()
                pg.consume_input()
                continue
            result = pg.get_result()
            if result is None:  # the end of one answer
                if pg.status == ConnStatus.BAD:
                    raise psycopg.OperationalError("the connection is lost")
            elif result.status == ExecStatus.PIPELINE_SYNC:
                pg.exit_pipeline_mode()
                return results
            else:
                results.append(result)

    def _read(self, result: PGresult) -> tuple[Rows, int]:
        if result.status != ExecStatus.TUPLES_OK:
            return [], result.command_tuples or 0
        self._adapted.set_pgresult(result)
        return self._adapted.load_rows(0, result.ntuples, tuple), result.ntuples


@functools.lru_cache(maxsize=256)
def _numbered(statement: str) -> bytes:
    first, *rest = statement.split("%s")
    return (first + "".join(f"${number}{text}" for number, text in enumerate(rest, 1))).encode()
