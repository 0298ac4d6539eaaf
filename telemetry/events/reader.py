"""One open stream: the walk of a reader through the window, whatever carries it (contract §8)."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from leases.instants import rfc3339
from telemetry.events.broadcaster import Broadcaster, Published, broadcaster
from telemetry.events.credentials import Credential
from telemetry.events.prefixes import selects
from telemetry.events.selection import Selection
from telemetry.events.verdicts import Verdicts

KEEP_ALIVE_SECS = 10.0
AT_ONCE = 100
CONNECTED = "service.connected"
GAP = "service.gap"


@dataclass(frozen=True, slots=True)
class Frame:
    """What is sent: ``data`` is JSON text on one line; ``id`` is where a resume goes on."""

    id: str | None
    event: str
    data: str


verdicts = Verdicts(broadcaster)


class Reader:
    """Yields the frames of one stream; None stands for a keep-alive.

    The stream ends when the credential does, when the reader fell out of the window (after a
    frame that says so; ``too_slow`` is set), or when the database is gone.
    """

    def __init__(
        self,
        credential: Credential,
        selection: Selection,
        request_id: str,
        *,
        source: Broadcaster = broadcaster,
        judges: Verdicts = verdicts,
        keep_alive: float = KEEP_ALIVE_SECS,
    ) -> None:
        self._credential = credential
        self._selection = selection
        self._request_id = request_id
        self._source = source
        self._verdicts = judges
        self._keep_alive = keep_alive
        self.too_slow = False

    async def frames(self) -> AsyncGenerator[Frame | None]:
        """The first frame is ``service.connected``; then replay and live, in order, each once."""
        yield self._connected()
        if self._selection.gap:
            yield self._gap("outside_window", self._source.event_id(self._selection.position))
        try:
            async with aclosing(self._events()) as events:
                async for frame in events:
                    yield frame
        except (OperationalError, InterfaceError):
            # Nobody can be judged any more. The client comes back, and resumes.
            return

    async def _events(self) -> AsyncGenerator[Frame | None]:
        position = self._selection.position
        spoke = time.monotonic()
        while True:
            changes = self._source.changes
            batch = self._source.after(position, AT_ONCE)
            if batch is None:
                self.too_slow = True
                yield self._gap("slow_reader", None)
                return
            for one in batch:
                position = one.number
                if not self._selects(one) or not await self._may_see(one):
                    continue
                yield Frame(self._source.event_id(one.number), one.topic, one.data)
                spoke = time.monotonic()
            if not await self._verdicts.may_read(self._credential):
                return
            if batch:
                continue
            rest = self._keep_alive - (time.monotonic() - spoke)
            if rest <= 0:
                yield None
                spoke, rest = time.monotonic(), self._keep_alive
            await self._source.wait(changes, min(rest, self._life()))

    def _selects(self, one: Published) -> bool:
        return selects(self._selection.prefixes, one.topic, one.aliases)

    async def _may_see(self, one: Published) -> bool:
        """Judged last of all: nothing is awaited between this and handing the event over."""
        while True:
            rights = self._source.rights
            allowed = await self._verdicts.may_read(self._credential) and (
                one.persona_id is None
                or await self._verdicts.may_read_telemetry(
                    self._credential.principal_id, one.persona_id
                )
            )
            if rights == self._source.rights:
                return allowed and not one.erased

    def _life(self) -> float:
        """Seconds until the token expires; no time at all once it has."""
        if self._credential.expires is None:
            return self._keep_alive
        left = (self._credential.expires - timezone.now()).total_seconds()
        return max(left, 0.0) + 0.001

    def _connected(self) -> Frame:
        chosen = self._selection
        # With a gap to be told, the position is only given with the frame that tells it.
        at = None if chosen.gap else self._source.event_id(chosen.position)
        payload = {
            "request_id": self._request_id,
            "resume_from": chosen.resume_from,
            "replay": {"mode": chosen.mode, "count": chosen.count},
            "prefixes": list(chosen.prefixes) or None,
        }
        return Frame(at, CONNECTED, _envelope(CONNECTED, payload))

    def _gap(self, reason: str, at: str | None) -> Frame:
        payload = {"reason": reason, "resume_from": self._selection.resume_from}
        return Frame(at, GAP, _envelope(GAP, payload))


def _envelope(kind: str, payload: dict[str, Any]) -> str:
    envelope = {"time": rfc3339(timezone.now()), "kind": kind, "payload": payload}
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))
