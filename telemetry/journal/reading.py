"""What is due, what was answered, and who may read it (contract §10)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from leases.models import User
from personas.models import Persona
from telemetry.journal.prompts import prompt_text
from telemetry.journal.rhythm import DAILY, WEEKLY, Period, period_of, prompt_of
from telemetry.memory.sharing import Sharing, shared_items
from telemetry.models import JournalAnswer, JournalRhythm


@dataclass(frozen=True, slots=True)
class Due:
    """One prompt that waits for its person: ``prompt`` is its name, ``text`` its words."""

    rhythm: JournalRhythm
    period: Period
    prompt: str

    @property
    def persona(self) -> Persona:
        return self.rhythm.persona

    @property
    def text(self) -> str:
        return prompt_text(self.prompt, self.persona)


def journal_due(*, person: User, now: datetime) -> list[Due]:
    """The prompts that wait for ``person``, by the names of the personas."""
    waiting = rhythms_due(now).filter(person=person).select_related("persona")
    return [
        Due(
            rhythm,
            period_of(rhythm.cadence, now),
            prompt_of(rhythm.cadence, rhythm.persona_id, now),
        )
        for rhythm in waiting.order_by("persona__name", "persona_id")
    ]


def journal_due_count(*, person: User, now: datetime) -> int:
    """How many prompts wait for ``person``."""
    return rhythms_due(now).filter(person=person).count()


def rhythms_due(now: datetime) -> QuerySet[JournalRhythm]:
    """The rhythms of all people whose period at ``now`` has no answer yet."""
    answers = JournalAnswer.objects.filter(person=OuterRef("person"), persona=OuterRef("persona"))
    wanting = Q()
    for cadence in (DAILY, WEEKLY):
        given = answers.filter(period=period_of(cadence, now).key)
        wanting |= Q(~Exists(given), cadence=cadence)
    return JournalRhythm.objects.filter(wanting)


def answered_periods(*, person: User, now: datetime) -> dict[str, set[str]]:
    """Which of the day and the week of ``now`` are answered, by the persona's id."""
    present = [period_of(cadence, now).key for cadence in (DAILY, WEEKLY)]
    found: dict[str, set[str]] = {}
    given = JournalAnswer.objects.filter(person=person, period__in=present)
    for persona_id, period in given.values_list("persona_id", "period"):
        found.setdefault(persona_id, set()).add(period)
    return found


def journal_answers(*, person: User, persona: Persona | None = None) -> QuerySet[JournalAnswer]:
    """What ``person`` has answered and not erased since, newest first."""
    own = _present().filter(person=person)
    return own if persona is None else own.filter(persona=persona)


def reflections_of(persona: Persona, *, viewer: User, now: datetime) -> QuerySet[JournalAnswer]:
    """The answers about ``persona`` that ``viewer`` may read: their own, and those shared with it.

    An item that was moved to another owner since is no longer about the persona.
    """
    shared = Q(item__in=shared_items(persona, now))
    return _present().filter(persona=persona).filter(Q(person=viewer) | shared)


def shared_personas(personas: Collection[Persona], *, person: User, now: datetime) -> set[str]:
    """The ids of those of ``personas`` that ``person`` shares memory with at ``now``."""
    sharing = Sharing.at(now, [person.pk])
    return {one.pk for one in personas if sharing.allows(one.resource, person.pk)}


def _present() -> QuerySet[JournalAnswer]:
    answers = JournalAnswer.objects.filter(item__erased_at__isnull=True)
    return answers.select_related("persona", "person", "item").order_by("-answered_at", "-id")
