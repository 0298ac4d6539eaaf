"""Who reads a reflection: its writer, and everybody while a live lease shares it (§10)."""

from typing import Any

import pytest
from django.utils import timezone

from leases.models import User
from leases.services.revoking import lease_revoke
from personas.models import Persona
from telemetry.journal.answering import journal_answer
from telemetry.journal.reading import reflections_of, shared_personas
from telemetry.memory.items import item_erase, item_upsert
from telemetry.models import JournalAnswer
from tests.people import grant, make_persona

SHARE = "share:persona"


@pytest.fixture
def written(alice: User, persona: Persona) -> JournalAnswer:
    return journal_answer(
        actor=alice, persona_id=persona.pk, text="She listened.", now=timezone.now()
    )


def seen(viewer: User, persona: Persona) -> list[JournalAnswer]:
    return list(reflections_of(persona, viewer=viewer, now=timezone.now()))


def shares(person: User, persona: Persona) -> bool:
    return bool(shared_personas([persona], person=person, now=timezone.now()))


def test_it_shows_a_private_one_to_its_writer_alone(
    alice: User, bob: User, dana: User, persona: Persona, written: JournalAnswer
) -> None:
    assert seen(alice, persona) == [written]
    assert seen(bob, persona) == seen(dana, persona) == []
    assert not shares(alice, persona)


@pytest.mark.parametrize("scope", [None, "persona:persona.alpha", "workspace:local", "workspace"])
def test_it_shows_it_to_readers_while_a_lease_shares_it(
    alice: User, bob: User, dana: User, persona: Persona, written: JournalAnswer, scope: str | None
) -> None:
    lease = grant(SHARE, subject=str(alice.pk), scope=scope)
    assert seen(bob, persona) == [written]
    assert shares(alice, persona)
    lease_revoke(actor=dana, lease_id=lease.pk, reason="Over.", now=timezone.now())
    assert seen(bob, persona) == []
    assert seen(alice, persona) == [written]


@pytest.mark.parametrize(
    "terms",
    [
        {"capability": SHARE, "scope": "persona:persona.beta"},
        {"capability": SHARE, "subject": "bob"},
        {"capability": "persona:manage"},
    ],
)
def test_it_stays_private_under_any_other_lease(
    alice: User, bob: User, persona: Persona, written: JournalAnswer, terms: dict[str, Any]
) -> None:
    make_persona("persona.beta")
    subject = {"subject": str(bob.pk)} if "subject" in terms else {}
    grant(**{**terms, **subject})
    assert seen(bob, persona) == []
    assert not shares(alice, persona)


def test_it_is_gone_everywhere_once_it_is_erased(
    alice: User, bob: User, persona: Persona, written: JournalAnswer
) -> None:
    grant(SHARE)
    item_erase(actor=alice, item_id=written.item_id, now=timezone.now())
    assert seen(alice, persona) == seen(bob, persona) == []


def test_it_is_no_longer_shown_once_it_belongs_to_another_owner(
    alice: User, bob: User, persona: Persona, written: JournalAnswer
) -> None:
    grant(SHARE)
    item_upsert(
        actor=alice,
        item_id=written.item_id,
        lane="episodic",
        text="She listened.",
        owner_kind="project",
        owner_ref="elsewhere",
        now=timezone.now(),
    )
    assert seen(bob, persona) == []
    assert seen(alice, persona) == [written]
