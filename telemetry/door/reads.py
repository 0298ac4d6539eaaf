"""The thin door of the hot reads, in front of Django: personas, their metrics, their feedback.

It serves what may be shown to who presents a token, and says when too many wait. Everything else
goes on to Django: refusals, sessions, the past of a record, and readers who say what they have
already. The DRF viewsets behind it are the documented endpoints, and answer everything that this
door answers, with the same bytes (contract §3, §7).
"""

from __future__ import annotations

import time
from typing import TypeAlias

from telemetry.door.asgi import Application, Headers, Message, Receive, Send, answer
from telemetry.door.feedback import Refusal, RequestId
from telemetry.door.looks import Look, Looks
from telemetry.door.metering import meter_of
from telemetry.door.visits import Visit, read_visit
from telemetry.errors import ReadsOverloaded
from telemetry.reading.questions import Answer, Kind, Shown
from telemetry.reading.reader import running_reader

ETAG = b"ETag"
CACHE_CONTROL = b"Cache-Control"

_Look: TypeAlias = tuple[Kind, str | None, tuple[tuple[bytes, bytes], ...]]


class ReadsDoor:
    """Serves reads that come with a token; everything else is ``application``'s."""

    def __init__(
        self, application: Application, *, request_id: RequestId, refusal: Refusal
    ) -> None:
        self._application = application
        self._request_id = request_id
        self._refusal = refusal
        self._looks = Looks()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        began = time.monotonic()
        visit, reader = read_visit(scope), running_reader()
        if visit is None or reader is None:
            await self._application(scope, receive, send)
            return
        look = (visit.question.kind, scope.get("scheme"), visit.look)
        learned = self._looks.get(look)
        if learned is None:
            await self._application(scope, receive, self._learning(scope, look, send))
            return
        try:
            shown: Answer = await reader.ask_soon(visit.question)
        except ReadsOverloaded as overloaded:
            status, sent = await self._refuse(scope, send, visit, learned, overloaded)
            learned.meter.count(status, received=0, sent=sent, began=began)
            return
        if shown is None:
            await self._application(scope, receive, send)
            return
        request_id = self._request_id(visit.request_id.decode("latin-1"))
        await answer(send, 200, _headers(learned, shown, request_id), shown.body)
        learned.meter.count(200, received=0, sent=len(shown.body), began=began)

    async def _refuse(
        self, scope: Message, send: Send, visit: Visit, learned: Look, error: ReadsOverloaded
    ) -> tuple[int, int]:
        """Answer so; status and length of the body."""
        request_id = self._request_id(visit.request_id.decode("latin-1"))
        status, wait, content = self._refusal(error, scope["path"], request_id)
        headers = learned.refused(len(content), request_id, wait)
        kept = [one for one in headers if one[0] not in {ETAG, CACHE_CONTROL}]
        await answer(send, status, kept, content)
        return status, len(content)

    def _learning(self, scope: Message, look: _Look, send: Send) -> Send:
        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                self._looks.learn(look, message["headers"], meter_of(scope, look[2]))
            await send(message)

        return watched


def _headers(learned: Look, shown: Shown, request_id: str) -> Headers:
    headers = learned.accepted(len(shown.body), request_id)
    if shown.etag is not None:
        headers[learned.place_of(ETAG)] = (ETAG, shown.etag)
    return headers
