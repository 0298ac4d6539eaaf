"""Those who write, erase and share memory at the same moment (contract §10)."""

import uuid

import pytest
from django.utils import timezone

from leases.models import User
from telemetry.memory.errors import MemoryItemErased, MemoryItemNotFound
from telemetry.memory.items import item_erase, items_erase_all
from telemetry.memory.searching import items_search
from telemetry.models import MemoryItem
from tests.people import someone
from tests.telemetry.memory.memories import kept, remember
from tests.telemetry.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db: None) -> tuple[User, User]:
    return someone("alice"), someone("bob")


def test_it_keeps_one_of_two_writings_of_one_id_whole(people: tuple[User, User]) -> None:
    alice, _bob = people
    for _ in range(6):
        wanted = uuid.uuid4()
        results = at_once(
            [
                lambda at=at, pk=wanted: remember(
                    alice, f"text{at}", tags=[f"tag{at}", f"more{at}"], item_id=pk
                )
                for at in range(4)
            ]
        )
        assert [one for one in results if isinstance(one, Exception)] == []
        stored = kept(wanted)
        at = stored["text"].removeprefix("text")
        assert stored["tags"] == [f"more{at}", f"tag{at}"]
        found = items_search(actor=alice, text=f"text{at}", now=timezone.now())
        assert wanted in {one.item.pk for one in found}


def test_it_gives_an_id_to_one_of_two_people(people: tuple[User, User]) -> None:
    for _ in range(6):
        wanted = uuid.uuid4()
        results = at_once(
            [lambda who=who, pk=wanted: remember(who, who.username, item_id=pk) for who in people]
        )
        (lost,) = [one for one in results if isinstance(one, Exception)]
        (won,) = [one for one in results if isinstance(one, MemoryItem)]
        assert isinstance(lost, MemoryItemNotFound)
        stored = kept(wanted)
        assert (stored["principal_id"], stored["text"]) == (won.principal_id, won.text)


def test_it_never_fills_a_tombstone(people: tuple[User, User]) -> None:
    alice, _bob = people
    for _ in range(6):
        item = remember(alice, "before")
        results = at_once(
            [
                lambda pk=item.pk: item_erase(actor=alice, item_id=pk, now=timezone.now()),
                lambda pk=item.pk: remember(alice, "after", tags=["t"], item_id=pk),
            ]
        )
        faults = [one for one in results if isinstance(one, Exception)]
        assert all(isinstance(one, MemoryItemErased) for one in faults)
        stored = kept(item.pk)
        assert (stored["text"], stored["tags"]) == ("", [])
        assert stored["erased_at"] is not None


def test_it_erases_all_from_both_sides_once(people: tuple[User, User]) -> None:
    alice, _bob = people
    for at in range(8):
        remember(alice, f"note {at}")
    erase = [lambda: items_erase_all(actor=alice, principal=alice, now=timezone.now())] * 3
    assert sum(at_once(erase)) == 8
    assert not MemoryItem.objects.present().exists()
