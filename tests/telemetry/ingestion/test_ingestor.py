"""The queue in front of the writer: bounded, drained, and told when it is full (contract §2, §7)."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from leases.models import User
from personas.models import Persona
from telemetry.errors import Overloaded
from telemetry.ingestion.claims import principal_claim
from telemetry.ingestion.ingestor import Ingestor, start_ingestor, stop_ingestor
from telemetry.ingestion.submission import submission
from telemetry.models import VibeSample
from telemetry.samples import Sample
from telemetry.selectors import vibe_metrics
from telemetry.services.feedback import feedback_record
from tests.people import grant, someone
from tests.telemetry.ingestion.conftest import Consenting, Doors
from tests.telemetry.ingestion.exchange import Request, ask, ask_at_once, exchange

Bearer = Callable[[User], tuple[str, str]]
JSON = ("Content-Type", "application/json")
FEEDBACK = "/persona/persona.alpha/feedback"


@pytest.fixture
def request_of(consenting: Consenting, bearer: Bearer) -> Callable[..., Request]:
    """`request_of(body)`: alice's request for feedback about persona.alpha."""
    consenting()
    consenting("persona.warm")
    own = bearer(someone("alice"))

    def make(body: Any = {}, path: str = FEEDBACK) -> Request:  # noqa: B006  only read
        return Request(path, (json.dumps(body).encode(),), headers=(JSON, own))

    return make


@contextmanager
def nothing_can_be_written(persona: str = "persona.alpha") -> Iterator[None]:
    """Holds what the writer needs: on SQLite the database, on PostgreSQL the persona's row."""
    with transaction.atomic():
        list(Persona.objects.select_for_update().filter(pk=persona))
        if connection.vendor == "sqlite":
            Persona.objects.filter(pk="nobody").delete()
        yield


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that other threads do."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  threads set no event of this loop
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("through", ["thin", "drf", "both"])
def test_it_takes_exactly_what_the_lease_pays_for(
    doors: Doors, request_of: Callable[..., Request], through: str
) -> None:
    grant("telemetry:persona:workspace")
    ask(doors.thin, request_of(path="/persona/persona.warm/feedback"))
    VibeSample.objects.all().delete()
    from leases.models import Lease

    Lease.objects.all().delete()
    lease = grant("telemetry:persona:workspace", budget=40)
    chosen = {"thin": [doors.thin] * 2, "drf": [doors.drf] * 2, "both": [doors.thin, doors.drf]}

    async def all_at_once() -> list[int]:
        calls = [exchange(chosen[through][n % 2], request_of({"signal": "a"})) for n in range(100)]
        return [one.status for one in await asyncio.gather(*calls)]

    statuses = asyncio.run(all_at_once())
    assert statuses.count(202) == 40
    assert statuses.count(403) == 60
    lease.refresh_from_db()
    assert lease.used == VibeSample.objects.count() == 40
    assert vibe_metrics("persona.alpha", now=timezone.now())["total_feedback"] == 40


def test_it_says_when_too_much_waits_and_takes_the_rest(
    transactional_db: None, settings: Any, request_of: Callable[..., Request]
) -> None:
    settings.ARW_INGEST_QUEUE = 20
    grant("telemetry:persona:workspace")
    ingestor = start_ingestor()
    try:
        doors = Doors()
        ask(doors.thin, request_of(path="/persona/persona.warm/feedback"))

        async def overloaded() -> tuple[list[Any], list[Any]]:
            tasks = [
                asyncio.create_task(exchange(doors.thin, request_of([{"signal": "a"}] * 5)))
                for _ in range(4)
            ]
            await until(lambda: ingestor.waiting == 20)
            refused = [
                await exchange(door, request_of([{"signal": "late"}] * 2))
                for door in (doors.thin, doors.drf)
            ]
            free.set()
            return list(await asyncio.gather(*tasks)), refused

        free, held = threading.Event(), threading.Event()

        def hold() -> None:
            with nothing_can_be_written():
                held.set()
                free.wait(20)
            connection.close()

        holder = threading.Thread(target=hold)
        holder.start()
        assert held.wait(20)
        accepted, refused = asyncio.run(overloaded())
        holder.join()
    finally:
        stop_ingestor()
    assert [one.status for one in accepted] == [202] * 4
    assert [one.status for one in refused] == [503, 503]
    thin, drf = refused
    assert thin.header("Retry-After") == drf.header("Retry-After") == "1"
    assert json.loads(thin.body)["title"] == "Overloaded"
    ids = [(one.header("X-Request-Id") or "").encode() for one in refused]
    assert thin.body.replace(ids[0], b"") == drf.body.replace(ids[1], b"")
    assert [n for n, _ in thin.headers] == [n for n, _ in drf.headers]
    own = VibeSample.objects.filter(persona_id="persona.alpha")
    assert set(own.values_list("signal", flat=True)) == {"a"}
    assert own.count() == 20
    assert ingestor.waiting == ingestor.reserved == 0


def test_it_gives_back_the_room_of_every_body(
    doors: Doors, ingestor: Ingestor, request_of: Callable[..., Request]
) -> None:
    grant("telemetry:persona:workspace")
    large = [{"note": "x" * 1500, "strength": 1}] * 60
    answers = ask_at_once(
        doors.thin, *[request_of(body) for body in ({}, large, {"strength": 2}, [], large)]
    )
    answers += ask(doors.thin, *[request_of(body) for body in ({}, large, {"strength": 2}, [])])
    assert [one.status for one in answers] == [202, 202, 400, 400, 202, 202, 202, 400, 400]
    assert ingestor.waiting == ingestor.reserved == 0


def test_it_gives_back_the_room_of_a_client_that_went_away(
    doors: Doors, ingestor: Ingestor, request_of: Callable[..., Request]
) -> None:
    grant("telemetry:persona:workspace")
    request = request_of({})
    ask(doors.thin, request)
    sent: list[Any] = []

    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(doors.thin(request.scope(), gone, send))
    assert sent == []
    assert ingestor.reserved == 0
    assert VibeSample.objects.count() == 1


def test_it_bounds_the_bytes_that_may_wait() -> None:
    ingestor = Ingestor(max_samples=10, max_bytes=1000)
    assert ingestor.reserve(600)
    assert not ingestor.reserve(401)
    assert ingestor.reserve(400)
    ingestor.release(1000)
    assert ingestor.reserve(5000), "whatever its size, an idle process takes one"
    assert not ingestor.reserve(1)


def test_it_stores_and_answers_what_waits_when_it_is_closed(
    ingestor: Ingestor, consenting: Consenting
) -> None:
    consenting()
    grant("telemetry:persona:workspace")
    claim = principal_claim(someone("alice"))
    one = submission(claim, "persona.alpha", [Sample(signal="a")], key=None, in_batch=False)
    with ThreadPoolExecutor(4) as pool:
        handed_in = list(pool.map(lambda _: ingestor.submit(one), range(40)))
    ingestor.close()
    assert [it.result(timeout=0) for it in handed_in] == [1] * 40
    assert VibeSample.objects.count() == 40
    with pytest.raises(Overloaded):
        ingestor.submit(one)
    assert not ingestor.reserve(1)
    assert VibeSample.objects.count() == 40


def test_it_is_used_by_the_service_and_not_waited_for_inside_a_transaction(
    ingestor: Ingestor, consenting: Consenting
) -> None:
    consenting()
    grant("telemetry:persona:workspace")
    alice = someone("alice")

    def give() -> int:
        return feedback_record(actor=alice, persona_id="persona.alpha", body={}, now=timezone.now())

    assert give() == 1
    with transaction.atomic():
        assert give() == 1
        transaction.set_rollback(True)
    assert VibeSample.objects.count() == 1


def test_it_says_that_the_database_is_gone_and_goes_on_when_it_is_back(
    doors: Doors, request_of: Callable[..., Request]
) -> None:
    grant("telemetry:persona:workspace")
    assert ask(doors.thin, request_of({"signal": "a"}))[0].status == 202
    table = VibeSample._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO put_aside")
    try:
        requests = [request_of({"signal": "b"}), request_of({"signal": "c", "id": "1"})]
        thin = ask_at_once(doors.thin, *requests)
        drf = ask(doors.drf, *requests)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE put_aside RENAME TO {table}")
    assert [one.status for one in (*thin, *drf)] == [503] * 4
    for one in (*thin, *drf):
        document = json.loads(one.body)
        assert (document["title"], one.header("Retry-After")) == ("Database Unavailable", "2")
    assert list(VibeSample.objects.values_list("signal", flat=True)) == ["a"]
    assert ask(doors.thin, requests[1])[0].status == 202
    assert VibeSample.objects.count() == 2
