"""202 means committed: servers killed at random moments lose no answered sample (contract §7)."""

from __future__ import annotations

import asyncio
import functools
import itertools
import random
import signal
from collections.abc import Callable
from pathlib import Path

from django.db import connection
from django.utils import timezone

from leases.pseudonyms import keyed_digest
from leases.tokens import token_create
from telemetry.models import IdempotencyRecord, VibeSample
from tests.people import grant, someone
from tests.telemetry.ingestion.conftest import Consenting
from tests.telemetry.ingestion.lean import Load, lean_servers

KILLS = 100
CLIENTS = 8
LONE = 4  # each so many-th server has one client only, and commits on another thread
PATIENCE = 60  # seconds; nothing is expected to need them
LONGEST_LIFE = 0.15  # seconds under load, from the first answer to the kill


def test_it_loses_no_answered_sample_when_it_is_killed(
    database_url: str, tmp_path: Path, consenting: Consenting
) -> None:
    personas = tuple(f"persona.{number}" for number in range(4))
    for persona_id in personas:
        consenting(persona_id)
    grant("telemetry:persona:workspace")
    _, secret = token_create(user=someone("alice"), name="load", now=timezone.now())
    chance = random.Random(20_260_131)
    accepted: list[str] = []
    sent, numbers = 0, itertools.count()
    before = connected()
    for synchronous, kills in rounds():
        with (
            (tmp_path / "log").open("wb") as log,
            lean_servers(database_url, log, ARW_SQLITE_SYNCHRONOUS=synchronous) as servers,
        ):
            # What they are forked from holds no connection, which none of them would end.
            assert connected() == before
            load = Load(servers.port, secret, personas, numbers=numbers)
            for number in range(kills):
                kill = functools.partial(servers.end, servers.begin())
                asyncio.run(under_load(load, kill, chance, clients_of(number)))
        assert load.others == [], (tmp_path / "log").read_text()[-2000:]
        assert len(load.accepted) >= kills
        accepted += load.accepted
        sent += load.sent
    remembered = set(IdempotencyRecord.objects.values_list("key", flat=True))
    lost = [name for name in accepted if keyed_digest(name) not in remembered]
    assert lost == []
    # What nobody was told may be stored too; it was sent, and no more than once.
    assert len(accepted) <= len(remembered) <= sent
    newest = VibeSample.objects.order_by("-pk").values_list("metadata", flat=True)
    names = [f"sample-{one['n']}" for one in newest]
    assert len(set(names)) == len(names)
    assert {keyed_digest(name) for name in names} <= remembered
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            assert cursor.fetchone() == ("ok",)


def connected() -> set[int]:
    """The ids of PostgreSQL's processes that serve somebody on this database."""
    if connection.vendor != "postgresql":
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        return {pid for (pid,) in cursor.fetchall()}


def rounds() -> list[tuple[str, int]]:
    """How often a server is killed, with each setting that the database at hand knows."""
    if connection.vendor == "postgresql":
        return [("normal", KILLS)]
    return [("normal", KILLS), ("full", KILLS // 10)]


def clients_of(number: int) -> int:
    return CLIENTS if number % LONE else 1


async def under_load(
    load: Load, kill: Callable[[], None], chance: random.Random, count: int = CLIENTS
) -> None:
    """Clients at work; ``kill`` comes some moments after the first answer."""
    answered = asyncio.Event()
    clients = [asyncio.create_task(load.client(lambda _: answered.set())) for _ in range(count)]
    await asyncio.wait_for(answered.wait(), PATIENCE)
    await asyncio.sleep(chance.uniform(0, LONGEST_LIFE))
    kill()
    await asyncio.wait_for(asyncio.gather(*clients), PATIENCE)


def test_it_stores_and_answers_everything_when_it_is_asked_to_stop(
    database_url: str, tmp_path: Path, consenting: Consenting
) -> None:
    consenting()
    grant("telemetry:persona:workspace")
    _, secret = token_create(user=someone("alice"), name="load", now=timezone.now())
    with (tmp_path / "log").open("wb") as log, lean_servers(database_url, log) as servers:
        load = Load(servers.port, secret)
        for number in range(5):
            child = servers.begin()
            stop = functools.partial(servers.end, child, signal.SIGTERM)
            asyncio.run(under_load(load, stop, random.Random(7), clients_of(number)))
    assert load.others == []
    stored = set(IdempotencyRecord.objects.values_list("key", flat=True))
    assert stored == {keyed_digest(name) for name in load.accepted}
    assert len(stored) == len(load.accepted) >= 5
