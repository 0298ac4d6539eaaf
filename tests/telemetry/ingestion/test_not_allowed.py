"""Who may not give feedback takes nothing from the buckets of those who may (contract §2, §7)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from leases.models import ApiToken, User
from leases.tokens import token_create
from telemetry.models import VibeSample
from telemetry.rates import clamp
from telemetry.rates.buckets import MemoryBuckets
from telemetry.rates.redis_buckets import RedisBuckets
from telemetry.redis_link import RedisLink
from tests.people import grant, make_persona, someone
from tests.telemetry.ingestion.conftest import Consenting, Doors
from tests.telemetry.ingestion.exchange import Answer, Request, ask, ask_at_once

Bearer = Callable[[User], tuple[str, str]]
RATE = 3
TRIES = 4 * RATE


@pytest.fixture(params=["memory", "redis"])
def few(request: Any, monkeypatch: Any, settings: Any, redis_url: str) -> Any:
    """Three requests a minute for each principal and each persona."""
    link = RedisLink(redis_url, timeout=60.0)  # one that is slow is none that is away
    buckets = MemoryBuckets() if request.param == "memory" else RedisBuckets(link)
    monkeypatch.setattr(clamp.rates, "buckets", buckets)
    settings.ARW_PERSONA_FEEDBACK_RATE = settings.ARW_PERSONA_FEEDBACK_RATE_PERSONA = RATE
    yield
    assert not link.down
    link.close()


@pytest.fixture
def thin(
    doors: Doors, consenting: Consenting, bearer: Bearer, few: None
) -> Callable[..., list[Answer]]:
    """`thin(header, "persona.alpha", 3)`: the answers to so many requests, one after the other."""
    grant("telemetry:persona:workspace")
    consenting("persona.alpha")
    consenting("persona.warm")
    ask(doors.thin, feedback(bearer(someone("bob")), "persona.warm"))

    def send(own: tuple[str, str], persona_id: str, times: int) -> list[Answer]:
        return ask(doors.thin, *[feedback(own, persona_id)] * times)

    return send


def feedback(own: tuple[str, str], persona_id: str, body: bytes = b"{}") -> Request:
    headers = (("Content-Type", "application/json"), own)
    return Request(f"/persona/{persona_id}/feedback", (body,), headers=headers)


def statuses(answers: list[Answer]) -> list[int]:
    return [one.status for one in answers]


def test_it_takes_nothing_for_a_stranger(thin: Any, bearer: Bearer) -> None:
    charlie, alice = bearer(someone("charlie")), bearer(someone("alice"))
    assert statuses(thin(charlie, "persona.alpha", TRIES)) == [403] * TRIES
    before = VibeSample.objects.count()
    assert statuses(thin(alice, "persona.alpha", RATE + 1)) == [202] * RATE + [429]
    assert statuses(thin(charlie, "persona.alpha", 2)) == [403] * 2
    assert VibeSample.objects.count() == before + RATE


def test_it_takes_nothing_for_strangers_who_come_together(
    thin: Any, doors: Doors, bearer: Bearer
) -> None:
    crowd = [bearer(User.objects.create(username=f"stranger-{n}")) for n in range(TRIES)]
    answers = ask_at_once(doors.thin, *[feedback(one, "persona.alpha") for one in crowd])
    assert statuses(answers) == [403] * TRIES
    alice = bearer(someone("alice"))
    assert statuses(thin(alice, "persona.alpha", RATE + 1)) == [202] * RATE + [429]


def test_it_takes_nothing_for_a_token_that_no_longer_holds(thin: Any, bearer: Bearer) -> None:
    alice = someone("alice")
    token, secret = token_create(user=alice, name="old", now=timezone.now())
    gone = ("Authorization", f"Bearer {secret}")
    assert statuses(thin(gone, "persona.alpha", 1)) == [202]
    ApiToken.objects.filter(pk=token.pk).update(expiry=timezone.now())
    assert statuses(thin(gone, "persona.alpha", TRIES)) == [401] * TRIES
    assert statuses(thin(bearer(alice), "persona.alpha", RATE)) == [202] * (RATE - 1) + [429]


@pytest.mark.parametrize(
    ("made", "status"), [(None, 404), ({}, 412), ({"enabled": True, "scope": "unlent"}, 403)]
)
def test_it_takes_nothing_where_nobody_may_give(
    thin: Any, bearer: Bearer, made: dict[str, Any] | None, status: int
) -> None:
    persona_id = f"persona.{uuid.uuid4().hex}"
    if made is not None:
        make_persona(persona_id, preferences={"telemetry": {"vibe": made}})
    alice = bearer(someone("alice"))
    assert statuses(thin(alice, persona_id, TRIES)) == [status] * TRIES
    # Her own bucket is as full as it was.
    assert statuses(thin(alice, "persona.alpha", RATE + 1)) == [202] * RATE + [429]


def test_it_takes_for_what_is_allowed_and_badly_said(
    thin: Any, doors: Doors, bearer: Bearer
) -> None:
    alice = bearer(someone("alice"))
    bad = feedback(alice, "persona.alpha", b'{"strength":2}')
    assert statuses(ask(doors.thin, *[bad] * RATE)) == [400] * RATE
    assert statuses(thin(alice, "persona.alpha", 1)) == [429]
    assert not VibeSample.objects.filter(persona_id="persona.alpha").exists()
