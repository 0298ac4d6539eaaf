"""From an edited record to a patch, and onto a record that moved on meanwhile."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.documents.application import apply_raw
from personas.documents.canonical import canonical_bytes, json_equal
from personas.documents.form_model import schema_places
from personas.editing import carry_over, patch_between, record_pointer, sizes_of
from tests.personas.documents.strategies import OBJECTS, VALUES

pytestmark = pytest.mark.pure

BASE: dict[str, Any] = {
    "name": "Mara",
    "traits": {"style": "Calm.", "strengths": ["a", "b", "c", "d"]},
    "preferences": {"context": {"lane_weights": {"semantic": 0.4}}},
}


def edited(**fields: Any) -> dict[str, Any]:
    return {**copy.deepcopy(BASE), **fields}


@given(VALUES, VALUES)
def test_it_makes_the_edited_document(before: Any, after: Any) -> None:
    kept = copy.deepcopy((before, after))
    ops = patch_between({"it": before}, {"it": after})
    made = apply_raw({"it": before}, ops)
    assert canonical_bytes(made) == canonical_bytes({"it": after})
    assert (ops == []) == json_equal(before, after)
    assert json_equal([before, after], list(kept))


@given(st.lists(VALUES, max_size=7), st.data())
def test_it_moves_what_was_put_into_another_order(before: list[Any], data: st.DataObject) -> None:
    after = data.draw(st.permutations(before))
    ops = patch_between({"it": before}, {"it": after})
    assert {op["op"] for op in ops} <= {"move"}
    assert len(ops) < max(len(before), 1)
    assert canonical_bytes(apply_raw({"it": before}, ops)) == canonical_bytes({"it": after})


@pytest.mark.parametrize(
    ("after", "ops"),
    [
        (["d", "a", "b", "c"], [("/l/3", "/l/0")]),
        (["b", "c", "d", "a"], [("/l/0", "/l/3")]),
        (["d", "c", "b", "a"], [("/l/2", "/l/3"), ("/l/1", "/l/3"), ("/l/0", "/l/3")]),
    ],
)
def test_it_moves_each_element_once(after: list[str], ops: list[tuple[str, str]]) -> None:
    patch = patch_between({"l": ["a", "b", "c", "d"]}, {"l": after})
    assert [(op["from"], op["path"]) for op in patch] == ops


def test_it_writes_only_what_was_edited() -> None:
    after = edited(name="Mara L.")
    after["traits"]["strengths"][1] = "B"
    del after["traits"]["style"]
    assert patch_between(BASE, after) == [
        {"op": "replace", "path": "/name", "value": "Mara L."},
        {"op": "remove", "path": "/traits/style"},
        {"op": "replace", "path": "/traits/strengths/1", "value": "B"},
    ]


def test_it_carries_an_edit_over() -> None:
    ours, theirs = edited(name="Ours"), edited(archetype="Theirs")
    carried = carry_over(BASE, ours, theirs)
    assert carried.document == edited(name="Ours", archetype="Theirs")
    assert carried.conflicts == ()


def test_it_lets_ours_stand_where_both_moved_and_says_so() -> None:
    ours, theirs = edited(name="Ours"), edited(name="Theirs", archetype="Theirs")
    ours["traits"]["style"] = "Brief."
    carried = carry_over(BASE, ours, theirs)
    assert carried.document["name"] == "Ours"
    assert carried.document["archetype"] == "Theirs"
    assert carried.document["traits"] == {**BASE["traits"], "style": "Brief."}
    (conflict,) = carried.conflicts
    assert (conflict.path, conflict.base, conflict.ours, conflict.theirs) == (
        "/name",
        "Mara",
        "Ours",
        "Theirs",
    )
    assert theirs == edited(name="Theirs", archetype="Theirs")


@given(OBJECTS, OBJECTS, OBJECTS)
def test_it_loses_nothing_without_a_word(base: Any, ours: Any, theirs: Any) -> None:
    carried = carry_over(base, ours, theirs)
    if not carried.conflicts:
        return
    # By key at the top: whatever one side alone changed is as that side has it.
    for key in base.keys() | ours.keys() | theirs.keys():
        versions = [side.get(key, ...) for side in (base, ours, theirs)]
        if same(versions[2], versions[0]):
            assert same(carried.document.get(key, ...), versions[1])
        elif same(versions[1], versions[0]):
            assert same(carried.document.get(key, ...), versions[2])


def same(one: Any, other: Any) -> bool:
    return one is other if ... in (one, other) else json_equal(one, other)


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("/diff/0/path", "/name"),
        ("/diff/1/value/deep/0", "/traits/tone/deep/0"),
        ("/diff/1", "/traits/tone"),
        ("/diff/2/path", ""),
        ("/diff", ""),
        ("/telemetry_scope", ""),
    ],
)
def test_it_finds_the_place_in_the_record(pointer: str, place: str) -> None:
    ops: list[dict[str, Any]] = [
        {"op": "replace", "path": "/name", "value": 1},
        {"op": "add", "path": "/traits/tone", "value": {"deep": [1]}},
    ]
    assert record_pointer(pointer, ops) == place


def test_it_measures() -> None:
    sizes = sizes_of({"a": "é"}, [{"op": "remove", "path": "/a"}])
    assert (sizes.document, sizes.diff, sizes.operations) == (10, 29, 1)


def test_it_reads_places_from_the_schema() -> None:
    places = schema_places()
    assert places["/id"]["readOnly"]
    assert places["/owner_kind"]["enum"] == ["workspace", "project", "agent"]
    assert places["/name"] == {"types": ["string", "null"], "maxLength": 200}
    assert places["/preferences/context/slot_budgets/*"]["types"] == ["integer"]
    assert "readOnly" not in places["/traits"]
