"""Erasing memory: what is left is a tombstone (contract §10)."""

import pytest
from django.utils import timezone

from leases.models import DecisionEntry, User
from personas.models import Persona
from telemetry.memory.errors import MemoryForbidden, MemoryItemErased, MemoryItemNotFound
from telemetry.memory.items import item_erase, items_erase_all
from telemetry.memory.searching import items_search
from telemetry.models import MemoryItem
from tests.people import NOW, SECOND, someone
from tests.telemetry.memory.memories import kept, remember, share

pytestmark = pytest.mark.django_db


def test_it_leaves_a_tombstone_without_content(alice: User, persona: Persona) -> None:
    more = {"value": {"a": 1}, "tags": ["t"], "confidence": 0.5, "source": "chat"}
    item = remember(alice, "secret plans", relevance={persona.id: 1}, now=NOW, **more)
    other = remember(alice, "other plans")
    before, untouched = kept(item.pk), kept(other.pk)
    item_erase(actor=alice, item_id=item.pk, now=NOW + SECOND)
    assert kept(item.pk) == {
        **before,
        "text": "",
        "value": None,
        "confidence": None,
        "source": "",
        "tags": [],
        "relevance": {},
        "erased_at": NOW + SECOND,
        "erased_by_id": alice.pk,
    }
    # A null of JSON is content too: the database's own is meant.
    assert MemoryItem.objects.filter(pk=item.pk, value__isnull=True).exists()
    assert kept(other.pk) == untouched
    found = items_search(actor=alice, text="plans", now=timezone.now())
    assert [one.item.pk for one in found] == [other.pk]
    assert not DecisionEntry.objects.filter(action="memory.erase").exists()


def test_it_changes_nothing_when_it_is_repeated(alice: User) -> None:
    item = remember(alice)
    item_erase(actor=alice, item_id=item.pk, now=NOW)
    before = kept(item.pk)
    item_erase(actor=alice, item_id=item.pk, now=NOW + SECOND)
    assert kept(item.pk) == before


def test_it_stays_erased(alice: User) -> None:
    item = remember(alice)
    item_erase(actor=alice, item_id=item.pk, now=NOW)
    before = kept(item.pk)
    with pytest.raises(MemoryItemErased):
        remember(alice, "again", item_id=item.pk)
    assert kept(item.pk) == before


def test_it_is_a_right_of_admins_too_and_logged(alice: User, dana: User) -> None:
    item = remember(alice)
    item_erase(actor=dana, item_id=item.pk, now=NOW)
    stored = kept(item.pk)
    assert (stored["text"], stored["principal_id"], stored["erased_by_id"]) == (
        "",
        alice.pk,
        dana.pk,
    )
    entry = DecisionEntry.objects.get()
    assert (entry.actor_id, entry.action, entry.allowed) == (dana.pk, "memory.erase", True)


def test_it_hides_from_others_that_there_is_anything(alice: User, bob: User) -> None:
    item = remember(alice)
    before = kept(item.pk)
    with pytest.raises(MemoryItemNotFound):
        item_erase(actor=bob, item_id=item.pk, now=timezone.now())
    assert kept(item.pk) == before


def test_it_is_refused_to_those_who_only_read(alice: User, bob: User, persona: Persona) -> None:
    item = remember(alice)
    share()
    before = kept(item.pk)
    with pytest.raises(MemoryForbidden):
        item_erase(actor=bob, item_id=item.pk, now=timezone.now())
    assert kept(item.pk) == before


def test_it_erases_all_of_one_principal(alice: User, bob: User) -> None:
    mine = [remember(alice, f"note {at}") for at in range(5)]
    item_erase(actor=alice, item_id=mine[0].pk, now=NOW)
    earlier, theirs = kept(mine[0].pk), kept(remember(bob).pk)
    assert items_erase_all(actor=alice, principal=alice, now=NOW + SECOND) == 4
    assert not MemoryItem.objects.present().filter(principal=alice).exists()
    assert kept(mine[0].pk) == earlier
    assert kept(theirs["id"]) == theirs
    assert items_erase_all(actor=alice, principal=alice, now=NOW) == 0


def test_it_erases_all_in_batches(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telemetry.memory.items.ERASED_AT_ONCE", 2)
    for at in range(6):
        remember(alice, f"note {at}")
    assert items_erase_all(actor=alice, principal=alice, now=NOW) == 6
    assert not MemoryItem.objects.present().exists()


def test_it_erases_all_of_another_for_admins_only(alice: User, bob: User, dana: User) -> None:
    before = kept(remember(alice).pk)
    with pytest.raises(MemoryForbidden):
        items_erase_all(actor=bob, principal=alice, now=NOW)
    assert kept(before["id"]) == before
    assert items_erase_all(actor=dana, principal=alice, now=NOW) == 1
    assert kept(before["id"])["text"] == ""


def test_it_lets_people_erase_who_lost_their_role(alice: User) -> None:
    item = remember(alice)
    alice.groups.clear()
    bare = User.objects.get(pk=alice.pk)
    item_erase(actor=bare, item_id=item.pk, now=NOW)
    assert kept(item.pk)["text"] == ""
    assert someone("alice").groups.count() == 0
