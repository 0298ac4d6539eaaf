"""The same stream over a WebSocket: each frame as JSON text ``{id, event, data}`` (contract §8)."""

from __future__ import annotations

import asyncio
import uuid

from channels.generic.websocket import AsyncWebsocketConsumer
from django.http import QueryDict

from leases.errors import InvalidInput
from telemetry.events import counters
from telemetry.events.broadcaster import broadcaster
from telemetry.events.credentials import credential_of_scope
from telemetry.events.frames import MESSAGES, Messages
from telemetry.events.pump import Pump, writer_of
from telemetry.events.reader import Reader, judges
from telemetry.events.selection import read_selection

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN = 4400, 4401, 4403
TRY_AGAIN = 1013


class EventsConsumer(AsyncWebsocketConsumer):
    """``ws/events``: takes the parameters of ``GET /events``, and ignores what is sent to it.

    Refuses before accepting: 4401 for strangers, 4403 for roles that may not read, 4400 for bad
    parameters. Closes with 4401 when the credential ends and 1013 when the reader is too slow.
    """

    pump: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        credential = await credential_of_scope(self.scope)
        if credential is None:
            await self.close(code=UNAUTHORIZED)
            return
        if not await judges.verdicts.allows(credential):
            await self.close(code=FORBIDDEN)
            return
        try:
            query = QueryDict(self.scope["query_string"])
            # On a thread: it may have to wait for what another node has published just now.
            selection = await asyncio.to_thread(read_selection, query, None, broadcaster)
        except InvalidInput:
            await self.close(code=BAD_REQUEST)
            return
        reader = Reader(credential, selection, str(uuid.uuid4()), MESSAGES)
        await self.accept()
        self.pump = asyncio.create_task(self._send_frames(reader))

    async def disconnect(self, code: int) -> None:
        if self.pump is not None:
            self.pump.cancel()
            await asyncio.gather(self.pump, return_exceptions=True)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Nothing is taken from clients here."""

    async def _send_frames(self, reader: Reader[Messages]) -> None:
        with counters.open_reader("websocket"):
            await Pump(reader, self._send_messages, writer_of(self.scope)).run()
        if reader.too_slow:
            counters.DROPPED.labels(transport="websocket").inc()
        await self.close(code=TRY_AGAIN if reader.too_slow else UNAUTHORIZED)

    async def _send_messages(self, messages: Messages) -> None:
        for text in messages.texts:
            # Past the consumer's own send, which would look at each message anew.
            await self.base_send({"type": "websocket.send", "text": text})
