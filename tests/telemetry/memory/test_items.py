"""Keeping memory items (contract §10)."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from leases.models import DecisionEntry, User
from personas.models import Persona
from telemetry.memory.errors import InvalidMemoryItem, MemoryForbidden, MemoryItemNotFound
from telemetry.memory.items import item_upsert
from telemetry.models import MemoryItem
from tests.people import NOW, SECOND
from tests.telemetry.memory.memories import OWNER, kept, remember

pytestmark = pytest.mark.django_db


def test_it_keeps_what_was_given(alice: User, persona: Persona) -> None:
    item = item_upsert(
        actor=alice,
        lane="semantic",
        text="Prefers tea.\nNever coffee.",
        value={"drink": ["tea", 1.0, None]},
        tags=["drinks", "taste", "drinks"],
        confidence=0.75,
        source="chat",
        relevance={persona.id: 0.9},
        now=NOW,
        **OWNER,
    )
    stored = kept(item.pk)
    assert stored == {
        "id": item.pk,
        "lane": "semantic",
        "owner_kind": "workspace",
        "owner_ref": "local",
        "text": "Prefers tea.\nNever coffee.",
        "value": {"drink": ["tea", 1.0, None]},
        "confidence": 0.75,
        "source": "chat",
        "principal_id": alice.pk,
        "created_at": NOW,
        "updated_at": NOW,
        "erased_at": None,
        "erased_by_id": None,
        "tags": ["drinks", "taste"],
        "relevance": {persona.id: 0.9},
    }


def test_it_needs_no_lease_and_logs_no_decision(alice: User) -> None:
    remember(alice)
    assert not DecisionEntry.objects.exists()


def test_it_replaces_ones_own_item_whole(alice: User, persona: Persona) -> None:
    item = remember(alice, "old", tags=["a", "b"], relevance={persona.id: 0.2}, now=NOW)
    other = remember(alice, "another")
    before = kept(other.pk)
    later = NOW + SECOND
    again = remember(alice, "new", lane="profile", tags=["b"], item_id=str(item.pk), now=later)
    stored = kept(item.pk)
    assert again.pk == item.pk
    assert (stored["text"], stored["lane"], stored["tags"]) == ("new", "profile", ["b"])
    assert (stored["created_at"], stored["updated_at"]) == (NOW, later)
    assert stored["relevance"] == {}
    assert kept(other.pk) == before


def test_it_takes_an_id_that_nobody_has(alice: User) -> None:
    wanted = uuid.uuid4()
    first = remember(alice, item_id=wanted)
    again = remember(alice, item_id=wanted)
    assert first.pk == again.pk == wanted
    assert MemoryItem.objects.count() == 1


@pytest.mark.parametrize("name", ["bob", "dana"])
def test_it_does_not_replace_somebody_elses(alice: User, bob: User, dana: User, name: str) -> None:
    item = remember(alice, tags=["a"])
    before = kept(item.pk)
    with pytest.raises(MemoryItemNotFound):
        remember({"bob": bob, "dana": dana}[name], "mine now", item_id=item.pk)
    assert kept(item.pk) == before


def test_it_refuses_a_stranger(charlie: User) -> None:
    with pytest.raises(MemoryForbidden) as refused:
        remember(charlie)
    assert refused.value.instance_code == "role_required"
    assert not MemoryItem.objects.exists()
    entry = DecisionEntry.objects.get()
    assert (entry.actor_id, entry.allowed, entry.reason) == (charlie.pk, False, "role_required")


def test_it_takes_secrets_out_before_it_stores(alice: User) -> None:
    secret = "sk-" + "a1B2" * 10
    item = remember(
        alice,
        f"the key is {secret}",
        value={"password": "hunter2hunter2", "note": "fine"},
        tags=[secret, "fine"],
        source=f"mail of someone{'@'}example.org",
    )
    stored = kept(item.pk)
    assert stored["text"] == "[redacted]"
    assert stored["value"] == {"password": "[redacted]", "note": "fine"}
    assert stored["tags"] == ["[redacted]", "fine"]
    assert stored["source"] == "[redacted]"


def test_it_finds_a_secret_that_is_cut_into_tags(alice: User) -> None:
    secret = "sk-" + "a1B2" * 10
    item = remember(alice, tags=["fine", "password", secret[:14], secret[14:28], secret[28:]])
    tags = kept(item.pk)["tags"]
    assert not [one for one in tags if one in secret]
    assert {"fine", "[redacted]"} <= set(tags)
    harmless = remember(alice, tags=["fine", "calm", "warm tones"])
    assert kept(harmless.pk)["tags"] == ["calm", "fine", "warm tones"]


FAULTS: list[tuple[dict[str, Any], list[str]]] = [
    ({"lane": "dreams"}, ["/lane"]),
    ({"lane": 3}, ["/lane"]),
    ({"text": ""}, ["/text"]),
    ({"text": "\u200b"}, ["/text"]),
    ({"text": 7}, ["/text"]),
    ({"text": "é" * 4097}, ["/text"]),
    ({"text": "a\x00b"}, ["/text"]),
    ({"text": "a\ud800b"}, ["/text"]),
    ({"value": {"a": [[[[[[1]]]]]]}}, ["/value/a/0/0/0/0/0"]),
    ({"value": {"a": "x" * 8192}}, ["/value"]),
    ({"value": {"a": float("nan")}}, ["/value/a"]),
    ({"tags": "one"}, ["/tags"]),
    ({"tags": ["a"] * 21}, ["/tags"]),
    ({"tags": ["ok", "", "x" * 65, 5, "a\nb"]}, ["/tags/1", "/tags/2", "/tags/3", "/tags/4"]),
    ({"confidence": 1.01}, ["/confidence"]),
    ({"confidence": True}, ["/confidence"]),
    ({"confidence": float("nan")}, ["/confidence"]),
    ({"confidence": 10**400}, ["/confidence"]),
    ({"source": "x" * 201}, ["/source"]),
    ({"owner_kind": "team"}, ["/owner_kind"]),
    ({"owner_ref": " "}, ["/owner_ref"]),
    ({"owner_ref": "x" * 257}, ["/owner_ref"]),
    ({"relevance": [1]}, ["/relevance"]),
    ({"relevance": {"persona.alpha": -0.1}}, ["/relevance/persona.alpha"]),
    ({"relevance": {"no/such~one": 0.5}}, ["/relevance/no~1such~0one"]),
    ({"relevance": {"no\x00such": 0.5}}, ["/relevance/no\x00such"]),
    ({"lane": "x", "confidence": 2}, ["/lane", "/confidence"]),
]


@pytest.mark.parametrize(("wrong", "pointers"), FAULTS)
def test_it_points_at_each_fault_and_stores_nothing(
    alice: User, persona: Persona, wrong: dict[str, Any], pointers: list[str]
) -> None:
    before = kept(remember(alice, "stays").pk)
    with pytest.raises(InvalidMemoryItem) as refused:
        remember(alice, **{"text": "x", **wrong})
    found = [fault.pointer for fault in refused.value.errors]
    assert [pointer[: len(at)] for pointer, at in zip(found, pointers, strict=True)] == pointers
    assert kept(before["id"]) == before
    assert MemoryItem.objects.count() == 1


def test_it_takes_what_is_exactly_within_the_limits(alice: User, persona: Persona) -> None:
    item = remember(
        alice,
        "é" * 4096,
        value={"a": [[[[1]]]]},
        tags=[f"{at:02}" + "x" * 62 for at in range(20)],
        confidence=1,
        source="x" * 200,
        owner_ref="r" * 256,
        relevance={persona.id: 0},
    )
    stored = kept(item.pk)
    assert stored["text"] == "é" * 4096
    assert len(stored["tags"]) == 20
    assert stored["relevance"] == {persona.id: 0.0}


def test_it_keeps_a_value_without_a_text(alice: User) -> None:
    item = remember(alice, "", value=[])
    assert kept(item.pk)["value"] == []


@pytest.mark.parametrize("item_id", ["", "no uuid", "\x00"])
def test_it_knows_no_item_without_a_uuid(alice: User, item_id: str) -> None:
    with pytest.raises(MemoryItemNotFound):
        remember(alice, item_id=item_id)
    assert not MemoryItem.objects.exists()


def test_it_holds_whole_milliseconds(alice: User) -> None:
    item = remember(alice, now=NOW + timedelta(microseconds=1999))
    assert kept(item.pk)["created_at"] == NOW + timedelta(milliseconds=1)
    assert timezone.is_aware(item.created_at)
