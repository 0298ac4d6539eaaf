"""A server that has just begun knows no look of a request yet: Django answers the first ones."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
from django.utils import timezone

from leases.tokens import token_create
from telemetry.models import VibeSample
from tests.people import grant, someone
from tests.telemetry.ingestion.conftest import Consenting
from tests.telemetry.ingestion.lean import lean_servers

AT_ONCE = 60  # far more than a process has connections


async def all_at_once(port: int, token: str) -> list[int]:
    headers = {"Authorization": f"Bearer {token}"}
    unbounded = httpx.Limits(max_connections=None)
    base = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(
        base_url=base, headers=headers, timeout=120, limits=unbounded
    ) as client:
        given = [
            client.post("/persona/persona.alpha/feedback", json={"signal": "warmer"})
            for _ in range(AT_ONCE)
        ]
        return [one.status_code for one in await asyncio.gather(*given)]


def test_it_takes_more_first_requests_than_it_has_connections(
    database_url: str, tmp_path: Path, consenting: Consenting
) -> None:
    consenting()
    grant("telemetry:persona:workspace")
    _, token = token_create(user=someone("alice"), name="load", now=timezone.now())
    with (tmp_path / "log").open("wb") as log, lean_servers(database_url, log) as servers:
        servers.begin()
        assert asyncio.run(all_at_once(servers.port, token)) == [202] * AT_ONCE
    assert VibeSample.objects.count() == min(AT_ONCE, 50)
