"""Relevance where nobody gave it: how many telling words are in common (contract §10). Pure."""

from hypothesis import given
from hypothesis import strategies as st

from telemetry.memory.relevance import relevance_computed
from telemetry.memory.words import persona_words

PERSONA = {"tone": "gentle", "topics": ["Gardening", "birds"]}
BELIEFS = {
    "beliefs": [
        {"id": "b1", "statement": "Gardens calm people", "citations": ["deadbeef-abcd"]},
    ]
}


def test_it_takes_the_telling_words_of_worldview_and_traits() -> None:
    words = persona_words(PERSONA, BELIEFS)
    assert set(words) == {
        "beliefs", "statement", "gardens", "calm", "people",
        "tone", "gentle", "topics", "gardening", "birds",
    }  # fmt: skip
    assert (
        len(
            persona_words(
                {"a": " ".join(f"word{chr(97 + at // 26)}{chr(97 + at % 26)}" for at in range(99))},
                {},
            )
        )
        == 64
    )


def test_it_counts_words_in_common_each_once() -> None:
    about = persona_words(PERSONA, BELIEFS)
    assert relevance_computed("the sea", [], about) == 0
    assert relevance_computed("birds, birds and BIRDS", [], about) == 0.25
    assert relevance_computed("birds", ["gardening"], about) == 0.4
    assert relevance_computed("Gentle people calm birds.", [], about) == 0.5714


@given(st.text(max_size=200), st.lists(st.text(max_size=20), max_size=5), st.sets(st.text()))
def test_it_lies_between_0_and_1_and_is_the_same_again(
    text: str, tags: list[str], about: set[str]
) -> None:
    score = relevance_computed(text, tags, about)
    assert 0 <= score < 1
    assert relevance_computed(text, tags, frozenset(about)) == score


@given(st.lists(st.sampled_from(["gentle", "people", "calm", "birds", "sea"])))
def test_it_never_falls_when_a_word_is_added(words: list[str]) -> None:
    about = persona_words(PERSONA, BELIEFS)
    fewer = relevance_computed(" ".join(words[:-1]), [], about)
    assert relevance_computed(" ".join(words), [], about) >= fewer
