"""Many statements in one round trip behave as if each had been sent alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from telemetry.ingestion.round_trip import RoundTrip
from tests.services.postgresql import PostgreSQL

LOCK = "SELECT pg_advisory_xact_lock(77)"
ADD = "INSERT INTO kept (name, number) VALUES (%s, %s)"
ALL = "SELECT name, number FROM kept ORDER BY number"
WAITS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

Link = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def database(postgresql: PostgreSQL) -> Iterator[str]:
    """The URL of a database with one empty table."""
    url = postgresql.create("round_trips").replace("postgres://", "postgresql://")
    with psycopg.connect(url) as link:
        link.execute("CREATE TABLE kept (name text, number int UNIQUE)")
    yield url
    postgresql.drop("round_trips")


@pytest.fixture
def link(database: str) -> Iterator[Link]:
    with psycopg.connect(database) as opened:
        yield opened


def trip(link: Link, *asked: tuple[str, tuple[object, ...]]) -> list[Any]:
    one = RoundTrip(link)
    for statement, parameters in asked:
        one.add(statement, parameters)
    return list(one.run())


def stored(database: str) -> list[tuple[object, ...]]:
    """What anybody else sees."""
    with psycopg.connect(database) as other:
        return other.execute(ALL).fetchall()


def test_it_tells_what_each_statement_gave(link: Link, database: str) -> None:
    for number in (1, 3):  # prepared by the first, used again by the second
        more = (ADD, ("two", number + 1))
        answers = trip(link, (ADD, ("one", number)), more, (ALL, ()))
        assert answers[:2] == [([], 1), ([], 1)]
        rows, count = answers[2]
        assert count == len(rows) == number + 1
        assert rows[-2:] == [("one", number), ("two", number + 1)]
    assert stored(database) == []
    link.commit()
    assert len(stored(database)) == 4


def test_it_shows_each_statement_what_was_committed_while_the_one_before_waited(
    link: Link, database: str
) -> None:
    answers: list[Any] = []
    with psycopg.connect(database) as other, psycopg.connect(database, autocommit=True) as watch:
        other.execute(LOCK)
        other.execute(ADD, ("before", 1))
        thread = threading.Thread(target=lambda: answers.extend(trip(link, (LOCK, ()), (ALL, ()))))
        thread.start()
        while watch.execute(WAITS).fetchone() != (1,):
            assert thread.is_alive()
        assert answers == []
        other.commit()
        thread.join()
    assert answers[1] == ([("before", 1)], 1)


def test_it_raises_the_first_error_and_carries_out_nothing_after_it(
    link: Link, database: str
) -> None:
    trip(link, (ADD, ("one", 1)))
    link.commit()
    one = RoundTrip(link)
    one.add(ADD, ("again", 1))
    one.add("UPDATE kept SET name = 'moved' WHERE number = %s", (1,))
    one.command(b"COMMIT")
    with pytest.raises(psycopg.errors.UniqueViolation) as failed:
        one.run()
    assert failed.value.diag.constraint_name == "kept_number_key"
    assert link.info.transaction_status == psycopg.pq.TransactionStatus.INERROR
    link.rollback()
    assert stored(database) == [("one", 1)]
    # What was not reached was not prepared either, and is when it is wanted.
    answers = trip(link, ("UPDATE kept SET name = 'moved' WHERE number = %s", (1,)), (ALL, ()))
    assert answers == [([], 1), ([("moved", 1)], 1)]


def test_it_commits_with_the_last_of_them(link: Link, database: str) -> None:
    one = RoundTrip(link)
    one.add(ADD, ("one", 1))
    one.command(b"COMMIT")
    one.run()
    assert link.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert stored(database) == [("one", 1)]


def test_it_refuses_a_value_that_has_no_place_before_anything_is_sent(link: Link) -> None:
    one = RoundTrip(link)
    with pytest.raises(psycopg.DataError):
        one.add(ADD, ("\x00", 1))
    assert link.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert trip(link, (ALL, ())) == [([], 0)]


def test_it_carries_more_than_any_buffer_holds_both_ways(link: Link) -> None:
    texts = [character * 3_000_000 for character in "abcd"]
    answers = trip(link, *[("SELECT %s::text", (text,)) for text in texts])
    assert answers == [([(text,)], 1) for text in texts]


def test_it_closes_a_connection_that_was_lost(link: Link, database: str) -> None:
    trip(link, (ADD, ("one", 1)))
    with psycopg.connect(database, autocommit=True) as other:
        ended = "SELECT pg_terminate_backend(%s)"
        other.execute(ended, (link.info.backend_pid,))
        with pytest.raises(psycopg.OperationalError):
            trip(link, (ADD, ("two", 2)), (ALL, ()))
    assert link.closed
    assert stored(database) == []


def test_it_forgets_what_was_prepared_longest_ago(link: Link) -> None:
    for number in range(450):
        assert trip(link, (f"SELECT {number} + %s::int", (1,))) == [([(number + 1,)], 1)]
    held = link.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()
    assert held is not None
    assert held[0] == 200
