"""From a citation to what it rests on, as far as the asker may know (contract §10)."""

import uuid

import pytest
from django.utils import timezone

from leases.models import User
from leases.services.revoking import lease_revoke
from personas.models import Persona
from telemetry.memory.errors import MemoryForbidden, MemoryItemNotFound
from telemetry.memory.items import item_erase
from telemetry.memory.rehydrating import item_rehydrate, items_rehydrate
from tests.people import NOW
from tests.telemetry.memory.memories import kept, remember, share

pytestmark = pytest.mark.django_db


def test_it_opens_ones_own(alice: User) -> None:
    item = remember(alice, "my own")
    before = kept(item.pk)
    found = item_rehydrate(actor=alice, item_id=str(item.pk), now=timezone.now())
    assert found.state == "present"
    assert found.item is not None
    assert found.item.text == "my own"
    assert kept(item.pk) == before


def test_it_opens_anothers_while_it_is_shared(
    alice: User, bob: User, dana: User, persona: Persona
) -> None:
    item = remember(bob, "of bob")
    for reader in (alice, dana):
        found = item_rehydrate(actor=reader, item_id=item.pk, now=timezone.now())
        assert (found.state, found.item) == ("withheld", None)
    lease = share(subject="bob", scope="persona:persona.alpha")
    found = item_rehydrate(actor=alice, item_id=item.pk, now=timezone.now())
    assert (found.state, found.item) == ("present", item)
    lease_revoke(actor=dana, lease_id=lease.pk, now=timezone.now())
    found = item_rehydrate(actor=alice, item_id=item.pk, now=timezone.now())
    assert (found.state, found.item) == ("withheld", None)


def test_it_shows_a_tombstone_to_any_reader(alice: User, bob: User) -> None:
    item = remember(bob, "gone", lane="semantic")
    item_erase(actor=bob, item_id=item.pk, now=NOW)
    found = item_rehydrate(actor=alice, item_id=item.pk, now=timezone.now())
    assert found.state == "erased"
    assert found.item is not None
    assert (found.item.lane, found.item.text, found.item.erased_at) == ("semantic", "", NOW)


@pytest.mark.parametrize("item_id", [str(uuid.UUID(int=7)), "no uuid"])
def test_it_knows_no_other_item(alice: User, item_id: str) -> None:
    with pytest.raises(MemoryItemNotFound):
        item_rehydrate(actor=alice, item_id=item_id, now=timezone.now())


def test_it_refuses_a_stranger(alice: User, charlie: User) -> None:
    item = remember(alice)
    with pytest.raises(MemoryForbidden):
        item_rehydrate(actor=charlie, item_id=item.pk, now=timezone.now())


def test_it_opens_many_at_once(alice: User, bob: User) -> None:
    own, other, gone = remember(alice), remember(bob), remember(bob)
    item_erase(actor=bob, item_id=gone.pk, now=NOW)
    asked = [own.pk, other.pk, gone.pk, uuid.uuid4()]
    found = items_rehydrate(actor=alice, item_ids=asked, now=timezone.now())
    states = {one: found[one].state for one in found}
    assert states == {own.pk: "present", other.pk: "withheld", gone.pk: "erased"}
