"""Processes of one node write together: one commits for all, and nothing else is different."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from leases.models import User
from telemetry.errors import Overloaded, RateLimited
from telemetry.ingestion.claims import principal_claim
from telemetry.ingestion.ingestor import Ingestor
from telemetry.ingestion.node.frames import Unnamed
from telemetry.ingestion.node.sharing import LONGEST_PATH, Sharing
from telemetry.ingestion.submission import Outcome, Submission, submission
from telemetry.models import VibeSample
from telemetry.samples import Sample
from telemetry.services.consent import consent_set
from tests.people import grant, someone
from tests.telemetry.ingestion.conftest import Consenting, Doors
from tests.telemetry.ingestion.exchange import Request, exchange
from tests.telemetry.ingestion.test_ingestor import nothing_can_be_written, until

Bearer = Callable[[User], tuple[str, str]]
FEEDBACK = "/persona/persona.alpha/feedback"


@pytest.fixture
def second(transactional_db: None) -> Iterator[Ingestor]:
    """The ingestor of a process that finds another one writing."""
    one = Ingestor()
    yield one
    one.close()


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("n")


@pytest.fixture
def alice(consenting: Consenting) -> User:
    consenting()
    grant("telemetry:persona:workspace")
    return someone("alice")


def sample(by: User, number: int = 0, count: int = 1, **fields: Any) -> Submission:
    samples = [Sample(signal="warmer", metadata={"n": number}, **fields) for _ in range(count)]
    return submission(principal_claim(by), "persona.alpha", samples, key=None, in_batch=count > 1)


@asynccontextmanager
async def together(folder: Path, writes: Ingestor, hands: Ingestor) -> AsyncIterator[list[Sharing]]:
    """``writes`` does so for ``hands``; both have left when this is over."""
    sharing = [Sharing(folder, writes), Sharing(folder, hands)]
    sharing[0].start()
    await until((folder / "writer").exists)
    sharing[1].start()
    await until(lambda: sharing[1].hands_in)
    try:
        yield sharing
    finally:
        await sharing[1].leave()
        await sharing[0].leave()


def own_writer(ingestor: Ingestor) -> bool:
    """Whether its own writer was ever needed."""
    return ingestor._thread is not None


async def outcomes(*asked: asyncio.Future[Outcome]) -> list[Outcome]:
    return await asyncio.wait_for(asyncio.gather(*asked), 60)


def test_one_writes_for_both(
    ingestor: Ingestor, second: Ingestor, folder: Path, alice: User
) -> None:
    async def give() -> list[Outcome]:
        async with together(folder, ingestor, second):
            asked = [(ingestor, second)[n % 2].submit_soon(sample(alice, n)) for n in range(40)]
            assert second.waiting == 20
            return await outcomes(*asked)

    assert asyncio.run(give()) == [1] * 40
    assert not own_writer(second)
    assert ingestor.waiting == second.waiting == ingestor.reserved == 0
    stored = VibeSample.objects.values_list("metadata", flat=True)
    assert sorted(one["n"] for one in stored) == list(range(40))


def test_the_door_says_the_same(
    doors: Doors, ingestor: Ingestor, second: Ingestor, folder: Path, alice: User, bearer: Bearer
) -> None:
    """What is refused, and in which words, is not to be told from a process that writes alone."""
    headers = (("Content-Type", "application/json"), bearer(alice), ("X-Request-Id", "one"))
    asked = [
        Request(FEEDBACK, (b'{"signal":"warmer","id":"a"}',), headers=headers),
        Request(FEEDBACK, (b'{"signal":"cooler","id":"a"}',), headers=headers),
        Request("/persona/persona.none/feedback", (b"{}",), headers=headers),
        Request(FEEDBACK, (b'{"strength":2}',), headers=headers),
    ]

    async def answers() -> list[tuple[int, bytes]]:
        return [(one.status, one.body) for one in [await exchange(doors.thin, r) for r in asked]]

    async def handed_in() -> list[tuple[int, bytes]]:
        await exchange(doors.thin, asked[0])  # what answers look like is learned from Django
        async with together(folder, second, ingestor):
            return await answers()

    there = asyncio.run(handed_in())
    assert own_writer(second)
    assert asyncio.run(answers()) == there
    assert [status for status, _ in there] == [202, 409, 404, 400]
    assert VibeSample.objects.count() == 1


def test_a_withdrawal_is_seen_at_once(
    ingestor: Ingestor, second: Ingestor, folder: Path, alice: User
) -> None:
    grant("persona:manage")

    def withdraw() -> None:
        consent_set(
            actor=someone("dana"), persona_id="persona.alpha", enabled=False, now=timezone.now()
        )

    async def give() -> list[Outcome]:
        async with together(folder, ingestor, second):
            before = await outcomes(second.submit_soon(sample(alice)))
            await asyncio.to_thread(withdraw)
            return before + await outcomes(second.submit_soon(sample(alice)))

    before, after = asyncio.run(give())
    assert before == 1
    assert isinstance(after, Unnamed)
    assert not own_writer(second)


def test_a_wait_is_told(
    ingestor: Ingestor, second: Ingestor, folder: Path, alice: User, settings: Any
) -> None:
    settings.ARW_PERSONA_FEEDBACK_RATE = 3

    async def give() -> list[Outcome]:
        async with together(folder, ingestor, second):
            return await outcomes(*(second.submit_soon(sample(alice, n)) for n in range(5)))

    told = asyncio.run(give())
    assert told[:3] == [1, 1, 1]
    for one in told[3:]:
        assert isinstance(one, RateLimited)
        assert 0 < one.wait <= 60
    assert VibeSample.objects.count() == 3


def test_more_than_may_wait_is_refused(second: Ingestor, folder: Path, alice: User) -> None:
    writes = Ingestor(max_samples=2)
    held, free = threading.Event(), threading.Event()

    def hold() -> None:
        with nothing_can_be_written():
            held.set()
            assert free.wait(60)
        connection.close()

    async def give() -> list[Outcome]:
        async with together(folder, writes, second):
            holding = asyncio.create_task(asyncio.to_thread(hold))
            await until(held.is_set)
            asked = [second.submit_soon(sample(alice, n)) for n in range(4)]
            await until(asked[3].done)
            assert not asked[0].done()
            free.set()
            await holding
            return await outcomes(*asked)

    try:
        told = asyncio.run(give())
    finally:
        writes.close()
    assert told[:2] == [1, 1]
    assert [type(one) for one in told[2:]] == [Overloaded, Overloaded]
    assert VibeSample.objects.count() == 2
    assert writes.reserved == 0


def test_large_requests_are_written_where_they_arrive(
    ingestor: Ingestor, second: Ingestor, folder: Path, alice: User
) -> None:
    async def give() -> list[Outcome]:
        async with together(folder, ingestor, second):
            return await outcomes(second.submit_soon(sample(alice, count=17)))

    assert asyncio.run(give()) == [17]
    assert own_writer(second)
    assert not own_writer(ingestor)


def test_who_leaves_answers_first_and_another_takes_the_place(
    ingestor: Ingestor, second: Ingestor, folder: Path, alice: User
) -> None:
    third = Ingestor()

    async def give() -> list[Outcome]:
        async with together(folder, ingestor, second) as sharing:
            asked = [second.submit_soon(sample(alice, n)) for n in range(10)]
            leaving = asyncio.create_task(sharing[0].leave())
            asked += [second.submit_soon(sample(alice, n)) for n in range(10, 20)]
            await leaving
            told = await outcomes(*asked)
            told += await outcomes(second.submit_soon(sample(alice, 20)))
            await until(lambda: sharing[1].writes)
            last = Sharing(folder, third)
            last.start()
            await until(lambda: last.hands_in)
            told += await outcomes(third.submit_soon(sample(alice, 21)))
            await last.leave()
            return told

    try:
        assert asyncio.run(give()) == [1] * 22
    finally:
        third.close()
    assert own_writer(second)
    assert not own_writer(third)
    stored = VibeSample.objects.values_list("metadata", flat=True)
    assert sorted(one["n"] for one in stored) == list(range(22))


def test_a_stranger_to_the_socket_harms_nobody(
    ingestor: Ingestor, second: Ingestor, folder: Path, alice: User
) -> None:
    async def give() -> list[Outcome]:
        async with together(folder, ingestor, second):
            reader, writer = await asyncio.open_unix_connection(str(folder / "writer"))
            writer.write(b"GET / HTTP/1.1\r\n\r\n" + b"\0\0\0\1\xc1")
            assert await asyncio.wait_for(reader.read(), 60) == b""
            writer.close()
            return await outcomes(second.submit_soon(sample(alice)))

    assert asyncio.run(give()) == [1]
    assert not own_writer(second)


def test_what_is_left_of_a_process_that_was_killed_is_in_nobodys_way(
    ingestor: Ingestor, second: Ingestor, folder: Path, alice: User
) -> None:
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(folder / "writer"))
    dead.close()

    async def give() -> list[Outcome]:
        writes, hands = Sharing(folder, ingestor), Sharing(folder, second)
        writes.start()
        hands.start()
        await until(lambda: hands.hands_in or writes.hands_in)
        told = await outcomes(*(one.submit_soon(sample(alice)) for one in (ingestor, second)))
        await hands.leave()
        await writes.leave()
        return told

    assert asyncio.run(give()) == [1, 1]
    assert own_writer(ingestor) is not own_writer(second)


def test_where_no_socket_fits_each_writes_for_itself(
    second: Ingestor, folder: Path, alice: User
) -> None:
    deep = folder / ("n" * LONGEST_PATH)
    deep.mkdir()

    async def give() -> list[Outcome]:
        alone = Sharing(deep, second)
        alone.start()
        told = await outcomes(second.submit_soon(sample(alice)))
        await alone.leave()
        return told

    assert asyncio.run(give()) == [1]
    assert list(deep.iterdir()) == []
