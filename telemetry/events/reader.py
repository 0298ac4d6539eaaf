"""One open stream: the walk of a reader through the window, whatever carries it (contract §8)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from leases.instants import rfc3339
from telemetry.events.batches import Batches
from telemetry.events.broadcaster import Broadcaster, broadcaster
from telemetry.events.credentials import Credential
from telemetry.events.frames import Form, Frame
from telemetry.events.judging import Question
from telemetry.events.selection import Selection
from telemetry.events.verdicts import Verdicts

KEEP_ALIVE_SECS = 10.0
CONNECTED = "service.connected"
GAP = "service.gap"
DEGRADED = "service.degraded"
RECOVERED = "service.recovered"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Idle:
    """There is nothing to say while ``changes`` is current, at most for ``seconds``."""

    changes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Open:
    """Questions that must be answered first."""

    questions: tuple[Question, ...]


class Judges:
    """What the readers of one broadcaster share."""

    def __init__(self, source: Broadcaster) -> None:
        self.source = source
        self.verdicts = Verdicts(source)
        self.batches = Batches(source, self.verdicts)


judges = Judges(broadcaster)


class Reader(Generic[T]):
    """Says what is to be sent next on one stream, in the form of its transport.

    The stream ends when the credential does, when the reader fell out of the window (after a
    frame that says so; ``too_slow`` is set), or when the database is gone.
    """

    def __init__(
        self,
        credential: Credential,
        selection: Selection,
        request_id: str,
        form: Form[T],
        *,
        shared: Judges = judges,
        keep_alive: float = KEEP_ALIVE_SECS,
    ) -> None:
        self.form = form
        self.position = selection.position
        self.too_slow = False
        self.turn: Callable[[], bool] | None = None
        """What may be called in place of waking whoever waits in ``next``; see ``Bell.wait``."""
        self._credential = shared.verdicts.same(credential)
        self._selection = selection
        self._request_id = request_id
        self._source = shared.source
        self._verdicts = shared.verdicts
        self._batches = shared.batches
        self._keep_alive = keep_alive
        self._begun = self._degraded = False
        self._settled = -1
        self._spoke = 0.0
        self._expires = _monotonic(credential.expires)

    async def next(self) -> T | None:
        """What is to be sent now; waits for it. None when the stream is over.

        Nothing is awaited between the last verdict and the return.
        """
        try:
            while True:
                told = self.step()
                if isinstance(told, Idle):
                    await self._source.wait(told.changes, told.seconds, self.turn)
                elif isinstance(told, Open):
                    await self._verdicts.ask(told.questions)
                else:
                    return told
        except (OperationalError, InterfaceError):
            # Nobody can be judged any more. The client comes back, and resumes.
            return None

    def step(self) -> T | Idle | Open | None:
        """What is to be sent now, or what has to be waited for; None when the stream is over."""
        if not self._begun:
            self._begun = True
            return self._said(self._opening())
        while not self.too_slow:
            changes, last = self._source.changes, self._source.last
            if changes == self._settled and (rest := self._rest()) > 0:
                # Nothing has happened since the look before this one.
                return Idle(changes, rest)
            if self._expires is not None and time.monotonic() >= self._expires:
                return None
            if self._degraded != self._source.degraded:
                return self._said([self._health()])
            allowed = self._verdicts.known(self._credential)
            if allowed is None:
                return Open((self._credential,))
            if not allowed:
                return None
            batch = self._batches.next(
                self.position, self._selection.prefixes, self._credential, self.form
            )
            if batch is None:
                return self._said([self._behind()])
            if batch.open:
                return Open(batch.open)
            self.position = batch.end
            self._settled = changes if batch.end >= last else -1
            if batch.payload is not None:
                self._spoke = time.monotonic()
                return batch.payload
            if time.monotonic() - self._spoke >= self._keep_alive:
                self._spoke = time.monotonic()
                if (keep_alive := self.form.keep_alive()) is not None:
                    return keep_alive
        return None

    @property
    def is_behind(self) -> bool:
        """Whether events that it has not been sent have left the window."""
        return self.position + 1 < self._source.oldest

    def _said(self, frames: list[str | bytes]) -> T:
        self._spoke = time.monotonic()
        return self.form.together(frames)

    def _rest(self) -> float:
        """Seconds until it has to say something, or to look whether the token has expired."""
        rest = self._keep_alive - (time.monotonic() - self._spoke)
        if self._expires is not None:
            rest = min(rest, self._expires - time.monotonic())
        return rest

    def _opening(self) -> list[str | bytes]:
        chosen = self._selection
        at = self._source.event_id(chosen.position)
        payload = {
            "request_id": self._request_id,
            "resume_from": chosen.resume_from,
            "replay": {"mode": chosen.mode, "count": chosen.count},
            "prefixes": list(chosen.prefixes) or None,
        }
        # With a gap to be told, the position is only given with the frame that tells it.
        first = Frame(None if chosen.gap else at, CONNECTED, _envelope(CONNECTED, payload))
        frames = [self.form.frame(first, first=True)]
        if chosen.gap:
            frames.append(self._gap("outside_window", at))
        return frames

    def _behind(self) -> str | bytes:
        cut = self._source.cut
        if self.position < cut:
            # Not the reader's fault: it goes on from where the stream begins anew.
            self.position = cut
            return self._gap("stream_lost", self._source.event_id(cut))
        self.too_slow = True
        return self._gap("slow_reader", None)

    def _health(self) -> str | bytes:
        self._degraded = not self._degraded
        kind = DEGRADED if self._degraded else RECOVERED
        since = rfc3339(self._source.degraded_moved_at)
        payload = {"reason": "redis", "since": since}
        return self.form.frame(Frame(None, kind, _envelope(kind, payload)))

    def _gap(self, reason: str, at: str | None) -> str | bytes:
        payload = {"reason": reason, "resume_from": self._selection.resume_from}
        return self.form.frame(Frame(at, GAP, _envelope(GAP, payload)))


def _monotonic(moment: datetime | None) -> float | None:
    """The moment on the clock that only goes forward; a little later, so as not to come too early."""
    if moment is None:
        return None
    return time.monotonic() + (moment - timezone.now()).total_seconds() + 0.001


def _envelope(kind: str, payload: dict[str, Any]) -> str:
    envelope = {"time": rfc3339(timezone.now()), "kind": kind, "payload": payload}
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))
