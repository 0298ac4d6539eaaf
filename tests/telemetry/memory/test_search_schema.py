"""What full text rests on: an index that follows the items, and that the search uses (§10)."""

import pytest
from django.db import connection

from leases.models import User
from telemetry.memory.full_text import NUMBERS, POSTGRESQL_INDEX, SEARCH, matching
from telemetry.memory.search_schema import search_create, search_drop
from telemetry.models import MemoryItem
from tests.telemetry.memory.memories import remember


def found() -> list[str]:
    return [item.text for item in matching(MemoryItem.objects.all(), ["tea"])]


@pytest.mark.django_db
def test_it_searches_in_the_index(alice: User) -> None:
    remember(alice, "tea")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = matching(MemoryItem.objects.all(), ["tea"]).explain()
    used = POSTGRESQL_INDEX if connection.vendor == "postgresql" else "VIRTUAL TABLE INDEX"
    assert used in plan
    assert found() == ["tea"]


@pytest.mark.django_db(transaction=True)
def test_it_is_made_anew_from_what_is_stored(transactional_db: None) -> None:
    from tests.people import someone

    alice = someone("alice")
    remember(alice, "tea")
    with connection.schema_editor() as editor:
        search_drop(editor)
    remember(alice, "more tea")
    with connection.schema_editor() as editor:
        search_create(editor)
    assert sorted(found()) == ["more tea", "tea"]
    remember(alice, "still more tea")
    assert len(found()) == 3
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT (SELECT count(*) FROM {NUMBERS}), (SELECT count(*) FROM {SEARCH})"
            )
            assert cursor.fetchone() == (3, 3)


@pytest.mark.django_db
def test_it_forgets_what_is_deleted(alice: User) -> None:
    remember(alice, "tea")
    MemoryItem.objects.all().delete()
    assert found() == []
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT (SELECT count(*) FROM {NUMBERS}), (SELECT count(*) FROM {SEARCH})"
            )
            assert cursor.fetchone() == (0, 0)
