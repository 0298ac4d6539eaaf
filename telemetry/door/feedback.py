"""The thin door of ``POST /persona/{id}/feedback``, in front of Django (contract §7).

It serves requests that succeed, and says when too many wait. Whatever is to be refused for another
reason goes on to Django with its body, so that there is one place where refusals are written; so
do requests with a cookie, without a token, or without a declared length. The DRF viewset behind it
is the documented endpoint, and answers everything that this door answers, with the same bytes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

from leases.errors import DomainError, InvalidInput
from telemetry.door.arrivals import Arrival, read_arrival
from telemetry.door.asgi import Application, Message, Receive, Send, answer
from telemetry.door.looks import Looks
from telemetry.door.metering import meter_of
from telemetry.errors import Overloaded, RateLimited, StoreUnavailable
from telemetry.ingestion.claims import token_claim
from telemetry.ingestion.ingestor import Ingestor, running_ingestor
from telemetry.ingestion.submission import Outcome, Submission, submission
from telemetry.services.feedback import read_body

# Reading a body this large takes long enough for others to notice: it is done beside the loop.
LARGE_BODY = 32_768

Refusal: TypeAlias = Callable[[DomainError, str, str], tuple[int, bytes, bytes]]
"""From an error, a path and a request id to status, ``Retry-After`` and body."""
RequestId: TypeAlias = Callable[[str], str]
_Look: TypeAlias = tuple[str | None, tuple[tuple[bytes, bytes], ...]]

_SAID_HERE = (RateLimited, Overloaded, StoreUnavailable)


class FeedbackDoor:
    """Serves feedback that comes with a token; everything else is ``application``'s."""

    def __init__(
        self, application: Application, *, request_id: RequestId, refusal: Refusal
    ) -> None:
        self._application = application
        self._request_id = request_id
        self._refusal = refusal
        self._looks = Looks()
        self._beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="arw-door")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        began = time.monotonic()
        arrival, ingestor = read_arrival(scope), running_ingestor()
        if arrival is None or ingestor is None:
            await self._application(scope, receive, send)
            return
        look = (scope.get("scheme"), arrival.look)
        learned = self._looks.get(look)
        if learned is None:
            await self._application(scope, receive, self._learning(scope, look, send))
            return
        request_id = self._request_id(arrival.request_id.decode("latin-1"))
        outcome: Outcome | None
        body = b""
        if not ingestor.reserve(arrival.length):
            outcome = Overloaded()
        else:
            try:
                sent = await _body(receive)
                if sent is None:
                    return
                body = sent
                outcome = await self._outcome(ingestor, arrival, body)
            finally:
                ingestor.release(arrival.length)
        if isinstance(outcome, int):
            status, content = 202, b'{"status":"accepted","count":%d}' % outcome
            await answer(send, status, learned.accepted(len(content), request_id), content)
        elif isinstance(outcome, _SAID_HERE):
            status, wait, content = self._refusal(outcome, scope["path"], request_id)
            await answer(send, status, learned.refused(len(content), request_id, wait), content)
        else:
            await self._application(scope, _replayed(body, receive), send)
            return
        learned.meter.count(status, received=arrival.length, sent=len(content), began=began)

    async def _outcome(self, ingestor: Ingestor, arrival: Arrival, body: bytes) -> Outcome | None:
        """What became of it, or None where Django is to name what is wrong with the body."""
        if len(body) > LARGE_BODY:
            loop = asyncio.get_running_loop()
            one = await loop.run_in_executor(self._beside, _submission, arrival, body)
        else:
            one = _submission(arrival, body)
        if one is None:
            return None
        try:
            return await ingestor.submit_soon(one)
        except Overloaded as overloaded:
            return overloaded

    def _learning(self, scope: Message, look: _Look, send: Send) -> Send:
        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 202:
                self._looks.learn(look, message["headers"], meter_of(scope, look[1]))
            await send(message)

        return watched


def _submission(arrival: Arrival, body: bytes) -> Submission | None:
    try:
        samples = read_body(body, arrival.kind)
    except InvalidInput:
        return None
    return submission(
        token_claim(arrival.token),
        arrival.persona_id,
        samples,
        key=arrival.key,
        in_batch=body.lstrip()[:1] == b"[",
    )


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None when the client went away before it was sent."""
    message = await receive()
    if message["type"] != "http.request":
        return None
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return body
    parts = [body]
    while message.get("more_body", False):
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
    return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives the body that was read, and then goes on."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
