"""From votes to belief changes: the formula, its example in the docs, what it does not depend on."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.memory.evidence import Remembered, position_of, statement_id, statement_key, votes_of
from telemetry.memory.held import Standing
from telemetry.memory.suggestion import checked
from telemetry.memory.worldview import (
    MAX_BELIEFS,
    MAX_CHANGES,
    MAX_CITATIONS,
    Kind,
    belief_changes,
    shared_ids,
)
from tests.telemetry.memory.views import item, said, view

pytestmark = pytest.mark.pure
DOCS = Path(__file__).resolve().parents[3] / "docs" / "worldview.md"
SOURCES = "Sources come first"
GONE = "11111111-2222-4333-8444-555555555555"


def example(name: str) -> Any:
    found = re.search(rf"<!-- example: {name} -->\n```json\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert found
    return json.loads(found[1])


def test_it_is_as_the_docs_say() -> None:
    items = [item(one.pop("person"), one.pop("at"), **one) for one in example("votes")]
    (change,) = belief_changes(view(*items))
    told = example("change")
    assert {name: getattr(change, name) for name in told} == told
    assert change.citations == (items[1].id, items[2].id, items[3].id)


@pytest.mark.parametrize(
    ("given_item", "position"),
    [
        (item("a", lane="semantic", text=" Plain\n statement. "), ("Plain statement.", "for")),
        (item("a", lane="worldview", text="AGAINST:  long answers"), ("long answers", "against")),
        (item("a", text="for: short answers"), ("short answers", "for")),
        (item("a", text="A walk by the sea."), None),
        (item("a", lane="semantic", text="x" * 301), None),
        (item("a", lane="semantic", text="[redacted]"), None),
        (item("a", lane="semantic", text=""), None),
        (said("a", SOURCES, "perhaps"), None),
        (item("a", lane="semantic", text="Text", value={"belief": SOURCES}), (SOURCES, "for")),
        (item("a", lane="semantic", text="Text", value={"other": 1}), ("Text", "for")),
    ],
)
def test_it_reads_positions(given_item: Remembered, position: tuple[str, str] | None) -> None:
    found = position_of(given_item)
    assert (found and (found.statement, found.stance)) == position


def test_it_tells_statements_apart_by_more_than_their_letters() -> None:
    assert statement_key("Be brief!") == statement_key(" be  BRIEF ")
    plus, plain = statement_id("C++ is fine", {}), statement_id("C is fine", {})
    assert plain == "c-is-fine"
    assert plus != plain
    assert plus.startswith("c-is-fine-")
    assert statement_id("C is fine", {"c-is-fine": "something else"}) != plain
    assert statement_id("これは", {})
    assert statement_id("C++ is fine", {plus: "something else"}) not in {plus, plain}


def test_it_counts_the_latest_vote_of_a_person_alone() -> None:
    votes = votes_of([said("a", SOURCES, at=1), said("a", SOURCES, "against", at=2)])
    ((vote,),) = votes.values()
    assert vote.stance == "against"


def test_it_counts_a_latest_vote_that_weighs_nothing() -> None:
    first, back = said("a", SOURCES, at=1), said("a", SOURCES, at=2, confidence=0.0)
    assert [one.kind for one in belief_changes(view(first))] == [Kind.ADD]
    assert belief_changes(view(first, back)) == []
    held = {"id": "s", "statement": SOURCES, "confidence": 0.69, "citations": [first.id]}
    (change,) = belief_changes(view(first, back, beliefs=[held]))
    assert (change.kind, change.confidence, change.citations) == (Kind.WEAKEN, 0.5, (back.id,))


def test_it_ignores_what_does_not_matter_to_the_persona() -> None:
    assert votes_of([said("a", SOURCES, relevance=0.0)]) == {}
    elsewhere = said("a", SOURCES, "against", at=2, relevance=0.0)
    ((vote,),) = votes_of([said("a", SOURCES, at=1), elsewhere]).values()
    assert vote.stance == "for"


def test_it_strengthens_what_people_wrote_and_weakens_it_again() -> None:
    written = [{"id": "s", "statement": SOURCES, "confidence": 0.6}]
    (up,) = belief_changes(view(said("a", SOURCES, confidence=1.0), beliefs=written))
    assert (up.kind, up.before, up.confidence) == (Kind.STRENGTHEN, 0.6, 0.8)
    (down,) = belief_changes(view(said("a", SOURCES, "against"), beliefs=written))
    assert (down.kind, down.confidence) == (Kind.WEAKEN, 0.37)


def test_it_retires_what_enough_people_are_against() -> None:
    against = [said(name, SOURCES, "against", confidence=0.9) for name in "abc"]
    written = [{"id": "s", "statement": SOURCES, "confidence": 0.9}]
    (change,) = belief_changes(view(*against, beliefs=written))
    assert (change.kind, change.belief_id) == (Kind.RETIRE, "s")
    assert set(change.citations) == {one.id for one in against}


def test_it_says_nothing_twice() -> None:
    vote = said("a", SOURCES)
    (added,) = belief_changes(view(vote))
    held = {"id": added.belief_id, "statement": SOURCES, "confidence": added.confidence}
    assert belief_changes(view(vote, beliefs=[{**held, "citations": [vote.id]}])) == []


def test_it_leaves_beliefs_that_nobody_speaks_of() -> None:
    quiet = item("a", text="Seen in March.")
    beliefs = [
        {"statement": "Written by people.", "confidence": 0.9},
        {"statement": "Cites something.", "confidence": 0.9, "citations": [quiet.id]},
    ]
    assert belief_changes(view(quiet, beliefs=beliefs)) == []


@pytest.mark.parametrize("state", [Standing.ERASED, Standing.UNSHARED, Standing.UNKNOWN])
def test_it_retires_what_rests_on_lost_memory_alone(state: Standing) -> None:
    belief = {"id": "s", "statement": SOURCES, "confidence": 0.74, "citations": [GONE]}
    (change,) = belief_changes(view(beliefs=[belief], **{GONE: state}))
    assert (change.kind, change.lost, change.citations) == (Kind.RETIRE, 1, ())
    assert checked([change], view(beliefs=[belief], **{GONE: state})) == [change]


def test_it_weakens_what_still_rests_on_others() -> None:
    vote = said("b", SOURCES)
    belief = {"id": "s", "statement": SOURCES, "confidence": 0.78, "citations": [GONE, vote.id]}
    (change,) = belief_changes(view(vote, beliefs=[belief]))
    assert (change.kind, change.confidence, change.citations) == (Kind.WEAKEN, 0.69, (vote.id,))


def test_it_goes_back_to_what_people_wrote() -> None:
    belief = {"statement": SOURCES, "confidence": 0.8, "citations": [GONE], "prior": 0.6}
    seen = view(beliefs=[belief])
    (change,) = belief_changes(seen)
    assert (change.kind, change.confidence, change.citations) == (Kind.WEAKEN, 0.6, ())
    assert checked([change], seen) == [change]


def test_it_keeps_to_its_bounds() -> None:
    crowd = [said(f"p{n}", SOURCES, at=n) for n in range(MAX_CITATIONS + 5)]
    many = [said("a", f"Statement {n}", at=n) for n in range(100)]
    changes = belief_changes(view(*many, *crowd))
    assert len(changes) == min(MAX_BELIEFS, MAX_CHANGES)
    assert changes[0].statement == SOURCES  # the surest comes first
    assert len(changes[0].citations) == MAX_CITATIONS
    full = [f"Belief {n}" for n in range(MAX_BELIEFS)]
    assert belief_changes(view(*many, beliefs=full)) == []


PEOPLE = st.sampled_from(["a", "b", "c", "d"])
STATEMENTS = st.sampled_from([SOURCES, "sources come first.", "Be brief", "be brief!", "Ask"])
SHARES = st.none() | st.floats(0, 1)
ITEMS = st.lists(
    st.builds(
        said,
        PEOPLE,
        STATEMENTS,
        st.sampled_from(["for", "against"]),
        st.integers(0, 50),
        id=st.uuids().map(str),
        confidence=SHARES,
        relevance=SHARES,
    ),
    max_size=12,
    unique_by=lambda one: one.id,
)
BELIEFS = [
    {"id": "brief", "statement": "Be brief.", "confidence": 0.9},
    {"id": "ask", "statement": "Ask", "confidence": 0.7, "citations": [GONE]},
]


@given(st.data(), ITEMS)
def test_it_does_not_depend_on_the_order(data: st.DataObject, items: list[Remembered]) -> None:
    shuffled = data.draw(st.permutations(items))
    assert belief_changes(view(*items, beliefs=BELIEFS)) == belief_changes(
        view(*shuffled, beliefs=BELIEFS)
    )


@given(ITEMS)
def test_it_cites_what_it_sees_and_nothing_else(items: list[Remembered]) -> None:
    seen = view(*items, beliefs=BELIEFS)
    changes = belief_changes(seen)
    assert all(set(change.citations) <= shared_ids(seen) for change in changes)
    assert checked(changes, seen) == changes


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=100))
def test_it_lets_nobody_outvote_by_writing_more(loud: list[tuple[float, float]]) -> None:
    """However much one person writes: one vote against, and a new belief moves by half a vote."""
    written = [{"id": "s", "statement": SOURCES, "confidence": 0.9}]
    many = [
        said("loud", SOURCES, "against", n, confidence=sure, relevance=near)
        for n, (sure, near) in enumerate(loud)
    ]
    quiet = [said(name, SOURCES, confidence=1.0) for name in ("a", "b")]
    for change in belief_changes(view(*many, *quiet, beliefs=written)):
        assert change.confidence >= 0.72  # (0.9 + 2) / (1 + 2 + 1)
    for_it = [said("loud", SOURCES, at=n, confidence=1.0) for n in range(len(loud))]
    (added,) = belief_changes(view(*for_it))
    assert added.confidence == 0.75
