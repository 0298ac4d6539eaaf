"""`ws/events` through the whole application (contract §8)."""

import json
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.testing import WebsocketCommunicator
from django.utils import timezone

from leases.models import ApiToken, User
from leases.services.granting import lease_grant
from telemetry.events.broadcaster import broadcaster
from tests.telemetry.events.conftest import World
from tests.telemetry.events.streams import (
    PATIENCE,
    QUIET,
    give,
    in_thread,
    session_of,
    switch,
    the_application,
)

pytestmark = pytest.mark.django_db(transaction=True)

ORIGIN = (b"origin", b"http://localhost:8091")


class Socket(WebsocketCommunicator):
    """Lets the server give its database connections back, which Channels' own does not."""

    send_input = ApplicationCommunicator.send_input
    receive_output = ApplicationCommunicator.receive_output


def socket(*headers: tuple[bytes, bytes], query: str = "") -> Socket:
    return Socket(the_application(), f"/ws/events?{query}", headers=list(headers))


def token_of(world: World, user: User) -> tuple[bytes, bytes]:
    return (b"authorization", world.api(user).headers["Authorization"].encode())


async def opened(communicator: Socket) -> Socket:
    accepted, _ = await communicator.connect(PATIENCE)
    assert accepted
    first = await frame(communicator)
    assert first["event"] == "service.connected"
    return communicator


async def frame(communicator: Socket) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(await communicator.receive_from(PATIENCE))
    assert message.keys() == {"id", "event", "data"}
    assert message["data"].keys() == {"time", "kind", "payload"}
    return message


async def closing_code(communicator: Socket) -> int:
    message = await communicator.receive_output(PATIENCE)
    assert message["type"] == "websocket.close"
    return int(message["code"])


async def test_it_sends_the_frames_of_the_stream(world: World) -> None:
    communicator = await opened(
        socket(ORIGIN, token_of(world, world.alice), query="prefix=persona.feedback")
    )
    await communicator.send_to(text_data="anything")
    await give(world.bob, {"signal": "warmer"})
    message = await frame(communicator)
    assert message["event"] == message["data"]["kind"] == "persona.feedback"
    assert message["id"] == broadcaster.event_id(broadcaster.last)
    assert message["data"]["payload"]["signal"] == "warmer"
    await communicator.disconnect()
    assert broadcaster.waiting == 0


async def test_it_replays_and_resumes(world: World) -> None:
    await give(world.alice, [{"signal": "a"}, {"signal": "b"}])
    mine = token_of(world, world.alice)
    communicator = await opened(socket(ORIGIN, mine, query="replay=1&prefix=persona."))
    last = await frame(communicator)
    assert last["data"]["payload"]["signal"] == "b"
    await communicator.disconnect()
    await give(world.alice, {"signal": "c"})
    communicator = await opened(socket(ORIGIN, mine, query=f"after={last['id']}"))
    assert (await frame(communicator))["data"]["payload"]["signal"] == "c"
    assert await communicator.receive_nothing(QUIET)
    await communicator.disconnect()


async def test_it_knows_people_by_their_session(world: World) -> None:
    session, cookie = await in_thread(session_of)(world.alice)
    communicator = await opened(socket(ORIGIN, (b"cookie", cookie.encode())))
    await in_thread(session.flush)()
    await in_thread(lease_grant)(actor=world.dana, capability="persona:manage", now=timezone.now())
    assert await closing_code(communicator) == 4401


async def test_it_refuses_before_it_accepts(world: World) -> None:
    wrong = (b"authorization", b"Bearer nothing")
    cases = [
        (socket(ORIGIN), 4401),
        (socket(ORIGIN, wrong), 4401),
        (socket(ORIGIN, token_of(world, world.charlie)), 4403),
        (socket(ORIGIN, token_of(world, world.alice), query="replay=x"), 4400),
    ]
    for communicator, code in cases:
        accepted, told = await communicator.connect(PATIENCE)
        assert (accepted, told) == (False, code)


@pytest.mark.parametrize("origin", [b"http://elsewhere.example", b"null", b""])
async def test_it_refuses_other_origins(world: World, origin: bytes) -> None:
    communicator = socket((b"origin", origin), token_of(world, world.alice))
    accepted, _ = await communicator.connect(PATIENCE)
    assert not accepted


async def test_it_refuses_a_session_from_nowhere(world: World) -> None:
    _, cookie = await in_thread(session_of)(world.alice)
    accepted, _ = await socket((b"cookie", cookie.encode())).connect(PATIENCE)
    assert not accepted


async def test_it_delivers_nothing_once_consent_is_withdrawn(world: World) -> None:
    mine = token_of(world, world.alice)
    communicator = await opened(socket(ORIGIN, mine, query="prefix=persona.feedback"))
    await give(world.alice, {"signal": "before"})
    await frame(communicator)
    position = broadcaster.event_id(broadcaster.last - 1)
    await switch(world.dana, False)
    again = await opened(socket(ORIGIN, mine, query=f"prefix=persona.feedback&after={position}"))
    assert await again.receive_nothing(QUIET)
    assert await communicator.receive_nothing(QUIET)
    await again.disconnect()
    await communicator.disconnect()


async def test_it_closes_when_the_token_is_revoked(world: World) -> None:
    communicator = await opened(socket(ORIGIN, token_of(world, world.alice)))

    def revoke() -> None:
        for token in ApiToken.objects.filter(user=world.alice):
            token.delete()

    await in_thread(revoke)()
    assert await closing_code(communicator) == 4401
