"""What readers at the same place are sent is put together once (contract §8)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from telemetry.events.broadcaster import Broadcaster
from telemetry.events.credentials import Credential
from telemetry.events.frames import Form
from telemetry.events.groups import Published
from telemetry.events.judging import Question
from telemetry.events.prefixes import selects
from telemetry.events.verdicts import Verdicts

AT_ONCE = 100
BYTES_AT_ONCE = 64 * 1024
KEPT = 64
FRESH_SECS = 0.05

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    """The way from one position to ``end``, and what is sent for it.

    ``open`` are questions that must be answered first; then there is nothing else.
    """

    end: int
    payload: T | None = None
    open: tuple[Question, ...] = ()


class Batches:
    """Batches shared by all readers of a process."""

    def __init__(self, source: Broadcaster, verdicts: Verdicts) -> None:
        self._source = source
        self._verdicts = verdicts
        self._kept: dict[tuple[Any, ...], Batch[Any]] = {}
        self._stamp: tuple[int, int] = (0, 0)
        self._since = 0.0

    def next(
        self, position: int, prefixes: tuple[str, ...], credential: Credential, form: Form[T]
    ) -> Batch[T] | None:
        """What comes after ``position``; None when events after it have left the window."""
        stamp, now = (self._source.rights, self._source.erasures), time.monotonic()
        if stamp != self._stamp or now - self._since > FRESH_SECS or len(self._kept) >= KEPT:
            self._kept.clear()
            self._stamp, self._since = stamp, now
        key = (form.transport, position, prefixes, credential.principal_id)
        known = self._kept.get(key)
        if known is not None:
            return known
        events = self._source.after(position, AT_ONCE)
        if events is None:
            return None
        if not events:
            return Batch(position)
        batch = self._gathered(events, prefixes, credential, form)
        if not batch.open:
            self._kept[key] = batch
        return batch

    def _gathered(
        self,
        events: list[Published],
        prefixes: tuple[str, ...],
        credential: Credential,
        form: Form[T],
    ) -> Batch[T]:
        parts: list[bytes | str] = []
        size = 0
        end = events[0].number - 1
        judged: dict[str, bool | None] = {}
        chosen: dict[str, bool] = {}
        for one in events:
            topic, persona_id = one.topic, one.persona_id
            if topic not in chosen:
                chosen[topic] = selects(prefixes, topic, one.group.aliases)
            seen: bool | None = chosen[topic]
            if seen and persona_id is not None:
                if persona_id not in judged:
                    judged[persona_id] = self._verdicts.known((credential.principal_id, persona_id))
                seen = judged[persona_id]
            part = form.event(one) if seen else ""
            # Looked at last, so that what is erased meanwhile is neither sent nor sent empty.
            if seen and not one.erased:
                parts.append(part)
                size += len(part)
            end = one.number
            if size > BYTES_AT_ONCE:
                break
        unknown = [key for key, verdict in judged.items() if verdict is None]
        if unknown:
            return Batch(end, open=tuple((credential.principal_id, key) for key in unknown))
        return Batch(end, form.together(parts) if parts else None)
