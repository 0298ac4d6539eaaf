"""Belief changes as operations on a record, and what is refused before they are any."""

from dataclasses import replace
from typing import Any

import pytest

from personas.documents.application import apply_raw
from telemetry.errors import BeliefRefused
from telemetry.memory.held import Standing, held_beliefs
from telemetry.memory.suggestion import (
    checked,
    is_untouched,
    named_citations,
    operations,
    rationale_of,
    worded,
)
from telemetry.memory.worldview import BeliefChange, Kind, View, belief_changes
from tests.telemetry.memory.views import said, view

pytestmark = pytest.mark.pure
SOURCES = "Sources come first"
GONE = "11111111-2222-4333-8444-555555555555"


def applied(worldview: Any, seen: View) -> Any:
    changes = checked(belief_changes(seen), seen)
    ops = operations(worldview, seen, changes)
    return apply_raw({"worldview": worldview}, ops)["worldview"]


def test_it_adds_where_there_is_no_list_yet() -> None:
    vote = said("a", SOURCES)
    after = applied({"summary": "Kept."}, view(vote))
    belief = {"id": "sources-come-first", "statement": SOURCES}
    belief |= {"confidence": 0.69, "citations": [vote.id]}
    assert after == {"summary": "Kept.", "beliefs": [belief]}


def test_it_changes_only_what_memory_speaks_of() -> None:
    foreign = {"ref": "memory:desk-0312", "title": "A book"}
    worldview = {
        "beliefs": [
            "Kept as a line.",
            {"id": "old", "statement": "Lost.", "confidence": 0.7, "citations": [GONE]},
            {"id": "s", "statement": SOURCES, "confidence": 0.6, "sources": [foreign], "more": 1},
        ]
    }
    vote = said("a", SOURCES, confidence=1.0)
    after = applied(worldview, view(vote, beliefs=worldview["beliefs"]))
    changed = {"confidence": 0.8, "citations": [vote.id], "prior": 0.6}
    assert after == {"beliefs": ["Kept as a line.", {**worldview["beliefs"][2], **changed}]}
    # And back again, when it is shared no longer.
    back = applied(after, view(beliefs=after["beliefs"]))
    assert back == {"beliefs": ["Kept as a line.", worldview["beliefs"][2]]}


def test_it_tells_beliefs_apart_that_were_written_under_one_id() -> None:
    beliefs = [
        "Tea",
        {"id": "tea", "statement": SOURCES, "confidence": 0.6},
        {"id": "tea", "statement": "Be brief", "confidence": 0.6},
        "Tea",
        "Tea!",
    ]
    names = [one.id for one in held_beliefs({"beliefs": beliefs})]
    assert (names[1], names[2], len(set(names))) == ("tea", "be-brief", 5)
    votes = [said("a", text, confidence=1.0) for text in ("Tea", SOURCES)]
    after = applied({"beliefs": beliefs}, view(*votes, beliefs=beliefs))["beliefs"]
    assert (after[0]["statement"], after[0]["citations"]) == ("Tea", [votes[0].id])
    assert (after[1]["confidence"], after[1]["citations"]) == (0.8, [votes[1].id])
    assert after[2:] == beliefs[2:]


def test_it_takes_a_worldview_that_is_a_list() -> None:
    vote = said("a", SOURCES, "against", confidence=1.0)
    after = applied([SOURCES], view(vote, beliefs=[SOURCES]))
    (belief,) = after
    assert (belief["statement"], belief["confidence"], belief["prior"]) == (SOURCES, 0.31, 0.62)
    assert belief["citations"] == [vote.id]


def test_it_refuses_a_worldview_without_room_for_a_list() -> None:
    seen = view(said("a", SOURCES))
    with pytest.raises(BeliefRefused) as refused:
        operations({"beliefs": {"a": 1}}, seen, belief_changes(seen))
    assert [fault.pointer for fault in refused.value.errors] == ["/worldview/beliefs"]


VOTE = said("a", SOURCES)
GOOD = BeliefChange(Kind.ADD, "new", "A new one", 0.7, (VOTE.id,), "Because.")


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        (replace(GOOD, citations=()), "/changes/0/citations", "uncited"),
        (replace(GOOD, citations=(GONE,)), "/changes/0/citations/0", "unresolvable"),
        (replace(GOOD, citations=(VOTE.id, GONE)), "/changes/0/citations/1", "unresolvable"),
        (replace(GOOD, statement=" "), "/changes/0/statement", "length"),
        (replace(GOOD, statement="x" * 301), "/changes/0/statement", "length"),
        (replace(GOOD, confidence=1.5), "/changes/0/confidence", "out_of_range"),
        (replace(GOOD, confidence=float("nan")), "/changes/0/confidence", "out_of_range"),
        (replace(GOOD, statement="Held already."), "/changes/0/belief_id", "exists"),
        (replace(GOOD, belief_id="`"), "/changes/0/belief_id", "syntax"),
        (replace(GOOD, kind=Kind.WEAKEN), "/changes/0/belief_id", "unknown"),
        (
            replace(GOOD, kind=Kind.RETIRE, belief_id="h", citations=()),
            "/changes/0/citations",
            "uncited",
        ),
        (replace(GOOD, kind="add"), "/changes/0", "type"),
    ],
)
def test_it_refuses(change: BeliefChange, pointer: str, code: str) -> None:
    seen = view(VOTE, beliefs=[{"id": "h", "statement": "Held already"}])
    with pytest.raises(BeliefRefused) as refused:
        checked([change], seen)
    assert (pointer, code) in [(fault.pointer, fault.code) for fault in refused.value.errors]


def test_it_refuses_too_much_and_the_same_twice() -> None:
    seen = view(VOTE)
    with pytest.raises(BeliefRefused, match="at most 16"):
        checked([GOOD] * 17, seen)
    with pytest.raises(BeliefRefused, match="twice"):
        checked([GOOD, GOOD], seen)


def test_it_explains_itself_without_naming_what_is_gone() -> None:
    votes = [said(f"p{n}", SOURCES, at=n) for n in range(8)]
    belief = {"id": "old", "statement": "Lost.", "confidence": 0.7, "citations": [GONE]}
    seen = view(*votes, beliefs=[belief], **{GONE: Standing.UNSHARED})
    changes = checked(belief_changes(seen), seen)
    ops = operations({"beliefs": [belief]}, seen, changes)
    text = rationale_of(changes, ops)
    assert text.startswith("Suggested from shared memory: 1 to add, 1 to retire.")
    assert "\n\nRetire “Lost.”, held with a confidence of 0.70 until now. Nothing" in text
    assert "8 for, 0 against" in text
    assert GONE not in text
    named = named_citations(text)
    assert named == {"sources-come-first": tuple(vote.id for vote in votes[:6])}
    words, record = worded(text, ops)
    assert text == f"{words}\n\n{record}"
    assert "`" not in words
    assert not any(vote.id in words for vote in votes)
    assert all(vote.id in record for vote in votes[:6])
    assert worded(text, ops[1:]) == (text, "")
    assert is_untouched(text, ops)
    assert not is_untouched(text, ops[1:])
    assert not is_untouched("Somebody else's words.", ops)


def test_it_still_reads_suggestions_that_were_worded_as_at_first() -> None:
    one, other = said("a", SOURCES).id, said("b", SOURCES).id
    line = f"- retire `old` “Lost.” from 0.70. 2 for, 0 against. Cites: {one}, {other} and 3 more."
    assert named_citations(f"Suggested from shared memory: 1 to retire.\n\n{line}") == {
        "old": (one, other)
    }
