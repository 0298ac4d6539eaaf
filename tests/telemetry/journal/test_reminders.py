"""Reminders: once per prompt, only to whom it concerns, nothing that is answered (contract §10)."""

from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from arw_site.sweeps import SWEEPS
from leases.models import User
from personas.models import Notification, OutboxMessage, Persona
from personas.services.inbox import inbox_of
from telemetry.journal.answering import journal_answer
from telemetry.journal.reminding import SETTLED, reflections_remind
from telemetry.journal.rhythm import DAILY, OFF, WEEKLY
from telemetry.journal.rhythms import journal_rhythm_set
from tests.people import NOW, make_persona

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def ask(person: User, persona: Persona, cadence: str = DAILY, now: datetime = NOW) -> None:
    journal_rhythm_set(actor=person, persona_id=persona.pk, cadence=cadence, now=now)


def reflect(person: User, persona: Persona, now: datetime) -> None:
    journal_answer(actor=person, persona_id=persona.pk, text="Well done.", now=now)


def unread(person: User) -> int:
    return Notification.objects.of(person).unread().count()


def test_it_tells_whose_journal_it_is_and_nobody_else(
    alice: User, bob: User, persona: Persona
) -> None:
    ask(alice, persona)
    assert reflections_remind(now=NOW + SETTLED) == 1
    news = inbox_of(alice).get()
    assert (news.kind, news.persona, news.actor) == ("reflection_due", persona, None)
    assert news.title == "Companion"
    assert news.address == "/admin/journal/#due-persona.alpha"
    assert Notification.objects.count() == 1


def test_it_tells_once_per_period(alice: User, persona: Persona) -> None:
    ask(alice, persona)
    told = [reflections_remind(now=NOW + HOUR * hours) for hours in range(1, 60)]
    # At one o'clock in the afternoon, and at the two midnights that follow.
    assert [hour for hour, count in enumerate(told, start=1) if count] == [1, 12, 36]
    assert Notification.objects.count() == 3


def test_it_tells_each_week_of_a_weekly_rhythm(alice: User, persona: Persona) -> None:
    ask(alice, persona, WEEKLY)
    told = [reflections_remind(now=NOW + DAY * days) for days in range(1, 17)]
    assert [day for day, count in enumerate(told, start=1) if count] == [1, 2, 9, 16]


def test_it_lets_the_newest_reminder_stand_alone(alice: User, persona: Persona) -> None:
    other = make_persona("persona.beta")
    ask(alice, persona)
    ask(alice, other)
    for days in (1, 2):
        assert reflections_remind(now=NOW + DAY * days) == 2
    assert Notification.objects.count() == 4
    assert unread(alice) == 2
    reflect(alice, persona, NOW + DAY * 2)
    assert [one.persona for one in Notification.objects.of(alice).unread()] == [other]
    ask(alice, other, OFF, NOW + DAY * 2)
    assert unread(alice) == 0


@pytest.mark.parametrize("cadence", [DAILY, WEEKLY])
def test_it_tells_nothing_of_what_is_answered(alice: User, persona: Persona, cadence: str) -> None:
    ask(alice, persona, cadence)
    reflect(alice, persona, NOW)
    assert reflections_remind(now=NOW + 2 * HOUR) == 0
    assert not Notification.objects.exists()


def test_it_tells_nothing_where_it_is_off(alice: User, persona: Persona) -> None:
    ask(alice, persona)
    ask(alice, persona, OFF)
    assert reflections_remind(now=NOW + 400 * DAY) == 0
    assert not Notification.objects.exists()


def test_it_leaves_whoever_has_just_begun_alone(alice: User, persona: Persona) -> None:
    ask(alice, persona)
    assert reflections_remind(now=NOW + SETTLED - timedelta(seconds=1)) == 0
    assert reflections_remind(now=NOW + SETTLED) == 1


def test_it_tells_nobody_who_may_not_read_or_sign_in(
    alice: User, bob: User, dana: User, persona: Persona
) -> None:
    for person in (alice, bob, dana):
        ask(person, persona)
    alice.groups.clear()
    User.objects.filter(pk=bob.pk).update(is_active=False)
    User.objects.filter(pk=dana.pk).update(interactive=False)
    assert reflections_remind(now=NOW + DAY) == 0
    assert not Notification.objects.exists()


def test_it_tells_the_outbox_once_and_names_nobody(
    alice: User, bob: User, settings: Settings
) -> None:
    settings.ARW_NOTIFY_URLS = ["json://127.0.0.1:1/"]
    settings.ARW_BASE_URL = "https://desk.example.org"
    persona = make_persona("persona." + "x" * 120)
    for person in (alice, bob):
        ask(person, persona)
    assert reflections_remind(now=NOW + DAY) == 2
    (message,) = OutboxMessage.objects.all()
    assert message.title == "A reflection is due"
    assert message.body.startswith("A reflection on Companion (persona.x")
    assert "https://desk.example.org/admin/journal/#due-persona.x" in message.body
    assert "alice" not in message.body.lower()


def test_it_is_among_the_sweeps(alice: User, persona: Persona) -> None:
    ask(alice, persona)
    sweep = next(one for one in SWEEPS if one.name == "reflections_reminded")
    assert sweep.run(NOW + DAY) == 1
    assert unread(alice) == 1
