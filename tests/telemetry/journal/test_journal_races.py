"""Two tabs at the same moment: one answer, one rhythm, one reminder (contract §10)."""

from datetime import timedelta

import pytest

from leases.models import User
from personas.models import Notification, Persona
from telemetry.journal.answering import journal_answer
from telemetry.journal.errors import AlreadyReflected
from telemetry.journal.reading import journal_due_count
from telemetry.journal.reminding import reflections_remind
from telemetry.journal.rhythm import DAILY, WEEKLY
from telemetry.journal.rhythms import journal_rhythm_set
from telemetry.models import JournalAnswer, JournalRhythm, MemoryItem, MemoryTag
from tests.people import NOW
from tests.telemetry.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
TABS = 6
LATER = NOW + timedelta(hours=2)


def set_to(alice: User, persona: Persona, cadence: str) -> JournalRhythm:
    return journal_rhythm_set(actor=alice, persona_id=persona.pk, cadence=cadence, now=NOW)


def test_it_keeps_one_of_many_answers(
    transactional_db: None, alice: User, persona: Persona
) -> None:
    set_to(alice, persona, DAILY)

    def send(number: int) -> JournalAnswer:
        return journal_answer(
            actor=alice, persona_id=persona.pk, text=f"From tab {number}.", now=NOW
        )

    answers = at_once([lambda number=number: send(number) for number in range(TABS)])
    (kept,) = [one for one in answers if isinstance(one, JournalAnswer)]
    refused = [one for one in answers if isinstance(one, AlreadyReflected)]
    assert len(refused) == TABS - 1
    assert {one.facts["item_id"] for one in refused} == {str(kept.item_id)}
    assert MemoryItem.objects.get() == kept.item
    assert MemoryTag.objects.count() == 1
    assert JournalAnswer.objects.get() == kept
    assert journal_due_count(person=alice, now=NOW) == 0


def test_it_makes_one_rhythm_of_many(transactional_db: None, alice: User, persona: Persona) -> None:
    wanted = [DAILY, WEEKLY] * 3
    made = at_once([lambda one=one: set_to(alice, persona, one) for one in wanted])
    assert all(isinstance(one, JournalRhythm) for one in made)
    assert JournalRhythm.objects.get().cadence in {DAILY, WEEKLY}


def test_it_reminds_once_with_many_workers(
    transactional_db: None, alice: User, persona: Persona
) -> None:
    set_to(alice, persona, DAILY)
    reminded = at_once([lambda: reflections_remind(now=LATER)] * TABS)
    assert sorted(reminded) == [0] * (TABS - 1) + [1]
    assert Notification.objects.get().recipient == alice


def test_it_leaves_no_reminder_of_what_is_answered_at_that_moment(
    transactional_db: None, alice: User, persona: Persona
) -> None:
    set_to(alice, persona, DAILY)

    def send() -> JournalAnswer:
        return journal_answer(actor=alice, persona_id=persona.pk, text="Just now.", now=LATER)

    kept, _reminded = at_once([send, lambda: reflections_remind(now=LATER)])
    assert isinstance(kept, JournalAnswer)
    assert reflections_remind(now=LATER) == 0
