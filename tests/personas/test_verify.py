"""Proving a history that somebody wrote to past the server, by raw SQL (contract §5)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils.dateparse import parse_datetime
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leases.models import User
from personas.documents.chain import Anchor
from personas.models import HistoryEntry, Persona
from personas.signals import anchor_asked
from personas.verification import persona_verify
from tests.fixtures import ApiFor
from tests.people import make_persona, propose
from tests.personas.workflow import add, approve, replace

pytestmark = pytest.mark.django_db
TABLE = "persona_history"
# Beside these there is only the number of the row, which says nothing about the record.
COLUMNS = sorted(
    field.column for field in HistoryEntry._meta.concrete_fields if field.column != "id"
)


def run(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        assert cursor.rowcount == 1


def write(version: int, column: str, value: Any) -> None:
    run(f'UPDATE {TABLE} SET "{column}" = %s WHERE version = %s', value, version)


@contextmanager
def unchecked() -> Iterator[None]:
    """Whoever holds the file of an SQLite database can turn its constraints off."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        yield
        cursor.execute("PRAGMA ignore_check_constraints = OFF")


def delete(version: int) -> None:
    run(f"DELETE FROM {TABLE} WHERE version = %s", version)


@pytest.fixture
def longer(bob: User) -> Persona:
    """A persona at version 6."""
    persona = make_persona()
    for at in range(5):
        approve(bob, propose(persona, add(f"/traits/k{at}", {"at": at, "é": [1.5, None, "x"]})))
    return Persona.objects.get()


def found(persona: Persona) -> tuple[bool, int | None, str]:
    report = persona_verify(Persona.objects.get(pk=persona.pk))
    return report.ok, report.first_bad_version, report.reason


def test_it_finds_nothing_wrong(api: ApiFor, alice: User, longer: Persona) -> None:
    answer = api(alice).get(f"/state/persona/{longer.id}/verify").json()
    assert answer.pop("anchor") in {"anchored", "unanchored"}
    assert answer == {
        "persona_id": longer.id,
        "ok": True,
        "checked": 6,
        "version": 6,
        "first_bad_version": None,
        "reason": None,
        "detail": None,
    }


def test_it_answers_over_http(api: ApiFor, alice: User, longer: Persona) -> None:
    delete(3)
    answer = api(alice).get(f"/state/persona/{longer.id}/verify")
    assert answer.status_code == 200
    assert (answer.json()["ok"], answer.json()["reason"]) == (False, "deleted")
    assert (answer.json()["checked"], answer.json()["first_bad_version"]) == (2, 3)


@pytest.mark.parametrize("version", [1, 6])
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kind", "consent"),
        ("diff", json.dumps(add("/traits/k9"))),
        ("diff", json.dumps({"not": "a patch"})),
        ("diff", json.dumps([{"op": "add", "path": "/traits/n", "value": 10**30}])),
        ("inverse", "[]"),
        ("document_digest", "0" * 64),
        ("prev_hash", "f" * 64),
        ("entry_hash", "0" * 64),
    ],
)
def test_it_finds_an_edited_row(longer: Persona, column: str, value: str, version: int) -> None:
    write(version, column, value)
    assert found(longer) == (False, version, "edited")


def test_it_finds_an_instant_moved_by_less_than_it_shows(longer: Persona) -> None:
    moment = HistoryEntry.objects.get(version=4).applied_at + timedelta(microseconds=1)
    if connection.vendor == "sqlite":
        write(4, "applied_at", moment.replace(tzinfo=None).isoformat(" "))
    else:
        write(4, "applied_at", moment)
    assert found(longer) == (False, 4, "edited")


def test_it_finds_a_row_by_another_hand(longer: Persona, dana: User) -> None:
    raw = dana.pk.hex if connection.vendor == "sqlite" else dana.pk
    write(5, "applied_by_id", raw)
    assert found(longer) == (False, 5, "edited")


@pytest.mark.parametrize("version", [1, 2, 5])
def test_it_finds_a_deleted_row(longer: Persona, version: int) -> None:
    delete(version)
    assert found(longer) == (False, version, "deleted")


@pytest.mark.parametrize(("one", "other"), [(2, 3), (1, 6), (4, 6)])
def test_it_finds_swapped_rows(longer: Persona, one: int, other: int) -> None:
    for old, new in ((one, 99), (other, one), (99, other)):
        write(old, "version", new)
    assert found(longer) == (False, one, "swapped")


def test_it_finds_a_renumbered_row(longer: Persona) -> None:
    write(6, "version", 7)
    assert found(longer) == (False, 6, "renumbered")


def test_it_finds_a_gap_that_was_closed(longer: Persona) -> None:
    delete(3)
    for version in (4, 5, 6):
        write(version, "version", version - 1)
    assert found(longer)[:2] == (False, 3)


@pytest.mark.parametrize("kept", [1, 4, 5])
def test_it_finds_a_cut_tail(longer: Persona, kept: int) -> None:
    for version in range(6, kept, -1):
        delete(version)
    assert found(longer) == (False, kept + 1, "truncated")


def test_it_finds_a_tail_cut_with_its_record_by_the_anchor(longer: Persona) -> None:
    """Who cuts the table and sets the record back leaves nothing inside of the database."""
    newest = HistoryEntry.objects.get(version=6)
    then = HistoryEntry.objects.get(version=5)
    old = longer.traits
    delete(6)
    run(
        "UPDATE persona_entries SET version = 5, traits = %s WHERE version = 6",
        json.dumps({key: value for key, value in old.items() if key != "k4"}),
    )
    assert then.version == 5

    def answer(**facts: Any) -> Anchor:
        return Anchor(6, newest.entry_hash)

    assert persona_verify(Persona.objects.get()).ok
    anchor_asked.connect(answer)
    try:
        assert found(longer) == (False, 6, "truncated")
    finally:
        anchor_asked.disconnect(answer)


@pytest.mark.parametrize(
    ("column", "value"), [("name", "Mallory"), ("traits", "{}"), ("owner_ref", "elsewhere")]
)
def test_it_finds_an_edited_document(longer: Persona, column: str, value: str) -> None:
    run(f'UPDATE persona_entries SET "{column}" = %s WHERE version = 6', value)
    assert found(longer) == (False, 6, "document_edited")


@pytest.mark.parametrize(("version", "reason"), [(5, "document_edited"), (7, "truncated")])
def test_it_finds_an_edited_version(longer: Persona, version: int, reason: str) -> None:
    run("UPDATE persona_entries SET version = %s WHERE version = 6", version)
    ok, _, found_reason = found(longer)
    assert (ok, found_reason) == (False, reason)


def test_it_is_not_confused_by_a_change_meanwhile(longer: Persona, bob: User) -> None:
    """Read before another change was committed, the record is older than its history."""
    earlier = Persona.objects.get()
    approve(bob, propose(longer, replace("/name", "Later")))
    report = persona_verify(earlier)
    assert (report.ok, report.checked) == (True, 7)


def test_it_says_so_when_a_row_cannot_be_read(api: ApiFor, alice: User, longer: Persona) -> None:
    """SQLite holds whatever is written into a column; PostgreSQL would refuse."""
    if connection.vendor != "sqlite":
        return
    for column in ("diff", "inverse", "applied_at", "applied_by_id"):
        with transaction.atomic():
            with unchecked():
                run(f'UPDATE {TABLE} SET "{column}" = \'["x\' WHERE version = 4')
            answer = api(alice).get(f"/state/persona/{longer.id}/verify")
            assert (answer.status_code, answer.json()["reason"]) == (200, "edited"), column
            assert (answer.json()["checked"], answer.json()["first_bad_version"]) == (3, 4)
            transaction.set_rollback(True)


@given(data=st.data())
@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_it_finds_any_change_of_any_column(longer: Persona, data: st.DataObject) -> None:
    """One character of one column of one row, as the database stores it."""
    version = data.draw(st.integers(1, 6))
    column = data.draw(st.sampled_from(COLUMNS))
    with transaction.atomic():
        stored = raw_value(version, column)
        changed = data.draw(tampered(stored))
        if accepted(version, column, changed) and differs(stored, raw_value(version, column)):
            ok, first, reason = found(longer)
            assert not ok, (column, stored, changed)
            assert first is not None
            assert first <= 6
            assert reason
        transaction.set_rollback(True)
    assert found(longer) == (True, None, "")


def raw_value(version: int, column: str) -> Any:
    """The column as text, or as the number that it is."""
    number = column == "version"
    what = f'"{column}"' if number else f'CAST("{column}" AS TEXT)'
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {what} FROM {TABLE} WHERE version = %s", [version])
        row = cursor.fetchone()
    return None if row is None else row[0]


def tampered(stored: Any) -> st.SearchStrategy[Any]:
    """The value with one bit or one character changed; a value where there was none."""
    if stored is None:
        return st.just("00000000000000000000000000000000")
    if isinstance(stored, int):
        return st.integers(0, 30).map(lambda bit: stored ^ (1 << bit))
    places = st.integers(0, len(stored) - 1)
    flips = st.tuples(places, st.integers(0, 6)).map(
        lambda at: stored[: at[0]] + chr(ord(stored[at[0]]) ^ (1 << at[1])) + stored[at[0] + 1 :]
    )
    cuts = places.map(lambda at: stored[:at] + stored[at + 1 :])
    return (flips | cuts).filter(lambda text: "\x00" not in text)


def accepted(version: int, column: str, value: Any) -> bool:
    """Whether the database lets it be written: constraints and types guard a part."""
    try:
        with transaction.atomic():
            write(version, column, value)
            connection.check_constraints([TABLE])
    except Exception:  # noqa: BLE001  whatever the database says, it refused
        return False
    return True


def differs(stored: Any, now: Any) -> bool:
    """Whether it means something else: other white space or another spelling do not."""
    if now is None or stored is None or isinstance(stored, int) or isinstance(now, int):
        return True
    for read in (json.loads, parse_datetime):
        try:
            if read(stored) is not None and read(stored) == read(now):
                return False
        except ValueError:
            continue
    return bool(stored.lower() != now.lower())
