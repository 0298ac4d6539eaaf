"""The write-ahead log is carried over beside the writer, and what is committed stays readable."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing

import pytest
from django.db import connection
from django.utils import timezone

from leases.models import User
from telemetry.ingestion.checkpoints import COMMITS
from telemetry.ingestion.ingestor import Ingestor
from telemetry.models import IdempotencyRecord, VibeSample
from telemetry.services.feedback import feedback_record
from tests.people import grant, someone
from tests.telemetry.ingestion.conftest import Consenting

pytestmark = pytest.mark.django_db(transaction=True)

Give = Callable[[str], None]


@pytest.fixture
def alice(transactional_db: None) -> User:
    return someone("alice")


@pytest.fixture
def give(alice: User, consenting: Consenting, ingestor: Ingestor) -> Give:
    consenting()
    grant("telemetry:persona:workspace")

    def one(key: str) -> None:
        feedback_record(
            actor=alice,
            persona_id="persona.alpha",
            body={"signal": "warmer"},
            idempotency_key=key,
            now=timezone.now(),
        )

    return one


def carried_over() -> int:
    """How many keys the database file holds by itself, without its log."""
    uri = f"file:{connection.settings_dict['NAME']}?immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as file:
        try:
            ((count,),) = file.execute("SELECT count(*) FROM telemetry_idempotency").fetchall()
        except sqlite3.DatabaseError:
            return -1  # a page is being written at this very moment
    return int(count)


def threads() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name == "arw-checkpoints"]


def test_it_carries_the_log_over_while_the_writer_goes_on(give: Give, ingestor: Ingestor) -> None:
    assert threads() == []
    for number in range(COMMITS - 1):
        give(f"k{number}")
    assert threads() == []
    give("last")
    if connection.vendor == "postgresql":
        assert threads() == []  # it has no such log
        return
    deadline = time.monotonic() + 60
    while (carried := carried_over()) < COMMITS and time.monotonic() < deadline:
        give(f"later{time.monotonic()}")
    assert carried >= COMMITS
    assert threads() == ["arw-checkpoints"]
    assert IdempotencyRecord.objects.count() >= COMMITS
    assert VibeSample.objects.count() == 50
    ingestor.close()
    assert threads() == []
