"""A stream of the server as a client sees it, inside the test's own process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from leases.models import User
from telemetry.services.consent import consent_set
from telemetry.services.feedback import feedback_record
from tests.people import Api

PATIENCE = 60  # seconds; nothing is expected to need them
QUIET = 0.3  # seconds in which nothing may come


def the_application() -> Any:
    """The server's application; loading it puts a policy in force, which takes the database."""
    from arw_site.asgi import application

    return application


@dataclass(frozen=True)
class Block:
    """One block of server-sent events; a comment has only that."""

    id: str | None = None
    event: str | None = None
    data: Any = None
    retry: str | None = None
    comment: str | None = None

    @property
    def payload(self) -> Any:
        return self.data["payload"]


class Sse:
    """An open `GET /events`."""

    def __init__(self, communicator: ApplicationCommunicator) -> None:
        self.communicator = communicator
        self.status = 0
        self.headers: dict[str, str] = {}
        self.text = ""
        self.ended = False

    async def start(self) -> None:
        await self.communicator.send_input({"type": "http.request", "body": b""})
        message = await self.communicator.receive_output(PATIENCE)
        self.status = message["status"]
        self.headers = {k.decode().lower(): v.decode() for k, v in message["headers"]}

    async def body(self) -> bytes:
        """All that is left of a response that ends."""
        text = b""
        while True:
            message = await self.communicator.receive_output(PATIENCE)
            text += message.get("body", b"")
            if not message.get("more_body"):
                return text

    async def next(self) -> Block | None:
        """The next block; None once the stream has ended."""
        while "\n\n" not in self.text:
            message = await self.communicator.receive_output(PATIENCE)
            self.text += message.get("body", b"").decode()
            if not message.get("more_body"):
                self.ended = True
                return None
        block, self.text = self.text.split("\n\n", 1)
        return parsed(block)

    async def many(self, count: int) -> list[Block]:
        found = [await self.next() for _ in range(count)]
        return [one for one in found if one is not None]

    async def silent(self) -> bool:
        """Whether nothing comes for a while."""
        return not self.text and await self.communicator.receive_nothing(QUIET)

    async def close(self) -> None:
        """What a client does that goes away; returns when the server has let go."""
        if not self.ended:
            await self.communicator.send_input({"type": "http.disconnect"})
        await self.communicator.wait(PATIENCE)


def parsed(text: str) -> Block:
    fields: dict[str, Any] = {}
    for line in text.split("\n"):
        name, _, value = line.partition(":")
        fields[name or "comment"] = value.removeprefix(" ") if name else value
    if "data" in fields:
        fields["data"] = json.loads(fields["data"])
    return Block(**fields)


@asynccontextmanager
async def stream(api: Api, query: str = "", **headers: str) -> AsyncIterator[Sse]:
    """`async with stream(api, "prefix=persona.") as sse`."""
    sent = {**api.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": "/events",
        "query_string": query.encode(),
        "headers": [
            (b"host", b"localhost"),
            *((name.lower().encode(), value.encode()) for name, value in sent.items()),
        ],
        "client": ["127.0.0.1", 1],
    }
    sse = Sse(ApplicationCommunicator(the_application(), scope))
    await sse.start()
    try:
        yield sse
    finally:
        await asyncio.shield(sse.close())


def session_of(user: User) -> tuple[SessionStore, str]:
    """A session in which the user has signed in, and its cookie."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "leases.authentication.PeopleBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session, f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def in_thread(function: Any) -> Any:
    """The function as a coroutine that runs it on a thread, as the server runs requests."""
    return database_sync_to_async(function, thread_sensitive=False)


async def give(actor: User, body: Any, persona_id: str = "persona.alpha") -> None:
    await in_thread(feedback_record)(
        actor=actor, persona_id=persona_id, body=body, now=timezone.now()
    )


async def switch(actor: User, enabled: bool, persona_id: str = "persona.alpha") -> None:
    await in_thread(consent_set)(
        actor=actor, persona_id=persona_id, enabled=enabled, now=timezone.now()
    )
