"""A process with its reader, and both doors of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.asgi import get_asgi_application
from django.core.cache import cache
from django.utils import timezone

from arw_site.api_errors import door_refusal
from arw_site.body_bound import BodyBound
from arw_site.request_id import sane_or_new
from leases.models import User
from leases.tokens import token_create
from telemetry.door.reads import ReadsDoor
from telemetry.reading.reader import Reader, start_reader, stop_reader
from tests.telemetry.ingestion.exchange import Answer, Request, ask

Headers = tuple[tuple[str, str], ...]
Bearer = Callable[[User], Headers]
Shown = tuple[int, list[tuple[bytes, bytes]], bytes]


@pytest.fixture
def reader(transactional_db: None) -> Iterator[Reader]:
    """The process's reader."""
    yield start_reader()
    stop_reader()


class Doors:
    """The DRF viewsets behind Django's handler, and the thin door in front of the same."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        cache.clear()
        self.passed_on = 0
        self.drf = BodyBound(get_asgi_application())
        self.thin = ReadsDoor(self._counted, request_id=sane_or_new, refusal=door_refusal)
        self._monkeypatch = monkeypatch

    async def _counted(self, scope: Any, receive: Any, send: Any) -> None:
        self.passed_on += 1
        await self.drf(scope, receive, send)

    def both(self, request: Request) -> tuple[Answer, Answer, bool]:
        """What either door says at one instant, and whether the thin one said it by itself.

        Weights decay with time: the clock stands still meanwhile.
        """
        now = timezone.now()
        cache.clear()  # failed sign-ins are counted there, and many are clamped
        with self._monkeypatch.context() as patch:
            patch.setattr(timezone, "now", lambda: now)
            (thick,) = ask(self.drf, request)
            self.passed_on = 0
            (thin,) = ask(self.thin, request)
        return thin, thick, self.passed_on == 0

    def warm(self, headers: Headers, *paths: str) -> None:
        """Let the thin door learn what answers to such requests look like."""
        ask(self.thin, *(Request(path, method="GET", headers=headers) for path in paths))


@pytest.fixture
def doors(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> Doors:
    return Doors(monkeypatch)


@pytest.fixture
def bearer(transactional_db: None) -> Bearer:
    """`bearer(alice)`: the headers that present a new token of hers."""

    def headers(user: User) -> Headers:
        _, secret = token_create(user=user, name="doors", now=timezone.now())
        return (("Authorization", f"Bearer {secret}"),)

    return headers


def shown(answer: Answer) -> Shown:
    """The answer without what differs from one request to the next."""
    request_id = (answer.header("X-Request-Id") or "").encode()
    assert request_id
    headers = [
        (name, b"<id>" if name.lower() == b"x-request-id" and len(value) == 36 else value)
        for name, value in answer.headers
    ]
    made = len(request_id) == 36
    return answer.status, headers, answer.body.replace(request_id, b"<id>" if made else request_id)
