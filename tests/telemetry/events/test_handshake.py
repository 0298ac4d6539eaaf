"""The handshake of ``ws/events`` opens to whom the table of access names (contract §1, §8)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from arw_site.access.routes import ROUTES
from leases.models import ApiToken, User
from leases.tokens import token_create
from tests.site.access_walk import stored
from tests.telemetry.events.conftest import World
from tests.telemetry.events.streams import PATIENCE, in_thread, session_of
from tests.telemetry.events.test_websocket import ORIGIN, opened, socket, token_of

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = ("alice", "bob", "charlie", "dana")


def ended(user: User, how: str) -> tuple[bytes, bytes]:
    """The header with a token of ``user`` that no longer counts."""
    token, secret = token_create(user=user, name=how, now=timezone.now())
    if how == "revoked":
        token.delete()
    else:
        past = timezone.now() - timedelta(seconds=1)
        ApiToken.objects.filter(pk=token.pk).update(expiry=past)
    return (b"authorization", f"Bearer {secret}".encode())


async def opens(*headers: tuple[bytes, bytes]) -> int:
    """0 when the handshake is accepted, else the code it is refused with."""
    communicator = socket(ORIGIN, *headers)
    accepted, told = await communicator.connect(PATIENCE)
    if accepted:
        await communicator.disconnect()
    return 0 if accepted else int(told or 0)


@pytest.mark.parametrize("name", PEOPLE)
async def test_it_opens_to_whom_the_table_names(world: World, name: str) -> None:
    user: User = getattr(world, name)
    passes = await in_thread(ROUTES["WS /ws/events"].may_pass)(user)
    before = await in_thread(stored)()
    assert await opens(token_of(world, user)) == (0 if passes else 4403)
    assert await in_thread(stored)() == before
    _, cookie = await in_thread(session_of)(user)
    assert await opens((b"cookie", cookie.encode())) == (0 if passes else 4403)


@pytest.mark.parametrize("how", ["expired", "revoked"])
async def test_it_opens_to_no_token_that_ended(world: World, how: str) -> None:
    header = await in_thread(ended)(world.dana, how)
    assert await opens(header) == 4401


async def test_it_opens_to_nobody_without_a_credential(world: World) -> None:
    before = await in_thread(stored)()
    assert await opens() == 4401
    assert await in_thread(stored)() == before


async def test_it_needs_no_lease_for_the_stream_itself(world: World) -> None:
    await in_thread(world.telemetry.delete)()
    await in_thread(world.manage.delete)()
    communicator = await opened(socket(ORIGIN, token_of(world, world.alice)))
    await communicator.disconnect()
