"""Answering a prompt: once per period, kept as a memory item, told after the commit (§10)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from leases.errors import DomainError, Fault
from leases.models import DecisionEntry, User
from personas.errors import PersonaNotFound
from personas.models import Persona
from telemetry.events.broadcaster import broadcaster
from telemetry.journal.answering import journal_answer
from telemetry.journal.errors import AlreadyReflected, InvalidReflection, JournalForbidden
from telemetry.journal.reading import journal_answers, journal_due, journal_due_count
from telemetry.journal.rhythm import DAILY, DAILY_PROMPTS, OFF, WEEKLY, prompt_of
from telemetry.journal.rhythms import journal_rhythm_set
from telemetry.memory.errors import InvalidMemoryItem
from telemetry.memory.items import item_erase
from telemetry.models import JournalAnswer, JournalRhythm, MemoryItem
from telemetry.signals import reflection_completed
from tests.people import NOW, make_persona
from tests.telemetry.conftest import Committing

DAY = timedelta(days=1)
TEXT = "She asked before she advised."


@pytest.fixture
def heard() -> Iterator[list[dict[str, Any]]]:
    """What was told of reflections."""
    told: list[dict[str, Any]] = []

    def hear(**news: Any) -> None:
        told.append(news)

    reflection_completed.connect(hear)
    yield told
    reflection_completed.disconnect(hear)


def rhythm(actor: User, persona: Persona, cadence: str = DAILY, now: Any = NOW) -> JournalRhythm:
    return journal_rhythm_set(actor=actor, persona_id=persona.pk, cadence=cadence, now=now)


def answer(actor: User, persona: Persona, text: str = TEXT, **more: Any) -> JournalAnswer:
    return journal_answer(
        **{"actor": actor, "persona_id": persona.pk, "text": text, "now": NOW, **more}
    )


def nothing_kept() -> bool:
    return not MemoryItem.objects.exists() and not JournalAnswer.objects.exists()


def test_it_asks_nobody_by_default(alice: User, persona: Persona) -> None:
    assert journal_due(person=alice, now=NOW) == []
    assert not JournalRhythm.objects.exists()


def test_it_asks_whom_it_was_told_to(alice: User, bob: User, persona: Persona) -> None:
    made = rhythm(alice, persona)
    (due,) = journal_due(person=alice, now=NOW)
    assert (due.persona, due.rhythm, due.period.key) == (persona, made, "2026-01-31")
    assert due.prompt == prompt_of(DAILY, persona.pk, NOW)
    assert "Companion" in due.text
    assert journal_due_count(person=alice, now=NOW) == 1
    assert journal_due(person=bob, now=NOW) == []


def test_it_keeps_the_words_as_a_private_memory_item(
    alice: User, persona: Persona, heard: list[dict[str, Any]], committing: Committing
) -> None:
    rhythm(alice, persona)
    before, version = broadcaster.last, persona.version
    with committing():  # type: ignore[attr-defined]
        kept = answer(alice, persona, f"  {TEXT}\n")
        assert heard == []
    item = kept.item
    assert (item.text, item.value, item.source) == (TEXT, None, "journal")
    assert (item.lane, item.principal) == ("episodic", alice)
    assert (item.owner_kind, item.owner_ref) == ("workspace", "local")
    assert [one.tag for one in item.tags.all()] == ["persona_reflection"]
    assert list(item.relevances.values_list("persona", "score")) == [(persona.pk, 1.0)]
    assert (kept.period, kept.answered_at) == ("2026-01-31", NOW)
    assert kept.prompt == prompt_of(DAILY, persona.pk, NOW)
    assert JournalRhythm.objects.get().answered_at == NOW
    (news,) = heard
    assert (news["persona_id"], news["item_id"], news["actor"]) == (persona.pk, item.pk, alice)
    assert broadcaster.last > before
    persona.refresh_from_db()
    assert persona.version == version


def test_it_is_due_again_with_the_next_period(alice: User, persona: Persona) -> None:
    rhythm(alice, persona)
    answer(alice, persona)
    assert journal_due(person=alice, now=NOW) == []
    (due,) = journal_due(person=alice, now=NOW + DAY)
    assert due.period.key == "2026-02-01"
    assert due.prompt != JournalAnswer.objects.get().prompt
    answer(alice, persona, now=NOW + DAY)
    assert [one.period for one in journal_answers(person=alice)] == ["2026-02-01", "2026-01-31"]


def test_it_counts_weeks_for_who_is_asked_weekly(alice: User, persona: Persona) -> None:
    rhythm(alice, persona, WEEKLY)
    assert answer(alice, persona).period == "2026-W05"
    assert journal_due_count(person=alice, now=NOW + DAY) == 0  # a Sunday
    assert journal_due_count(person=alice, now=NOW + 2 * DAY) == 1


def test_it_refuses_a_second_answer_and_keeps_the_first(
    alice: User, persona: Persona, heard: list[dict[str, Any]], committing: Committing
) -> None:
    rhythm(alice, persona)
    with committing():  # type: ignore[attr-defined]
        first = answer(alice, persona)
        with pytest.raises(AlreadyReflected) as refusal:
            answer(alice, persona, "Another tab.", now=NOW + timedelta(hours=1))
    assert refusal.value.facts == {"period": "2026-01-31", "item_id": str(first.item_id)}
    assert MemoryItem.objects.get().text == TEXT
    assert len(heard) == 1


def test_it_takes_an_answer_that_nobody_asked_for_once_a_day(alice: User, persona: Persona) -> None:
    kept = answer(alice, persona)
    assert (kept.period, kept.prompt in DAILY_PROMPTS) == ("2026-01-31", True)
    assert not JournalRhythm.objects.exists()
    rhythm(alice, persona)
    assert journal_due(person=alice, now=NOW) == []
    rhythm(alice, persona, OFF)
    with pytest.raises(AlreadyReflected):
        answer(alice, persona)


def test_it_keeps_people_and_personas_apart(alice: User, bob: User, persona: Persona) -> None:
    other = make_persona("persona.beta")
    for actor, about in ((alice, persona), (alice, other), (bob, persona)):
        rhythm(actor, about)
    answer(alice, persona)
    assert [one.persona for one in journal_due(person=alice, now=NOW)] == [other]
    assert [one.persona for one in journal_due(person=bob, now=NOW)] == [persona]
    assert not journal_answers(person=bob).exists()
    assert not journal_answers(person=alice, persona=other).exists()


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ({"text": " \n\t"}, Fault("/text", "a reflection needs words", "required")),
        (
            {"prompt": "daily.unknown"},
            Fault("/prompt", "no prompt has this name", "invalid_choice"),
        ),
    ],
)
def test_it_points_at_what_is_wrong(
    alice: User, persona: Persona, sent: dict[str, str], fault: Fault
) -> None:
    with pytest.raises(InvalidReflection) as refusal:
        answer(alice, persona, **sent)
    assert refusal.value.errors == (fault,)
    assert nothing_kept()


@pytest.mark.parametrize("text", ["ä" * 4097, "a\x00b", "\u200b"])
def test_it_keeps_nothing_of_what_memory_refuses(alice: User, persona: Persona, text: str) -> None:
    rhythm(alice, persona)
    with pytest.raises(InvalidMemoryItem) as refusal:
        answer(alice, persona, text)
    assert [one.pointer for one in refusal.value.errors] == ["/text"]
    assert nothing_kept()
    assert journal_due_count(person=alice, now=NOW) == 1


def test_it_takes_secrets_out(alice: User, persona: Persona) -> None:
    secret = "sk-" + "a1B2" * 12
    assert secret not in answer(alice, persona, f"The key is {secret}, she said.").item.text


def test_it_refuses_strangers_and_logs_it(charlie: User, persona: Persona) -> None:
    with pytest.raises(JournalForbidden):
        answer(charlie, persona)
    with pytest.raises(JournalForbidden):
        rhythm(charlie, persona)
    assert nothing_kept()
    assert not JournalRhythm.objects.exists()
    logged = DecisionEntry.objects.filter(actor_id=charlie.pk, allowed=False)
    assert {one.action for one in logged} == {"journal.answer"}


@pytest.mark.parametrize("persona_id", ["persona.gone", ""])
def test_it_knows_only_personas_that_exist(alice: User, persona: Persona, persona_id: str) -> None:
    with pytest.raises(PersonaNotFound):
        answer(alice, persona, persona_id=persona_id)
    with pytest.raises(PersonaNotFound):
        journal_rhythm_set(actor=alice, persona_id=persona_id, cadence=DAILY, now=NOW)
    assert nothing_kept()


@pytest.mark.parametrize("cadence", ["", "hourly", "DAILY"])
def test_it_knows_three_rhythms(alice: User, persona: Persona, cadence: str) -> None:
    rhythm(alice, persona, WEEKLY)
    with pytest.raises(InvalidReflection) as refusal:
        rhythm(alice, persona, cadence)
    assert [one.pointer for one in refusal.value.errors] == ["/cadence"]
    assert JournalRhythm.objects.get().cadence == WEEKLY


def test_it_begins_anew_with_another_cadence(alice: User, persona: Persona) -> None:
    rhythm(alice, persona)
    answer(alice, persona)
    JournalRhythm.objects.update(reminded_at=NOW)
    changed = rhythm(alice, persona, WEEKLY, NOW + DAY)
    assert (changed.started_at, changed.answered_at, changed.reminded_at) == (NOW + DAY, None, None)
    assert journal_due_count(person=alice, now=NOW + DAY) == 1
    same = rhythm(alice, persona, WEEKLY, NOW + 2 * DAY)
    assert same.started_at == NOW + DAY
    rhythm(alice, persona, OFF, NOW + 3 * DAY)
    assert journal_due(person=alice, now=NOW + 30 * DAY) == []
    assert JournalAnswer.objects.count() == 1


def test_it_forgets_what_was_erased_and_stays_answered(alice: User, persona: Persona) -> None:
    rhythm(alice, persona)
    kept = answer(alice, persona)
    item_erase(actor=alice, item_id=kept.item_id, now=NOW)
    assert not journal_answers(person=alice).exists()
    assert journal_due(person=alice, now=NOW) == []
    with pytest.raises(DomainError):
        answer(alice, persona)
    assert MemoryItem.objects.get().text == ""
