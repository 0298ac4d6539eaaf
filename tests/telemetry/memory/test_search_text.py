"""Whatever is typed is searched for, and is never understood as a query (contract §10)."""

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from leases.models import User
from telemetry.memory.searching import items_search
from telemetry.memory.words import query_words, words_of
from telemetry.models import MemoryItem
from tests.telemetry.memory.memories import remember

# What FTS5 and tsquery mean something by.
GRAMMAR = st.sampled_from(
    "\" ' * ^ : ( ) + - AND OR NOT NEAR NEAR( {words} : words:tea & | ! <-> <2> :* \\ % %s ; --".split()
)
ANY = st.text(max_size=60).filter(
    lambda text: not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text)
)
TYPED = st.lists(st.one_of(GRAMMAR, ANY, st.just("tea")), max_size=8).map(" ".join)


@pytest.mark.django_db
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=TYPED)
@example(typed='tea" OR "morning')
@example(typed="tea') OR 1=1; DROP TABLE telemetry_memory_items; --")
@example(typed="tea:* | morning")
@example(typed="NEAR(tea morning, 2)")
@example(typed='"')
@example(typed="tea \\")
@example(typed="²½ⅷ٣")
def test_it_takes_any_text(alice: User, typed: str) -> None:
    tea = MemoryItem.objects.filter(text="tea").first() or remember(alice, "tea")
    if not MemoryItem.objects.filter(text="private morning").exists():
        remember(alice, "private morning")
    found = [one.item.pk for one in items_search(actor=alice, text=typed[:900], now=timezone.now())]
    words = query_words(typed[:900])
    if words and all(
        word == "tea" or (len(word) >= 3 and "tea".startswith(word)) for word in words
    ):
        assert found == [tea.pk]
    elif typed and not all("tea".startswith(word) for word in words):
        # With a further word the item cannot be meant, whatever signs stand between the words.
        assert tea.pk not in found
    assert MemoryItem.objects.count() == 2


@given(st.text(max_size=200))
def test_it_keeps_letters_digits_and_marks_only(text: str) -> None:
    for word in words_of(text):
        assert word
        assert not set(word) & set("\"'*^:()+-&|!<>\\%;{}[]~`@#$=,./? \t\n\0")
        assert any(sign.isalnum() for sign in word)


def test_it_asks_for_no_more_than_32_words() -> None:
    assert len(query_words(" ".join(f"w{at}" for at in range(100)))) == 32
