"""Processes of a node that end, however they do: what was answered is stored, and all go on."""

from __future__ import annotations

import asyncio
import functools
import json
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from django.utils import timezone

from leases.pseudonyms import keyed_digest
from leases.tokens import token_create
from telemetry.models import IdempotencyRecord, VibeSample
from tests.people import grant, someone
from tests.services.processes import eventually
from tests.telemetry.ingestion.conftest import Consenting
from tests.telemetry.ingestion.lean import LeanServers, Load, lean_servers
from tests.telemetry.ingestion.test_kill import CLIENTS, LONGEST_LIFE, PATIENCE

KILLED = 25  # nodes
STOPPED = 5


@pytest.fixture
def token(consenting: Consenting) -> str:
    consenting()
    grant("telemetry:persona:workspace")
    return token_create(user=someone("alice"), name="load", now=timezone.now())[1]


@contextmanager
def node(database_url: str, tmp_path: Path, folder: Path) -> Iterator[LeanServers]:
    """Servers that meet in ``folder``."""
    told = {"ARW_NODE_FOLDER": str(folder), "ARW_LOG_LEVEL": "info"}
    with (tmp_path / "log").open("wb") as log, lean_servers(database_url, log, **told) as servers:
        yield servers


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("n")


async def more_accepted(load: Load, count: int) -> None:
    wanted = len(load.accepted) + count
    async with asyncio.timeout(PATIENCE):
        while len(load.accepted) < wanted:  # noqa: ASYNC110  clients set no event for it
            await asyncio.sleep(0.002)


async def ended_one_by_one(load: Load, ends: Sequence[Callable[[], None]], chance: Random) -> None:
    """Clients at work on both; the second process goes on when the first has ended."""
    clients: list[asyncio.Task[None]] = []
    for end in ends:
        clients += [asyncio.create_task(load.client()) for _ in range(CLIENTS)]
        await more_accepted(load, 3 * CLIENTS)
        await asyncio.sleep(chance.uniform(0, LONGEST_LIFE))
        end()
    await asyncio.wait_for(asyncio.gather(*clients), PATIENCE)


def run_nodes(
    rounds: int, by: int, load: Load, servers: LeanServers, folder: Path, chance: Random
) -> None:
    """Begin and end so many nodes of two; in turns the one that writes ends first, and the other."""
    for number in range(rounds):
        writes = servers.begin()
        eventually((folder / "writer").exists, seconds=PATIENCE)
        both = [writes, servers.begin()]
        if number % 2:
            both.reverse()
        ends = [functools.partial(servers.end, child, by) for child in both]
        asyncio.run(ended_one_by_one(load, ends, chance))
        (folder / "writer").unlink(missing_ok=True)


def test_no_answered_sample_is_lost_whichever_is_killed(
    database_url: str, tmp_path: Path, folder: Path, token: str
) -> None:
    with node(database_url, tmp_path, folder) as servers:
        load = Load(servers.port, token)
        run_nodes(KILLED, signal.SIGKILL, load, servers, folder, Random(20_261_122))
    # What was handed to one that was killed may be stored, and whoever asked is told so.
    assert {(status, json.loads(body)["code"]) for status, body in load.others} <= {
        (503, "database_unavailable")
    }
    assert (tmp_path / "log").read_text().count("node_writer_began") > KILLED
    remembered = set(IdempotencyRecord.objects.values_list("key", flat=True))
    assert [name for name in load.accepted if keyed_digest(name) not in remembered] == []
    assert len(load.accepted) <= len(remembered) <= load.sent
    names = [one["n"] for one in VibeSample.objects.values_list("metadata", flat=True)]
    assert len(set(names)) == len(names)


def test_everything_is_stored_and_answered_when_they_are_asked_to_stop(
    database_url: str, tmp_path: Path, folder: Path, token: str
) -> None:
    with node(database_url, tmp_path, folder) as servers:
        load = Load(servers.port, token)
        run_nodes(STOPPED, signal.SIGTERM, load, servers, folder, Random(7))
    assert load.others == []
    stored = set(IdempotencyRecord.objects.values_list("key", flat=True))
    assert stored == {keyed_digest(name) for name in load.accepted}
    assert len(stored) == len(load.accepted) >= STOPPED * 6 * CLIENTS
