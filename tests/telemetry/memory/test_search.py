"""Searching the memory by text, lane, tag and owner (contract §10)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from leases.models import Lease, User
from leases.services.revoking import lease_revoke
from personas.errors import PersonaNotFound
from personas.models import Persona
from telemetry.memory.errors import InvalidMemorySearch, MemoryForbidden
from telemetry.memory.searching import Found, items_search
from telemetry.models import MemoryItem
from tests.people import NOW, make_persona
from tests.telemetry.memory.memories import remember, share

pytestmark = pytest.mark.django_db


def texts(found: Iterable[Found]) -> list[str]:
    return [one.item.text for one in found]


def search(actor: User, text: str = "", **more: Any) -> list[str]:
    return texts(items_search(actor=actor, text=text, now=timezone.now(), **more))


def test_it_finds_all_the_words_in_any_order_and_case(alice: User) -> None:
    for text in ("Tea in the morning.", "Coffee in the morning", "TEA, at night"):
        remember(alice, text)
    assert set(search(alice, "tea")) == {"Tea in the morning.", "TEA, at night"}
    assert search(alice, "morning  TEA") == ["Tea in the morning."]
    assert search(alice, "tea beer") == []


def test_it_finds_the_beginnings_of_words(alice: User) -> None:
    remember(alice, "Prefers warmer tones")
    assert search(alice, "warm") == ["Prefers warmer tones"]
    assert search(alice, "armer") == []
    assert search(alice, "to") == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("see https://docs.example.org/guide-book/a.txt today", "guide"),
        ("see https://docs.example.org/guide-book/a.txt today", "example org"),
        ("snake_case and kebab-case", "case snake"),
        ("the well-known “quoted” word", "known quoted"),
        ("costs 12.50 in all", "12 50"),
        ("Grüße aus Köln", "GRÜSSE köln".replace("SS", "ß")),
        ("crème brûlée", "brûlée"),
        ("Привет мир", "МИР"),
        ("don't do it", "don't"),
    ],
)
def test_it_takes_words_apart_alike_on_every_database(alice: User, text: str, wanted: str) -> None:
    remember(alice, text)
    remember(alice, "something else")
    assert search(alice, wanted) == [text]


def test_it_puts_the_better_match_first(alice: User) -> None:
    remember(alice, "tea " * 6)
    remember(alice, "tea and a long list of many other things that nobody asked for at all")
    assert search(alice, "tea")[0].startswith("tea tea")


def test_it_finds_nothing_for_a_text_without_a_word(alice: User) -> None:
    remember(alice, "anything")
    assert search(alice, "!!! -- \"' *") == []


def test_it_lists_the_newest_first_without_a_text(alice: User) -> None:
    for at in range(3):
        remember(alice, f"n{at}", now=NOW + timedelta(minutes=at))
    assert search(alice) == ["n2", "n1", "n0"]
    assert search(alice, limit=2) == ["n2", "n1"]


def test_it_follows_every_change_of_a_text(alice: User) -> None:
    item = remember(alice, "first words")
    remember(alice, "second words", item_id=item.pk)
    assert (search(alice, "first"), search(alice, "second")) == ([], ["second words"])
    MemoryItem.objects.filter(pk=item.pk).update(text="third words")
    assert (search(alice, "second"), search(alice, "third")) == ([], ["third words"])
    MemoryItem.objects.filter(pk=item.pk).delete()
    assert search(alice, "words") == []


def test_it_narrows_by_lane_tag_and_owner(alice: User) -> None:
    remember(alice, "plain tea")
    remember(alice, "tagged tea", tags=["drinks", "x"])
    remember(alice, "semantic tea", lane="semantic", tags=["drinks"])
    remember(alice, "project tea", owner_kind="project", owner_ref="p1")
    assert set(search(alice, "tea", tag="drinks")) == {"tagged tea", "semantic tea"}
    assert search(alice, tag="drinks", lane="semantic") == ["semantic tea"]
    assert search(alice, "tea", owner_kind="project") == ["project tea"]
    assert search(alice, owner_kind="project", owner_ref="p2") == []
    assert search(alice, tag="Drinks") == []


def test_it_shows_ones_own_and_what_is_shared(
    alice: User, bob: User, dana: User, persona: Persona
) -> None:
    remember(alice, "tea of alice")
    remember(bob, "tea of bob")
    remember(bob, "tea of bob elsewhere", owner_ref="nobody's")
    assert search(alice, "tea") == ["tea of alice"]
    assert search(dana, "tea") == []
    lease = share(subject="bob")
    assert set(search(alice, "tea")) == {"tea of alice", "tea of bob"}
    assert search(dana, "tea") == ["tea of bob"]
    lease_revoke(actor=dana, lease_id=lease.pk, now=timezone.now())
    assert search(dana, "tea") == []


@pytest.mark.parametrize(
    ("scope", "shown"),
    [
        ("persona:persona.alpha", True),
        ("persona:persona.beta", False),
        ("workspace:local", True),
        ("workspace", True),
        ("project:local", False),
        ("agent", False),
    ],
)
def test_it_shows_what_a_scope_shares(
    alice: User, bob: User, persona: Persona, scope: str, shown: bool
) -> None:
    make_persona("persona.beta", owner_kind="project", owner_ref="p1")
    remember(bob, "tea of bob")
    share(scope=scope)
    assert search(alice, "tea") == (["tea of bob"] if shown else [])


def test_it_is_not_kept_from_what_one_may_read_by_what_one_may_not(
    alice: User, bob: User, persona: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telemetry.memory.searching._CHUNK", 2)
    remember(alice, "my tea", now=NOW)
    for at in range(5):
        # A lease seems to cover these, but their owner has no persona to share with.
        remember(bob, f"tea {at}", owner_ref="nobody's")
    share(scope="workspace")
    assert search(alice, "tea", limit=1) == ["my tea"]


def test_it_finds_ones_own_behind_any_number_that_one_may_not_read(
    alice: User, bob: User, persona: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telemetry.memory.searching._CHUNK", 2)
    monkeypatch.setattr("telemetry.memory.searching._LOOKED_AT", 4)
    remember(alice, "old tea", now=NOW)
    for at in range(5):
        remember(bob, f"tea {at}", owner_ref="nobody's")
    remember(alice, "new tea")
    share(scope="workspace")
    for text in ("tea", ""):
        assert search(alice, text) == ["new tea", "old tea"]
        assert search(alice, text, limit=1) == ["new tea"]
    assert search(persona_id=persona.id, actor=alice) == ["new tea", "old tea"]


def test_it_orders_by_nothing_that_others_keep(alice: User, bob: User) -> None:
    remember(alice, "otter otter badger", now=NOW)
    remember(alice, "otter badger badger", now=NOW + timedelta(minutes=1))
    before = search(alice, "otter badger")
    assert before == ["otter badger badger", "otter otter badger"]
    for at in range(20):
        # How rare a word is among everybody's texts would tell how often bob uses it.
        remember(bob, f"badger {at}")
    assert search(alice, "otter badger") == before
    for at in range(60):
        remember(bob, f"otter {at}")
    assert search(alice, "otter badger") == before


def test_it_orders_by_relevance_for_a_persona(alice: User) -> None:
    persona = make_persona(
        traits={"tone": "gentle", "topics": ["gardening", "birds"]},
        worldview={"beliefs": [{"id": "b", "statement": "Gardens calm people down"}]},
    )
    remember(alice, "gardening calms people", now=NOW)
    remember(alice, "taxes are due", now=NOW)
    remember(alice, "a scored one", relevance={persona.id: 0.95}, now=NOW)
    remember(alice, "nothing to do with it", relevance={persona.id: 0}, now=NOW)
    remember(alice, "gardening elsewhere", owner_ref="other", now=NOW)
    found = items_search(actor=alice, persona_id=persona.id, now=timezone.now())
    assert texts(found)[:2] == ["a scored one", "gardening calms people"]
    scores = [one.relevance for one in found]
    assert scores == [0.95, 0.4, 0.0, 0.0]
    assert "gardening elsewhere" not in texts(found)
    top = items_search(actor=alice, persona_id=persona.id, limit=1, now=timezone.now())
    assert texts(top) == ["a scored one"]


def test_it_tells_the_relevance_of_what_a_text_finds(alice: User, persona: Persona) -> None:
    remember(alice, "tea", relevance={persona.id: 0.25})
    (found,) = items_search(actor=alice, text="tea", persona_id=persona.id, now=timezone.now())
    assert found.relevance == 0.25
    (found,) = items_search(actor=alice, text="tea", now=timezone.now())
    assert found.relevance is None


def test_it_refuses_a_stranger(charlie: User, alice: User) -> None:
    remember(alice)
    with pytest.raises(MemoryForbidden):
        search(charlie, "short")


def test_it_knows_no_other_persona(alice: User) -> None:
    with pytest.raises(PersonaNotFound):
        search(alice, persona_id="no.such")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"text": 3}, "/text"),
        ({"text": "a\x00"}, "/text"),
        ({"text": "a\udfff"}, "/text"),
        ({"text": "a" * 1001}, "/text"),
        ({"lane": "dreams"}, "/lane"),
        ({"tag": ["a"]}, "/tag"),
        ({"tag": "a\x00"}, "/tag"),
        ({"owner_kind": "team"}, "/owner_kind"),
        ({"owner_ref": "\x00"}, "/owner_ref"),
        ({"limit": 0}, "/limit"),
        ({"limit": True}, "/limit"),
        ({"limit": "9"}, "/limit"),
    ],
)
def test_it_points_at_what_it_cannot_search_for(
    alice: User, wrong: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidMemorySearch) as refused:
        items_search(actor=alice, now=timezone.now(), **wrong)
    assert [fault.pointer for fault in refused.value.errors] == [pointer]


def test_it_finds_what_is_shared_among_very_many_leases(alice: User, bob: User) -> None:
    make_persona()
    remember(alice, "Tea at night.")
    remember(alice, "Tea elsewhere.", owner_ref="other")
    now = timezone.now()
    terms = {"capability": "share:persona", "created": now, "updated": now, "granted_by": bob}
    scopes = [f"persona:p{n}" for n in range(700)] + [f"workspace:w{n}" for n in range(700)]
    until = now + timedelta(hours=1)
    Lease.objects.bulk_create(
        Lease(subject=subject, scope=scope, ttl_until=until, **terms)
        for scope in scopes
        for subject in ("local", str(alice.pk))
    )
    assert search(bob, "tea") == []
    lease = share(subject=str(alice.pk), scope="persona:persona.alpha")
    assert search(bob, "tea") == ["Tea at night."]
    assert len(search(alice, "tea")) == 2
    Lease.objects.filter(pk=lease.pk).delete()
    assert search(bob, "tea") == []


def test_it_clamps_the_limit(alice: User) -> None:
    remember(alice)
    assert len(search(alice, limit=10**9)) == 1
