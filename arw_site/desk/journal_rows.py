"""What the journal shows: prompts that wait, rhythms, and where earlier answers went (§10)."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.translation import gettext as _

from arw_site.api_errors import status_of
from leases.errors import DomainError
from leases.models import User
from leases.page_errors import sentence
from leases.roles import Right
from leases.standing import ask_url, grant_url
from personas.models import Persona, Proposal
from telemetry.journal.errors import AlreadyReflected, InvalidReflection
from telemetry.journal.prompts import prompt_text
from telemetry.journal.reading import (
    Due,
    answered_periods,
    journal_answers,
    journal_due,
    reflections_of,
    shared_personas,
)
from telemetry.journal.rhythm import OFF, due_period, next_due
from telemetry.memory.held import held_beliefs
from telemetry.memory.sharing import sharing_capability
from telemetry.models import JournalAnswer, JournalRhythm

PAGE_SIZE = 12
RHYTHMS = 30
CHOICES = 300
RECENT = 4
PROPOSALS_SEARCHED = 100


@dataclass(slots=True)
class ReflectionForm:
    """An answer as it was sent, with what is wrong with it."""

    persona_id: str = ""
    prompt: str = ""
    text: str = ""
    text_error: str = ""
    error: str = ""
    over: bool = False
    status: int = 200

    def refuse(self, error: DomainError) -> None:
        """Put what ``error`` says beside the field that it is about, and keep what was typed."""
        self.status = int(status_of(error))
        self.over = isinstance(error, AlreadyReflected)
        for fault in error.errors:
            if fault.pointer == "/text":
                self.text_error = f"{fault.message[:1].upper()}{fault.message[1:]}."
        if isinstance(error, InvalidReflection) and not self.text.strip():
            self.text_error = _("Write something first: a sentence is enough.")
        if not self.text_error:
            self.error = sentence(error)


@dataclass(slots=True)
class RhythmForm:
    """The form that begins a rhythm, with what is wrong with it."""

    persona_id: str = ""
    cadence: str = "weekly"
    error: str = ""
    status: int = HTTPStatus.OK

    cadences = JournalRhythm.Cadence.choices


@dataclass(frozen=True, slots=True)
class Waiting:
    """A prompt that waits, with its form."""

    due: Due
    form: ReflectionForm


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer and where it went: who reads it, and what rests on it."""

    answer: JournalAnswer
    shared: bool
    own: bool = True
    proposals: tuple[Proposal, ...] = ()
    beliefs: int = 0

    @property
    def question(self) -> str:
        return prompt_text(self.answer.prompt, self.answer.persona)


@dataclass(frozen=True, slots=True)
class RhythmRow:
    """How often the viewer is asked about a persona, and when next."""

    persona: Persona
    cadence: str
    waits: bool = False
    next_at: datetime | None = None
    shared: bool = False
    share_url: str = ""

    cadences = JournalRhythm.Cadence.choices


def journal_context(
    *,
    viewer: User,
    now: datetime,
    page: str | None,
    about: Persona | None = None,
    form: ReflectionForm | None = None,
    rhythm: RhythmForm | None = None,
) -> dict[str, Any]:
    """The page: what waits, what was answered (``about`` one persona or all), who asks."""
    waiting = [_waiting(due, form) for due in journal_due(person=viewer, now=now)]
    shown = any(one.form is form for one in waiting)
    answers = Paginator(journal_answers(person=viewer, persona=about), PAGE_SIZE).get_page(page)
    rhythms = _rhythm_rows(viewer, now)
    return {
        "waiting": waiting,
        "unsent": form if form is not None and not shown and form.text.strip() else None,
        "page": answers,
        "kept": kept_rows(list(answers.object_list), viewer=viewer, now=now),
        "about": about,
        "query": "" if about is None else f"persona={about.pk}",
        "rhythms": rhythms,
        "asking": rhythm or RhythmForm(),
        "askable": _askable(rhythms),
    }


def kept_rows(answers: list[JournalAnswer], *, viewer: User, now: datetime) -> list[Kept]:
    """Where each of the viewer's own answers went."""
    personas = {one.persona_id: one.persona for one in answers}
    shared = shared_personas(personas.values(), person=viewer, now=now)
    items = {str(one.item_id) for one in answers}
    cited = _proposals_citing(items, personas)
    beliefs = _beliefs_citing(personas.values())
    return [
        Kept(
            one,
            shared=one.persona_id in shared and _still_about(one),
            proposals=tuple(cited.get(str(one.item_id), ())),
            beliefs=beliefs.count((one.persona_id, str(one.item_id))),
        )
        for one in answers
    ]


def persona_journal(persona: Persona, *, viewer: User, now: datetime) -> dict[str, Any]:
    """Of one persona: its newest reflections that the viewer may read, and the viewer's rhythm."""
    recent = list(reflections_of(persona, viewer=viewer, now=now)[:RECENT])
    rhythm = JournalRhythm.objects.filter(person=viewer, persona=persona).first()
    (row,) = _rows([(persona, OFF if rhythm is None else rhythm.cadence)], viewer, now)
    return {
        "reflections": [
            # What others wrote is only here because it is shared.
            Kept(one, shared=(row.shared and _still_about(one)) or not own, own=own)
            for one in recent
            for own in [one.person_id == viewer.pk]
        ],
        "rhythm": row,
    }


def _waiting(due: Due, form: ReflectionForm | None) -> Waiting:
    if form is not None and form.persona_id == due.persona.pk and not form.over:
        return Waiting(due, form)
    return Waiting(due, ReflectionForm(due.persona.pk, due.prompt))


def _rhythm_rows(viewer: User, now: datetime) -> list[RhythmRow]:
    own = JournalRhythm.objects.filter(person=viewer).select_related("persona")
    rhythms = list(own.exclude(cadence=OFF).order_by("persona__name", "persona_id")[:RHYTHMS])
    return _rows([(one.persona, one.cadence) for one in rhythms], viewer, now)


def _rows(rhythms: list[tuple[Persona, str]], viewer: User, now: datetime) -> list[RhythmRow]:
    shared = shared_personas([persona for persona, _cadence in rhythms], person=viewer, now=now)
    given = answered_periods(person=viewer, now=now)
    leads_to = grant_url if viewer.has_right(Right.MANAGE_LEASES) else ask_url
    capability, back = sharing_capability(), reverse("admin:desk_journal")
    rows = []
    for persona, cadence in rhythms:
        answered = given.get(persona.pk, set())
        share = "" if persona.pk in shared else leads_to(capability, f"persona:{persona.pk}", back)
        rows.append(
            RhythmRow(
                persona,
                cadence,
                waits=due_period(cadence, answered, now) is not None,
                next_at=next_due(cadence, answered, now),
                shared=persona.pk in shared,
                share_url=share,
            )
        )
    return rows


def _askable(rhythms: Collection[RhythmRow]) -> list[Persona]:
    asked = [row.persona.pk for row in rhythms]
    others = Persona.objects.exclude(pk__in=asked).order_by("name", "id")
    return list(others.only("id", "name")[:CHOICES])


def _still_about(answer: JournalAnswer) -> bool:
    """Whether its item still belongs to the owner of the persona: else it influences nothing."""
    item, persona = answer.item, answer.persona
    return (item.owner_kind, item.owner_ref) == (persona.owner_kind, persona.owner_ref)


def _beliefs_citing(personas: Collection[Persona]) -> list[tuple[str, str]]:
    """Persona and item of every citation in the records."""
    return [
        (persona.pk, cited)
        for persona in personas
        for belief in held_beliefs(persona.worldview)
        for cited in belief.citations
    ]


def _proposals_citing(
    items: Collection[str], personas: Collection[str]
) -> dict[str, list[Proposal]]:
    """The newest proposals of automations about ``personas`` by the items that their diffs name."""
    found: dict[str, list[Proposal]] = {}
    if not items:
        return found
    made = Proposal.objects.filter(persona_id__in=personas, submitted_by__interactive=False)
    for proposal in made.order_by("-created_at")[:PROPOSALS_SEARCHED]:
        words = json.dumps(proposal.diff)
        for item in items:
            if item in words:
                found.setdefault(item, []).append(proposal)
    return found
