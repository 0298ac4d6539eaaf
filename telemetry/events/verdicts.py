"""What a reader may see at the moment of delivery, without asking the database for every event.

A verdict is at most one second old, and none outlives a change of consent, lease, token or role
that this process knows of: the broadcaster's ``rights`` rise with each, before the change is
answered. All that the readers of a process ask at a time is asked in one go, and what they keep
asking is asked again before it grows too old, so that a delivery seldom waits for the database.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from channels.db import database_sync_to_async
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from telemetry.events.broadcaster import Broadcaster
from telemetry.events.credentials import Credential
from telemetry.events.judging import Question, judge

MAX_AGE_SECS = 0.9  # what is put together for several readers may be some milliseconds older
RENEW_SECS = 0.4
REMEMBERED = 20_000


@dataclass(slots=True)
class _Inquiry:
    """What is asked together on one event loop."""

    questions: set[Question] = field(default_factory=set)
    answered: asyncio.Task[None] | None = None


class Verdicts:
    """Verdicts shared by all streams of the process."""

    def __init__(self, broadcaster: Broadcaster) -> None:
        self._broadcaster = broadcaster
        self._known: dict[Question, tuple[bool, int, float]] = {}
        self._inquiries: dict[asyncio.AbstractEventLoop, _Inquiry] = {}
        self._renewing: set[Question] = set()
        self._credentials: dict[Credential, Credential] = {}

    def same(self, credential: Credential) -> Credential:
        """One object for all streams that are open on the same credential: cheap to look up."""
        if len(self._credentials) >= REMEMBERED:
            self._credentials.clear()
        return self._credentials.setdefault(credential, credential)

    def known(self, question: Question) -> bool | None:
        """The verdict, or None when it must be asked for."""
        found = self._known.get(question)
        if found is None:
            return None
        verdict, rights, asked = found
        age = time.monotonic() - asked
        if rights != self._broadcaster.rights or age > MAX_AGE_SECS:
            return None
        if age > RENEW_SECS and question not in self._renewing:
            self._renewing.add(question)
            self._inquiry().questions.add(question)
        return verdict

    async def ask(self, questions: Iterable[Question]) -> None:
        """Return when the questions were answered; ``known`` tells what was said."""
        inquiry = self._inquiry()
        inquiry.questions.update(questions)
        assert inquiry.answered is not None  # noqa: S101  set where it is made
        await asyncio.shield(inquiry.answered)

    async def allows(self, question: Question) -> bool:
        """The verdict, whatever it takes."""
        while (verdict := self.known(question)) is None:
            await self.ask([question])
        return verdict

    def _inquiry(self) -> _Inquiry:
        loop = asyncio.get_running_loop()
        inquiry = self._inquiries.get(loop)
        if inquiry is None:
            inquiry = self._inquiries[loop] = _Inquiry()
            inquiry.answered = loop.create_task(self._answer(loop, inquiry))
            # Nobody may be waiting for what is merely renewed.
            inquiry.answered.add_done_callback(_look_at)
        return inquiry

    async def _answer(self, loop: asyncio.AbstractEventLoop, inquiry: _Inquiry) -> None:
        await asyncio.sleep(0)  # all who are awake ask first
        del self._inquiries[loop]
        questions = inquiry.questions
        try:
            rights, asked = self._broadcaster.rights, time.monotonic()
            judged = database_sync_to_async(judge, thread_sensitive=False)
            verdicts = await judged(questions, timezone.now())
        finally:
            self._renewing -= questions
        if len(self._known) + len(verdicts) > REMEMBERED:
            self._known.clear()
        # Rights that moved meanwhile may not have been seen: such a verdict is not known.
        for question, verdict in verdicts.items():
            self._known[question] = (verdict, rights, asked)


def _look_at(task: asyncio.Task[None]) -> None:
    with suppress(asyncio.CancelledError, OperationalError, InterfaceError):
        task.result()
