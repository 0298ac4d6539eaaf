"""How often a person wants to be asked about a persona (contract §10)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from leases.errors import Fault
from leases.instants import to_milliseconds
from leases.models import User
from leases.roles import Right
from leases.services.decision_log import refusals_kept
from personas.selectors import persona_get
from personas.services.inbox import reminders_settle
from telemetry.journal.errors import InvalidReflection, JournalForbidden
from telemetry.journal.rhythm import CADENCES, OFF
from telemetry.models import JournalRhythm


@refusals_kept
def journal_rhythm_set(
    *, actor: User, persona_id: str, cadence: str, now: datetime
) -> JournalRhythm:
    """Ask the actor for reflections on a persona ``daily`` or ``weekly``, or no more (``off``).

    Another cadence begins anew; the same one again changes nothing. Raises ``PersonaNotFound``,
    ``JournalForbidden`` and ``InvalidReflection`` (pointer ``/cadence``).
    """
    persona = persona_get(persona_id)
    if not actor.has_right(Right.FEEDBACK):
        raise JournalForbidden
    if cadence not in CADENCES:
        message = f"cadence is one of {', '.join(CADENCES)}"
        raise InvalidReflection(message, errors=[Fault("/cadence", message, "invalid_choice")])
    own = JournalRhythm.objects.filter(person=actor, persona=persona)
    moment = to_milliseconds(now)
    first = JournalRhythm(person=actor, persona=persona, cadence=OFF, started_at=moment)
    with transaction.atomic():
        # Two tabs may ask for the first time at once: one row is made, and both write to it.
        JournalRhythm.objects.bulk_create([first], ignore_conflicts=True)
        moved = own.exclude(cadence=cadence).update(
            cadence=cadence, started_at=moment, answered_at=None, reminded_at=None
        )
        if moved:
            reminders_settle(person=actor, persona_id=persona.pk, now=moment)
    return own.select_related("persona").get()
