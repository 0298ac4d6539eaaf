"""What one process ends, the next request at another is refused for (contract §1, §6, §7)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from leases.models import Lease, User
from leases.tokens import token_create, token_revoke
from telemetry.models import VibeSample
from telemetry.services.consent import consent_set
from tests.people import grant, someone
from tests.telemetry.ingestion.conftest import Consenting
from tests.telemetry.ingestion.lean import LeanServers, lean_servers

FEEDBACK = "/persona/persona.alpha/feedback"


@pytest.fixture
def servers(database_url: str, tmp_path: Path) -> Iterator[LeanServers]:
    with (tmp_path / "log").open("wb") as log, lean_servers(database_url, log) as running:
        yield running


def client(servers: LeanServers, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{servers.port}", headers=headers, timeout=60)


def give(by: httpx.Client) -> tuple[int, str | None]:
    answer = by.post(FEEDBACK, json={"signal": "warmer"})
    return answer.status_code, answer.json().get("code")


def newest() -> int:
    return VibeSample.objects.latest("pk").pk


Undo = Callable[[], Any]


def withdraw(alice: User, lease: Lease, token: Any) -> Undo:
    dana = someone("dana")

    def switch(*, enabled: bool) -> None:
        consent_set(actor=dana, persona_id="persona.alpha", enabled=enabled, now=timezone.now())

    switch(enabled=False)
    return lambda: switch(enabled=True)


def end_the_lease(alice: User, lease: Lease, token: Any) -> Undo:
    Lease.objects.filter(pk=lease.pk).update(revoked_at=timezone.now(), revocation="single")
    return lambda: Lease.objects.filter(pk=lease.pk).update(revoked_at=None, revocation="")


def take_the_role(alice: User, lease: Lease, token: Any) -> Undo:
    alice.groups.clear()
    return lambda: alice.groups.add(Group.objects.get(name="members"))


def lock_out(alice: User, lease: Lease, token: Any) -> Undo:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    return lambda: User.objects.filter(pk=alice.pk).update(is_active=True)


# How often each is tried: wrong tokens are throttled after 30 in a minute.
ENDINGS: list[tuple[Any, int, str, int]] = [
    (withdraw, 412, "telemetry_disabled", 5),
    (end_the_lease, 403, "lease_revoked", 5),
    (take_the_role, 403, "role_required", 5),
    (lock_out, 401, "unauthorized", 2),
]


def test_it_refuses_the_very_next_request_after_each_ending(
    servers: LeanServers, consenting: Consenting
) -> None:
    consenting()
    grant()
    lease = grant("telemetry:persona:workspace")
    alice = someone("alice")
    token, secret = token_create(user=alice, name="two", now=timezone.now())
    servers.begin()
    # Others keep the writer busy meanwhile, so that what is judged is judged in groups.
    busy = [client(servers, secret) for _ in range(3)]
    with client(servers, secret) as asker, ThreadPoolExecutor(3) as pool:
        assert [give(asker)[0] for _ in range(2)] == [202, 202]
        for end, status, code, times in ENDINGS:
            for _ in range(times):
                before = [pool.submit(give, one) for one in busy]
                undo = end(alice, lease, token)
                assert give(asker) == (status, code)
                # Those were sent before it ended, and may come either way.
                assert {it.result()[0] for it in before} <= {202, status}
                stored = newest()
                assert [give(one) for one in (*busy, asker)] == [(status, code)] * 4
                assert newest() == stored
                undo()
                assert give(asker)[0] == 202
        token_revoke(user=alice, public_id=token.public_id)
        assert give(asker) == (401, "unauthorized")
    for one in busy:
        one.close()


def test_it_takes_exactly_what_a_budget_pays_for_on_two_nodes(
    servers: LeanServers, database_url: str, tmp_path: Path, consenting: Consenting
) -> None:
    for number in range(4):
        consenting(f"persona.{number}")
    lease = grant("telemetry:persona:workspace", budget=40)
    alice = someone("alice")
    _, secret = token_create(user=alice, name="two", now=timezone.now())
    with (tmp_path / "other").open("wb") as log, lean_servers(database_url, log) as others:
        servers.begin()
        others.begin()
        with client(servers, secret) as here, client(others, secret) as there:

            def one(number: int) -> int:
                path = f"/persona/persona.{number % 4}/feedback"
                by = here if number % 2 else there
                return by.post(path, content=json.dumps([{}] * 3), headers=JSON).status_code

            with ThreadPoolExecutor(16) as pool:
                answers = list(pool.map(one, range(100)))
    assert sorted(set(answers)) == [202, 403]
    assert answers.count(202) == 40
    lease.refresh_from_db()
    assert lease.used == 40
    assert VibeSample.objects.count() == 40 * 3


JSON = {"Content-Type": "application/json"}
