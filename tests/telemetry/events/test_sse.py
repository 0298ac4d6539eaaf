"""`GET /events` through the whole application (contract §8)."""

import json
import uuid
from contextlib import AsyncExitStack
from urllib.parse import quote

import pytest
from django.utils import timezone

from leases.models import ApiToken, User
from leases.pseudonyms import actor_ref
from leases.services.granting import lease_grant
from telemetry.events.broadcaster import broadcaster
from telemetry.services.erasure import samples_erase
from tests.people import Api
from tests.telemetry.events.conftest import World
from tests.telemetry.events.streams import give, in_thread, session_of, stream, switch

pytestmark = pytest.mark.django_db(transaction=True)


async def test_it_begins_with_connected_and_goes_on_live(world: World) -> None:
    async with stream(world.api(world.alice), "prefix=persona.", X_Request_Id="r-1") as sse:
        assert sse.status == 200
        assert sse.headers["content-type"] == "text/event-stream"
        assert sse.headers["cache-control"] == "no-store"
        assert sse.headers["x-accel-buffering"] == "no"
        assert sse.headers["x-request-id"] == "r-1"
        first = await sse.next()
        assert first
        assert (first.event, first.retry) == ("service.connected", "2000")
        assert first.data["kind"] == "service.connected"
        assert first.payload == {
            "request_id": "r-1",
            "resume_from": None,
            "replay": {"mode": "live", "count": 0},
            "prefixes": ["persona."],
        }
        await give(world.bob, {"signal": "warmer", "strength": 0.5})
        event = await sse.next()
        assert event
        assert event.event == event.data["kind"] == "persona.feedback"
        assert event.data.keys() == {"time", "kind", "payload"}
        assert event.payload["signal"] == "warmer"
        assert event.payload["actor"] == actor_ref(world.bob.id)
        assert event.id == broadcaster.event_id(broadcaster.last)
        assert await sse.silent()


async def test_it_lets_go_when_the_client_goes(world: World) -> None:
    before = broadcaster.waiting
    async with stream(world.api(world.alice)) as sse:
        await sse.next()
        assert await sse.silent()
        assert broadcaster.waiting == before + 1
    assert broadcaster.waiting == before


async def test_it_leaves_the_database_to_others(world: World) -> None:
    async with AsyncExitStack() as stack:
        readers = [
            await stack.enter_async_context(stream(world.api(world.alice), "prefix=persona."))
            for _ in range(24)  # more than the pool has connections
        ]
        for reader in readers:
            await reader.next()
        await give(world.alice, {"signal": "to all"})
        for reader in readers:
            assert (await reader.next()).payload["signal"] == "to all"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("replay=x", "?replay"), ("replay=-1", "?replay"), ("prefix=" + "x" * 101, "?prefix")],
)
async def test_it_refuses_bad_parameters(world: World, query: str, pointer: str) -> None:
    async with stream(world.api(world.alice), query) as sse:
        assert sse.status == 400
        assert json.loads(await sse.body())["errors"][0]["pointer"] == pointer
        sse.ended = True


async def test_it_is_for_members(world: World) -> None:
    wrong = Api(None)
    wrong.headers["Authorization"] = "Bearer nothing"
    for api, status in ((Api(None), 401), (wrong, 401), (world.api(world.charlie), 403)):
        async with stream(api) as sse:
            assert sse.status == status
            assert sse.headers["content-type"] == "application/problem+json"
            assert json.loads(await sse.body())["status"] == status
            sse.ended = True


async def test_it_filters_live_and_replay_by_prefix(world: World) -> None:
    await give(world.alice, [{"signal": "a"}, {"signal": "b"}])
    await switch(world.dana, False)
    await switch(world.dana, True)
    query = "replay=2&prefix=leases.,persona.vibe.feedback&prefix=none"
    async with stream(world.api(world.alice), query) as sse:
        first, *events = await sse.many(3)
        assert first.payload["replay"] == {"mode": "recent", "count": 2}
        assert [one.payload["signal"] for one in events] == ["a", "b"]
        await switch(world.dana, False)
        await in_thread(lease_grant)(
            actor=world.dana, capability="persona:manage", now=timezone.now()
        )
        lease = await sse.next()
        assert lease
        assert lease.event == "leases.created"
        assert await sse.silent()


async def test_it_sends_feedback_once_to_a_reader_of_both_names(world: World) -> None:
    async with stream(world.api(world.alice), "prefix=persona.feedback,persona.vibe") as sse:
        await sse.next()
        await give(world.alice, {})
        assert (await sse.next()).event == "persona.feedback"  # type: ignore[union-attr]
        assert await sse.silent()


@pytest.mark.parametrize("by_header", [True, False])
async def test_it_resumes_exactly_after_the_last_event_seen(world: World, by_header: bool) -> None:
    api = world.api(world.alice)
    async with stream(api) as sse:
        await sse.next()
        await give(world.alice, [{"signal": f"s{n}"} for n in range(3)])
        seen = await sse.many(2)
    await give(world.alice, [{"signal": f"s{n}"} for n in range(3, 250)])
    resume = {"Last-Event-ID": seen[-1].id or ""} if by_header else {}
    query = "" if by_header else f"after={seen[-1].id}&replay=1"
    async with stream(api, query, **resume) as sse:
        first = await sse.next()
        assert first
        assert first.payload["replay"] == {"mode": "after", "count": 248}
        assert first.payload["resume_from"] == seen[-1].id
        await give(world.alice, {"signal": "s250"})
        rest = await sse.many(249)
        assert [one.payload["signal"] for one in rest] == [f"s{n}" for n in range(2, 251)]
        assert await sse.silent()


async def test_it_resumes_from_the_first_frame_alone(world: World) -> None:
    api = world.api(world.alice)
    async with stream(api) as sse:
        first = await sse.next()
    await give(world.alice, {"signal": "meanwhile"})
    assert first
    async with stream(api, Last_Event_ID=first.id or "") as sse:
        _, event = await sse.many(2)
        assert event.payload["signal"] == "meanwhile"


@pytest.mark.parametrize("unknown", ["0123456789abcdef-7", "garbage", "id\ndata: x", "99"])
async def test_it_tells_of_a_gap_once_when_the_id_is_unknown(world: World, unknown: str) -> None:
    still_here = str(uuid.uuid4())
    await give(world.alice, {"signal": still_here})
    async with stream(world.api(world.alice), f"after={quote(unknown)}") as sse:
        first, gap = await sse.many(2)
        assert (first.event, first.id) == ("service.connected", None)
        assert (gap.event, gap.payload["reason"]) == ("service.gap", "outside_window")
        while (one := await sse.next()) and one.payload.get("signal") != still_here:
            assert one.event != "service.gap"
        assert await sse.silent()


async def test_it_leaves_out_feedback_of_personas_that_the_reader_may_not_read(
    world: World,
) -> None:
    await in_thread(world.telemetry.delete)()
    await in_thread(lease_grant)(
        actor=world.dana,
        capability="telemetry:persona:workspace",
        subject="alice",
        now=timezone.now(),
    )
    position = broadcaster.event_id(broadcaster.last)
    async with (
        stream(world.api(world.alice), "prefix=persona.") as allowed,
        stream(world.api(world.bob), "prefix=persona.") as refused,
    ):
        await allowed.next()
        await refused.next()
        await give(world.alice, {"signal": "secret"})
        assert (await allowed.next()).payload["signal"] == "secret"  # type: ignore[union-attr]
        assert await refused.silent()
    async with stream(world.api(world.bob), f"after={position}&prefix=persona.") as replayed:
        await replayed.next()
        assert await replayed.silent()


async def test_it_delivers_nothing_once_consent_is_withdrawn(world: World) -> None:
    api = world.api(world.alice)
    async with stream(api, "prefix=persona.feedback") as sse:
        await sse.next()
        for turn in range(5):
            await give(world.alice, {"signal": f"on{turn}"})
            assert (await sse.next()).payload["signal"] == f"on{turn}"  # type: ignore[union-attr]
            position = broadcaster.event_id(broadcaster.last - 1)
            await switch(world.dana, False)
            async with stream(api, f"after={position}&prefix=persona.feedback") as replayed:
                await replayed.next()
                assert await replayed.silent()
            await switch(world.dana, True)


async def test_it_leaves_out_what_was_erased(world: World) -> None:
    position = broadcaster.event_id(broadcaster.last)
    await give(world.alice, {"signal": "gone"})
    await in_thread(samples_erase)(actor=world.dana, persona_id="persona.alpha", now=timezone.now())
    async with stream(world.api(world.alice), f"after={position}") as sse:
        first = await sse.next()
        assert first
        assert first.payload["replay"]["count"] == 0
        assert await sse.silent()


async def test_it_ends_when_the_token_is_revoked(world: World) -> None:
    async with stream(world.api(world.alice)) as sse:
        await sse.next()
        assert await sse.silent()
        await in_thread(
            lambda: [one.delete() for one in ApiToken.objects.filter(user=world.alice)]
        )()
        assert await sse.next() is None


async def test_it_ends_when_the_session_does(world: World) -> None:
    session, cookie = await in_thread(session_of)(world.alice)
    async with stream(Api(None), "prefix=persona.feedback", Cookie=cookie) as sse:
        assert (await sse.next()).event == "service.connected"  # type: ignore[union-attr]
        await give(world.bob, {"signal": "seen"})
        assert (await sse.next()).payload["signal"] == "seen"  # type: ignore[union-attr]
        await in_thread(session.flush)()
        await switch(world.dana, False)
        assert await sse.next() is None


async def test_it_ends_when_the_role_is_taken_away(world: World) -> None:
    async with stream(world.api(world.alice)) as sse:
        await sse.next()
        await in_thread(world.alice.groups.clear)()
        assert await sse.next() is None


async def test_it_ends_when_the_principal_is_barred(world: World) -> None:
    async with stream(world.api(world.alice)) as sse:
        await sse.next()

        def bar() -> None:
            alice = User.objects.get(pk=world.alice.pk)
            alice.is_active = False
            alice.save()

        await in_thread(bar)()
        assert await sse.next() is None
