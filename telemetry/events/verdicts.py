"""What a reader may see at the moment of delivery, without asking the database for every event.

A verdict is at most one second old, and none outlives a change of consent, lease, token or role
in this process: the broadcaster's ``rights`` rise with each, before the change is answered.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Hashable

from channels.db import database_sync_to_async
from django.utils import timezone

from leases.models import User
from personas.models import Persona
from telemetry.events.broadcaster import Broadcaster
from telemetry.events.credentials import Credential
from telemetry.services.admission import may_read_telemetry

MAX_AGE_SECS = 1.0
REMEMBERED = 10_000


class Verdicts:
    """Verdicts shared by all streams of the process."""

    def __init__(self, broadcaster: Broadcaster) -> None:
        self._broadcaster = broadcaster
        self._known: dict[Hashable, tuple[bool, int, float]] = {}

    async def may_read(self, credential: Credential) -> bool:
        """Whether the credential still opens a stream."""
        return await self._judged(credential, lambda: credential.reader(timezone.now()) is not None)

    async def may_read_telemetry(self, principal_id: uuid.UUID, persona_id: str) -> bool:
        """Whether the principal may see the persona's feedback now."""
        return await self._judged(
            (principal_id, persona_id), lambda: _may_read_telemetry(principal_id, persona_id)
        )

    async def _judged(self, about: Hashable, judge: Callable[[], bool]) -> bool:
        while True:
            rights, asked = self._broadcaster.rights, time.monotonic()
            known = self._known.get(about)
            if known is not None and known[1] == rights and asked - known[2] < MAX_AGE_SECS:
                return known[0]
            verdict = await database_sync_to_async(judge, thread_sensitive=False)()
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[about] = (verdict, rights, asked)
            # Rights that moved meanwhile may not have been seen by the question: ask again.
            if self._broadcaster.rights == rights:
                return verdict


def _may_read_telemetry(principal_id: uuid.UUID, persona_id: str) -> bool:
    user = User.objects.filter(pk=principal_id).first()
    persona = Persona.objects.filter(pk=persona_id).first()
    if user is None or persona is None:
        return False
    return may_read_telemetry(actor=user, persona=persona, now=timezone.now())
