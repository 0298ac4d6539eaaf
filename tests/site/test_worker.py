"""The server's own worker, in real server processes and by itself."""

import json
import logging
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from django.db import OperationalError
from django.utils import timezone

from arw_site.addresses import SecretUrls
from arw_site.sweeps import Sweep
from arw_site.worker import Worker
from leases.models import User
from personas.models import Notification, OutboxMessage, Persona, Proposal
from personas.services.outbox import outbox_drain
from tests.conftest import StartServer
from tests.people import propose
from tests.services.http_receiver import HELD, HttpReceiver, http_receiver
from tests.services.postgresql import PostgreSQL
from tests.services.processes import wait_until
from tests.services.server import ROOT, RunningServer, run

ON = {"ARW_WORKER": "true", "ARW_LOG_FORMAT": "json"}
EXPIRED = "A proposal expired"
MANY = 600


@pytest.fixture
def service() -> Iterator[HttpReceiver]:
    with http_receiver() as receiver:
        yield receiver


def until(condition: Callable[[], bool], server: RunningServer, seconds: float = 60) -> None:
    assert server.process is not None
    wait_until(condition, server.process, server.log_file, seconds=seconds)


def lines(*servers: RunningServer, event: str) -> list[dict[str, Any]]:
    """The log lines of that event, of all the servers."""
    printed = [line for one in servers for line in one.log.splitlines() if line.startswith("{")]
    return [line for line in map(json.loads, printed) if line["event"] == event]


def swept(*servers: RunningServer, name: str) -> int:
    return sum(line["amount"] for line in lines(*servers, event="swept") if line["sweep"] == name)


def overdue(persona: Persona, count: int) -> None:
    """So many proposals that expired a second ago, and nobody has written it down."""
    first = propose(persona)
    rows = []
    for _ in range(count):
        first.pk = None
        rows.append(
            Proposal(
                **{
                    field.attname: getattr(first, field.attname)
                    for field in Proposal._meta.concrete_fields
                    if not field.primary_key
                }
            )
        )
    Proposal.objects.all().delete()
    Proposal.objects.bulk_create(rows)
    Proposal.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def test_it_expires_once_in_two_servers(start_server: StartServer, service: HttpReceiver) -> None:
    env = {**ON, "ARW_PERSONA_PROPOSAL_TTL": "3s", "ARW_NOTIFY_URLS": service.url}
    first = start_server(env=env)
    second = start_server(beside=first, env=env)
    admin = {"Authorization": f"Bearer {first.admin_token}"}
    with httpx.Client(base_url=first.base, headers=admin, timeout=60) as client:
        granted = client.post("/leases", json={"capability": "persona:manage"})
        assert granted.status_code == 201
        made = client.post(
            "/admin/persona",
            json={"id": "persona.alpha", "owner_kind": "workspace", "owner_ref": "local"},
        )
        assert made.status_code == 201
        alice = {"Authorization": f"Bearer {first.tokens['alice']}"}
        asked = [
            client.post(
                "/admin/persona/persona.alpha/proposals",
                json={"diff": {"name": f"n{number}"}},
                headers=alice,
            )
            for number in range(4)
        ]
        assert [answer.status_code for answer in asked] == [200] * 4, asked[0].text
        known = [answer.json()["proposal_id"] for answer in asked]
        until(lambda: len(expired(service)) >= 4, first)
        # Both go on; another proposal shows that each has had further turns since.
        late = client.post(
            "/admin/persona/persona.alpha/proposals",
            json={"diff": {"name": "late"}},
            headers=alice,
        ).json()["proposal_id"]
        until(lambda: len(expired(service)) >= 5, first)
        states = [client.get(f"/state/proposals/{one}").json() for one in (*known, late)]
        record = client.get("/state/persona/persona.alpha").json()
    assert published(first) + published(second) == 5, "one event each, from whoever wrote it down"
    assert {state["status"] for state in states} == {"expired"}
    assert record["version"] == 1
    assert [first.stop(), second.stop()] == [0, 0]
    assert len(expired(service)) == 5
    assert len({one["message"] for one in expired(service)}) == 1, "no link without ARW_BASE_URL"
    assert swept(first, second, name="proposals_expired") == 5
    assert swept(first, second, name="outcomes_announced") == 0
    count = (
        "from personas.models import Notification as N; "
        "print(sorted(N.objects.filter(kind='expired')"
        ".values_list('recipient__username', flat=True)))"
    )
    assert first.manage("shell", "-v0", "-c", count).strip() == str(["alice"] * 5)
    assert service.url not in first.log + second.log
    assert "hook-path" not in first.log + second.log


def published(server: RunningServer) -> int:
    """How many events of an expiry the server's window holds."""
    headers = {"Authorization": f"Bearer {server.admin_token}"}
    query = {"prefix": "persona.proposal.expired", "replay": "100"}
    address = f"{server.base}/events"
    with httpx.stream("GET", address, params=query, headers=headers, timeout=60) as stream:
        data = next(line for line in stream.iter_lines() if line.startswith("data: "))
    connected = json.loads(data.removeprefix("data: "))
    assert connected["kind"] == "service.connected"
    count: int = connected["payload"]["replay"]["count"]
    return count


def expired(service: HttpReceiver) -> list[dict[str, Any]]:
    return [one for one in service.received if one["title"] == EXPIRED]


@pytest.mark.django_db(transaction=True)
def test_it_takes_over_from_a_server_that_was_killed(
    start_server: StartServer, database_url: str, alice: User, bob: User, persona: Persona
) -> None:
    overdue(persona, MANY)
    Notification.objects.all().delete()
    marked = Proposal.objects.filter(status="expired")
    first = start_server(env={**ON, "ARW_DATABASE_URL": database_url})
    until(marked.exists, first)
    first.kill()
    before = marked.count()
    assert 0 < before < MANY, "it was killed in the middle"
    second = start_server(env={**ON, "ARW_DATABASE_URL": database_url})
    until(lambda: Notification.objects.count() == MANY, second)
    assert second.stop() == 0
    assert marked.count() == MANY
    told = Notification.objects.filter(kind="expired", recipient=alice, actor=None)
    assert set(told.values_list("proposal", flat=True)) == set(marked.values_list("pk", flat=True))
    assert told.count() == Notification.objects.count() == MANY
    assert swept(second, name="proposals_expired") == MANY - before
    persona.refresh_from_db()
    assert persona.version == 1


@pytest.mark.django_db(transaction=True)
def test_it_leaves_a_message_to_others_when_it_is_killed_while_sending(
    start_server: StartServer,
    database_url: str,
    persona: Persona,
    service: HttpReceiver,
    settings: Any,
) -> None:
    settings.ARW_NOTIFY_URLS = SecretUrls([service.url])
    keys = {"ARW_PSEUDONYM_KEY": settings.ARW_PSEUDONYM_KEY}
    env = {**ON, **keys, "ARW_DATABASE_URL": database_url, "ARW_NOTIFY_URLS": service.url}
    service.gate.clear()
    server = start_server(env=env)
    propose(persona)
    assert service.arrived.acquire(timeout=180)
    server.kill()
    service.gate.set()
    message = OutboxMessage.objects.get()
    assert (message.attempts, message.sent_at) == (1, None)
    now = timezone.now()
    assert outbox_drain(now=now) == 0, "its sender might still live"
    assert outbox_drain(now=now + timedelta(minutes=5)) == 1
    message.refresh_from_db()
    assert (message.attempts, message.sent_at is None) == (2, False)
    assert len(service.received) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("software", ["uvicorn", "daphne"])
def test_it_does_not_hold_up_the_end_of_the_server(
    start_server: StartServer,
    database_url: str,
    persona: Persona,
    service: HttpReceiver,
    settings: Any,
    software: str,
) -> None:
    settings.ARW_NOTIFY_URLS = SecretUrls([service.url])
    env = {**ON, "ARW_DATABASE_URL": database_url, "ARW_NOTIFY_URLS": service.url}
    service.gate.clear()
    server = start_server(env=env, software=software)
    propose(persona)
    assert service.arrived.acquire(timeout=180)
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < HELD / 2  # the service was not waited for
    assert OutboxMessage.objects.get().sent_at is None


def test_it_outlives_an_outage_of_the_database(
    start_server: StartServer, postgresql: PostgreSQL
) -> None:
    name = f"arw_outage_{secrets.token_hex(4)}"
    env = {**ON, "ARW_DATABASE_URL": postgresql.create(name)}
    try:
        run([sys.executable, "manage.py", "migrate", "-v0"], {**os.environ, **env}, check=True)
        server = start_server(env=env)
        postgresql.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')
        postgresql.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        until(lambda: bool(lines(server, event="sweep_failed")), server)
        postgresql.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')
        until(lambda: bool(lines(server, event="sweep_recovered")), server)
        assert server.stop() == 0
        assert "Traceback" not in server.log
        assert lines(server, event="sweep_failed")[0]["error"] == "OperationalError"
    finally:
        postgresql.drop(name)


@pytest.mark.django_db(transaction=True)
def test_it_reports_trouble_when_it_begins_and_when_it_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    troubles: list[Exception | None] = [
        *(OperationalError("gone"), OperationalError("gone"), None, ValueError("odd"), None),
    ]
    runs: list[datetime] = []

    def sweep(now: datetime) -> int:
        runs.append(now)
        trouble = troubles[len(runs) - 1]
        if trouble:
            raise trouble
        return 3

    worker = Worker([Sweep("work", sweep), Sweep("other", lambda _: 0)])
    caplog.set_level(logging.INFO, logger="arw_site.worker")
    for _ in troubles:
        worker.turn()
    said = [record.getMessage() for record in caplog.records if record.name == "arw_site.worker"]
    assert said == [
        *("sweep_failed", "sweep_recovered", "swept"),
        *("sweep_failed", "sweep_recovered", "swept"),
    ]
    outage, fault = [one for one in caplog.records if one.getMessage() == "sweep_failed"]
    assert not outage.exc_info, "an outage is one line"
    assert fault.exc_info
    assert len(runs) == 5


@pytest.mark.django_db(transaction=True)
def test_it_repeats_what_failed_and_not_what_has_time() -> None:
    runs = {"often": 0, "seldom": 0, "failing": 0}

    def counting(name: str) -> Callable[[datetime], int]:
        def work(_: datetime) -> int:
            runs[name] += 1
            if name == "failing":
                raise OperationalError
            return 0

        return work

    hour = timedelta(hours=1)
    worker = Worker(
        [
            Sweep("often", counting("often")),
            Sweep("seldom", counting("seldom"), hour),
            Sweep("failing", counting("failing"), hour),
        ]
    )
    for _ in range(3):
        worker.turn()
    assert runs == {"often": 3, "seldom": 1, "failing": 3}


@pytest.mark.django_db(transaction=True)
def test_it_stops_when_it_is_told() -> None:
    worker = Worker([Sweep("work", lambda _: worker.stop() or 0)], turn_seconds=0.01)
    worker.start()
    worker.join(20)
    assert not worker.is_alive()
    worker.stop()


@pytest.mark.parametrize(("setting", "running"), [("true", True), ("false", False)])
def test_it_can_be_left_out(setting: str, running: bool) -> None:
    program = (
        "import arw_site.asgi, threading; "
        "print('arw-worker' in [thread.name for thread in threading.enumerate()])"
    )
    env = {**os.environ, "ARW_WORKER": setting}
    done = run([sys.executable, "-W", "ignore", "-c", program], env, check=True)
    assert done.stdout.strip() == str(running)


def test_it_does_not_run_in_commands() -> None:
    program = "import threading; print([thread.name for thread in threading.enumerate()])"
    env = {**os.environ, "ARW_WORKER": "true"}
    manage = [sys.executable, "-W", "ignore", str(ROOT / "manage.py")]
    done = run([*manage, "shell", "-v0", "-c", program], env, check=True)
    assert done.stdout.strip() == "['MainThread']"
