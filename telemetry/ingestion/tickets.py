"""What was handed in, and where its outcome is awaited."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from telemetry.ingestion.submission import Outcome, Submission

logger = logging.getLogger(__name__)


class Answer(Protocol):
    """Where an outcome goes: a future, or what passes it on."""

    def done(self) -> bool:
        """Whether nobody waits for it any more."""

    def set_result(self, outcome: Outcome, /) -> None:
        """Take the outcome."""


@dataclass(slots=True)
class Ticket:
    """A submission whose outcome is awaited: on ``loop``, or by a thread where that is None."""

    submission: Submission
    answer: Answer
    loop: asyncio.AbstractEventLoop | None
    since: float = field(default_factory=time.monotonic)

    def resolve(self, outcome: Outcome) -> None:
        """Tell the outcome; on the loop's own thread, where a loop awaits it."""
        if not self.answer.done():
            self.answer.set_result(outcome)


def samples_of(tickets: Sequence[Ticket]) -> int:
    """How many samples they hold together."""
    return sum(len(one.submission.samples) for one in tickets)


def resolve_all(tickets: Sequence[Ticket], outcomes: Sequence[Outcome]) -> None:
    """Tell each its outcome, from any thread; each loop is woken once."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[Ticket, Outcome]]] = {}
    for one, outcome in zip(tickets, outcomes, strict=True):
        if one.loop is None:
            one.resolve(outcome)
        else:
            loops.setdefault(one.loop, []).append((one, outcome))
    for loop, answers in loops.items():
        try:
            loop.call_soon_threadsafe(_resolve, answers)
        except RuntimeError:
            logger.info("ingestion_unanswered", extra={"requests": len(answers)})


def _resolve(answers: Sequence[tuple[Ticket, Outcome]]) -> None:
    for one, outcome in answers:
        one.resolve(outcome)
