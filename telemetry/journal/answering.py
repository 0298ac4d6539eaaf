"""Answering a prompt: the words become a memory item of their writer (contract §10)."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from leases.errors import Fault
from leases.instants import to_milliseconds
from leases.models import User
from leases.roles import Right
from leases.services.decision_log import refusals_kept
from leases.signals import send_after_commit
from personas.models import Persona
from personas.selectors import persona_get
from personas.services.inbox import reminders_settle
from telemetry.journal.errors import AlreadyReflected, InvalidReflection, JournalForbidden
from telemetry.journal.rhythm import OFF, PROMPTS, period_of, prompt_of
from telemetry.memory.items import item_upsert
from telemetry.models import JournalAnswer, JournalRhythm, MemoryItem
from telemetry.signals import reflection_completed

TAG = "persona_reflection"
SOURCE = "journal"


@refusals_kept
def journal_answer(
    *, actor: User, persona_id: str, text: str, now: datetime, prompt: str = ""
) -> JournalAnswer:
    """Keep what the actor answers to ``prompt``, or to the one of this period where it is empty.

    It counts for the period in which it is given: the day or week of the actor's rhythm, the day
    where there is none. The item is private to the actor until a lease ``share:persona`` shares
    it. Raises ``PersonaNotFound``, ``JournalForbidden``, ``InvalidReflection`` (pointers ``/text``,
    ``/prompt``), ``AlreadyReflected``, and what ``item_upsert`` refuses; then nothing is kept.
    """
    persona = persona_get(persona_id)
    if not actor.has_right(Right.FEEDBACK):
        raise JournalForbidden
    _check(text, prompt)
    moment = to_milliseconds(now)
    cadence = _cadence(actor, persona)
    period = period_of(cadence, moment).key
    _refuse_second(actor, persona, period)
    try:
        with transaction.atomic():
            answer = JournalAnswer.objects.create(
                person=actor,
                persona=persona,
                item=_item(actor, persona, text, now),
                prompt=prompt or prompt_of(cadence, persona.pk, moment),
                period=period,
                answered_at=moment,
            )
            _note_answered(answer)
            send_after_commit(
                reflection_completed,
                JournalAnswer,
                persona_id=persona.pk,
                item_id=answer.item_id,
                actor=actor,
                now=moment,
            )
    except IntegrityError:
        # Another tab was quicker; everything of this one was taken back.
        _refuse_second(actor, persona, period)
        raise
    return answer


def _check(text: str, prompt: str) -> None:
    faults = []
    if not text.strip():
        faults.append(Fault("/text", "a reflection needs words", "required"))
    if prompt and prompt not in PROMPTS:
        faults.append(Fault("/prompt", "no prompt has this name", "invalid_choice"))
    if faults:
        raise InvalidReflection(faults[0].message, errors=faults)


def _cadence(actor: User, persona: Persona) -> str:
    rhythm = JournalRhythm.objects.filter(person=actor, persona=persona).first()
    return OFF if rhythm is None else rhythm.cadence


def _refuse_second(actor: User, persona: Persona, period: str) -> None:
    given = JournalAnswer.objects.filter(person=actor, persona=persona, period=period).first()
    if given is not None:
        raise AlreadyReflected(period=period, item_id=str(given.item_id))


def _item(actor: User, persona: Persona, text: str, now: datetime) -> MemoryItem:
    return item_upsert(
        actor=actor,
        lane=MemoryItem.Lane.EPISODIC,
        text=text.strip(),
        tags=(TAG,),
        source=SOURCE,
        owner_kind=persona.owner_kind,
        owner_ref=persona.owner_ref,
        relevance={persona.pk: 1.0},
        now=now,
    )


def _note_answered(answer: JournalAnswer) -> None:
    """The rhythm remembers it, and its reminder waits no longer."""
    own = JournalRhythm.objects.filter(person=answer.person, persona=answer.persona)
    own.update(answered_at=answer.answered_at)
    reminders_settle(person=answer.person, persona_id=answer.persona_id, now=answer.answered_at)
