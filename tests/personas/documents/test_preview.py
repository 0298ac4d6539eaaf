"""What submission checks: shape, limits, immutability, schema, effect."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leases.errors import InvalidInput
from personas.documents.application import apply_raw
from personas.documents.canonical import FIELDS, JSON_FIELDS, canonical_bytes, json_equal
from personas.documents.limits import Limits
from personas.documents.patch import apply_patch, parse_diff, preview
from personas.errors import ImmutableField, InvalidDiff
from tests.personas.documents.records import RECORD, record
from tests.personas.documents.strategies import OBJECTS, patches

LIMITS = Limits()


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def whole(**changes: Any) -> list[dict[str, Any]]:
    return [{"op": "replace", "path": "", "value": record(**changes)}]


def refusal(diff: Any, kind: type[InvalidInput], limits: Limits = LIMITS) -> list[tuple[str, str]]:
    before = copy.deepcopy(RECORD)
    with pytest.raises(kind) as refused:
        preview(before, diff, limits)
    assert type(refused.value) is kind
    assert before == RECORD
    return [(fault.pointer, fault.code) for fault in refused.value.errors]


def test_it_gives_operations_result_and_inverse() -> None:
    diff = [{"op": "replace", "path": "/traits/tone", "value": "calm", "note": "ignored"}]
    seen = preview(RECORD, diff, LIMITS)
    assert seen.ops == [{"op": "replace", "path": "/traits/tone", "value": "calm"}]
    assert seen.result["traits"]["tone"] == "calm"
    assert seen.inverse == [{"op": "replace", "path": "/traits/tone", "value": "warm"}]
    assert RECORD["traits"]["tone"] == "warm"


def test_it_stores_a_merge_object_as_the_operations_it_means() -> None:
    diff = {"name": None, "traits": {"tone": None, "pace": "slow"}, "id": "persona.alpha"}
    seen = preview(RECORD, diff, LIMITS)
    assert seen.ops == [
        {"op": "replace", "path": "/name", "value": None},
        {"op": "remove", "path": "/traits/tone"},
        {"op": "add", "path": "/traits/pace", "value": "slow"},
    ]
    assert seen.result["traits"] == {"tags": ["curious", "patient"], "pace": "slow"}


@pytest.mark.parametrize("field", ["name", "archetype", *JSON_FIELDS])
def test_it_keeps_all_fields_of_a_record(field: str) -> None:
    base = record(vibe_profile={"tone": 1}, calibration=[1])
    for diff in ([{"op": "remove", "path": f"/{field}"}], {field: None}):
        seen = preview(base, diff, LIMITS)
        assert seen.result[field] == ({} if field in JSON_FIELDS else None)
        assert set(seen.result) == set(FIELDS)
        assert json_equal(apply_raw(base, seen.ops), seen.result)


def test_it_fills_a_field_that_was_moved_away() -> None:
    seen = preview(RECORD, [{"op": "move", "from": "/name", "path": "/traits/alias"}], LIMITS)
    assert seen.ops[-1] == {"op": "add", "path": "/name", "value": None}
    assert seen.result["traits"]["alias"] == "Ada"


@pytest.mark.parametrize(
    "diff",
    [
        [],
        {},
        [{"op": "test", "path": "/name", "value": "Ada"}],
        [{"op": "test", "path": "/owner_kind", "value": "workspace"}],
        [{"op": "replace", "path": "/calibration/confidence", "value": 0.6}],
        [{"op": "move", "from": "/name", "path": "/name"}],
        [{"op": "add", "path": "/traits/x", "value": 1}, {"op": "remove", "path": "/traits/x"}],
        {"name": "Ada", "traits": {"absent": None}},
        [{"op": "replace", "path": "", "value": RECORD}],
        RECORD,
    ],
)
def test_it_refuses_what_changes_nothing(diff: Any) -> None:
    with pytest.raises(InvalidDiff) as refused:
        preview(RECORD, diff, LIMITS)
    assert refused.value.instance_code == "no_change"
    assert [fault.code for fault in refused.value.errors] == ["no_change"]


IMMUTABLE = [
    *(
        ([{"op": op, "path": f"/{field}", "value": "x"}], "/diff/0/path")
        for field in ("id", "owner_kind", "owner_ref", "version", "updated", "updated_at")
        for op in ("add", "replace", "remove")
    ),
    ([{"op": "replace", "path": "/id", "value": "persona.alpha"}], "/diff/0/path"),
    ([{"op": "move", "from": "/id", "path": "/traits/id"}], "/diff/0/from"),
    ([{"op": "move", "from": "/name", "path": "/owner_ref"}], "/diff/0/path"),
    ([{"op": "copy", "from": "/name", "path": "/id"}], "/diff/0/path"),
    ([{"op": "add", "path": "/id/deeper", "value": 1}], "/diff/0/path"),
    (whole(id="other"), "/diff/0/value/id"),
    (whole(version=3), "/diff/0/value/version"),
    (whole(updated_at=3), "/diff/0/value/updated_at"),
    ([{"op": "add", "path": "", "value": record(owner_kind="agent")}], "/diff/0/value/owner_kind"),
    ([{"op": "copy", "from": "/traits", "path": ""}], "/diff/0/path"),
    ({"id": "other"}, "/diff/id"),
    ({"owner_kind": None}, "/diff/owner_kind"),
    ({"version": 1}, "/diff/version"),
    ({"updated": "2026-01-01T00:00:00.000Z"}, "/diff/updated"),
]


@pytest.mark.parametrize(("diff", "pointer"), IMMUTABLE)
def test_it_refuses_writes_to_immutable_fields(diff: Any, pointer: str) -> None:
    faults = refusal(diff, ImmutableField)
    assert faults[0] == (pointer, "immutable_field")


def test_it_names_immutable_fields_that_a_whole_record_leaves_out() -> None:
    value = {key: value for key, value in RECORD.items() if key not in ("id", "owner_ref")}
    faults = refusal([{"op": "replace", "path": "", "value": value}], ImmutableField)
    assert faults == [("/diff/0/value", "immutable_field")] * 2


def test_it_lets_immutable_fields_be_read() -> None:
    diff = [
        {"op": "test", "path": "/owner_kind", "value": "workspace"},
        {"op": "copy", "from": "/owner_ref", "path": "/traits/home"},
    ]
    assert preview(RECORD, diff, LIMITS).result["traits"]["home"] == "studio"


def test_it_lets_a_whole_record_be_sent_with_its_own_identity() -> None:
    assert preview(RECORD, whole(name="Bea"), LIMITS).result == record(name="Bea")


INVALID = [
    ("text", "/diff", "type"),
    (None, "/diff", "type"),
    ([{"op": "spam", "path": "/name"}], "/diff/0/op", "unknown_op"),
    ([{"op": "add", "path": "/name"}], "/diff/0/value", "required"),
    ([{"op": "add", "path": "name", "value": 1}], "/diff/0/path", "pointer_syntax"),
    ([{"op": "add", "path": "/mood", "value": 1}], "/diff/0/path", "unknown_field"),
    ([{"op": "remove", "path": "/mood"}], "/diff/0/path", "unknown_field"),
    ([{"op": "test", "path": "/version", "value": 1}], "/diff/0/path", "not_in_document"),
    ([{"op": "copy", "from": "/version", "path": "/name"}], "/diff/0/from", "path_not_found"),
    ([{"op": "test", "path": "/name", "value": "Bea"}], "/diff/0/value", "test_failed"),
    ({"mood": 1}, "/diff/mood", "unknown_field"),
    ({"op": "replace", "path": "/name", "value": "x"}, "/diff/op", "unknown_field"),
    (whole(mood=1), "/diff/0/value/mood", "unknown_field"),
    (whole(traits="x"), "/diff/0/value/traits", "type"),
    ([{"op": "replace", "path": "/traits", "value": None}], "/diff/0/value", "type"),
    ([{"op": "copy", "from": "/name", "path": "/traits"}], "/diff/0/path", "type"),
    ({"name": 5}, "/diff/name", "type"),
    ({"name": "x" * 201}, "/diff/name", "maxLength"),
    ({"preferences": {"telemetry": {"vibe": {"enabled": 1}}}}, "/diff/preferences/telemetry/vibe/enabled", "type"),
    ({"preferences": {"telemetry": {"vibe": {"scope": ""}}}}, "/diff/preferences/telemetry/vibe/scope", "minLength"),
    ({"preferences": {"telemetry": {"vibe": {"scope": "x" * 129}}}}, "/diff/preferences/telemetry/vibe/scope", "maxLength"),
    ({"preferences": {"context": {"lane_weights": {"a": []}}}}, "/diff/preferences/context/lane_weights/a", "type"),
    ({"preferences": {"context": {"slot_budgets": {"a": 1.5}}}}, "/diff/preferences/context/slot_budgets/a", "type"),
    ({"preferences": {"context": {"min_score_bias": "x"}}}, "/diff/preferences/context/min_score_bias", "type"),
    ([{"op": "add", "path": "/traits/n", "value": float("nan")}], "/diff/0/value", "not_finite"),
    ([{"op": "add", "path": "/traits/n", "value": 2**53}], "/diff/0/value", "number_out_of_range"),
    ({"traits": {"n": "\x00"}}, "/diff/traits/n", "invalid_character"),
]  # fmt: skip


@pytest.mark.parametrize(("diff", "pointer", "code"), INVALID)
def test_it_refuses_with_a_pointer_into_the_diff(diff: Any, pointer: str, code: str) -> None:
    assert refusal(diff, InvalidDiff)[0] == (pointer, code)


def test_it_takes_the_prefix_of_the_pointers() -> None:
    with pytest.raises(InvalidDiff) as refused:
        parse_diff([{}], RECORD, LIMITS, prefix="/items/3/diff")
    assert refused.value.errors[0].pointer == "/items/3/diff/0/op"


def add(path: str, value: Any) -> list[dict[str, Any]]:
    return [{"op": "add", "path": path, "value": value}]


@pytest.mark.parametrize(
    ("diff", "pointer", "code"),
    [
        (add("/traits/x", ["y" * 8000] * 5), "/diff", "diff_too_large"),
        ({"traits": {"x": ["y" * 8000] * 5}}, "/diff", "diff_too_large"),
        (add("/traits/x", "y" * 8193), "/diff/0/value", "string_too_long"),
        (add("/traits/x", "é" * 4097), "/diff/0/value", "string_too_long"),
        ({"traits": {"y" * 8193: 1}}, "/diff/traits", "string_too_long"),
        (add("/traits/x", 1) * 201, "/diff", "too_many_operations"),
        ({"traits": {str(n): n for n in range(201)}}, "/diff", "too_many_operations"),
        (add("/traits/x", nested(15)), "/diff/0/path", "too_deep"),
        (add("/traits/x", nested(70)), "/diff/0/value" + "/0" * 62, "too_deep"),
    ],
)
def test_it_holds_the_limits(diff: Any, pointer: str, code: str) -> None:
    assert refusal(diff, InvalidDiff) == [(pointer, code)]


def test_it_accepts_what_just_fits() -> None:
    assert preview(RECORD, add("/traits/x", nested(14)), LIMITS)
    assert preview(RECORD, add("/traits/x", "é" * 4096), LIMITS)
    assert preview(RECORD, add("/traits/x", 1) * 200, LIMITS)
    size = len(canonical_bytes(RECORD))
    diff = [{"op": "replace", "path": "/name", "value": "Bea"}]
    assert preview(RECORD, diff, Limits(document_bytes=size))
    with pytest.raises(InvalidDiff):
        preview(RECORD, diff, Limits(document_bytes=size - 1))


@pytest.mark.parametrize(
    "bomb",
    [
        add("/traits/x", ["y" * 1000]) + [{"op": "copy", "from": "/traits/x", "path": "/traits/x/-"}] * 199,
        add("/traits/x", ["y" * 1000]) + [{"op": "copy", "from": "/traits", "path": "/traits/x/-"}] * 199,
        add("/traits/x", [0] * 8_000) + [{"op": "copy", "from": "/traits/x", "path": "/traits/y"}] * 199,
        [{"op": "copy", "from": "/traits", "path": "/traits/x"}] * 200,
    ],
)  # fmt: skip
def test_it_defuses_copies_that_multiply(bomb: Any) -> None:
    started = time.thread_time()
    faults = refusal(bomb, InvalidDiff)
    assert faults[0][1] in ("document_too_large", "too_deep")
    assert time.thread_time() - started < 1


def test_it_applies_stored_operations_under_the_same_rules() -> None:
    ops = preview(RECORD, {"name": "Bea"}, LIMITS).ops
    assert apply_patch(RECORD, ops, LIMITS) == record(name="Bea")
    assert apply_patch(record(name="Bea"), ops, LIMITS) == record(name="Bea")
    with pytest.raises(ImmutableField):
        apply_patch(RECORD, [{"op": "remove", "path": "/id"}], LIMITS)
    with pytest.raises(InvalidDiff):
        apply_patch(RECORD, [{"op": "remove", "path": "/traits"}], LIMITS)


@given(st.data(), OBJECTS)
def test_it_previews_what_replays_and_undoes(data: st.DataObject, traits: Any) -> None:
    base = record(traits=traits)
    ops = data.draw(patches(traits))
    lifted = [
        {key: f"/traits{value}" if key in ("path", "from") else value for key, value in op.items()}
        for op in ops
    ]
    try:
        seen = preview(base, lifted, LIMITS)
    except InvalidDiff:
        return
    assert canonical_bytes(apply_raw(base, seen.ops)) == canonical_bytes(seen.result)
    assert canonical_bytes(apply_raw(seen.result, seen.inverse)) == canonical_bytes(base)
    assert set(seen.result) == set(FIELDS)


@given(OBJECTS)
def test_it_never_fails_on_strange_merges(diff: Any) -> None:
    for raw in (diff, {"traits": diff, "preferences": diff}):
        try:
            seen = preview(RECORD, raw, LIMITS)
        except (InvalidDiff, ImmutableField):
            continue
        assert json_equal(apply_raw(RECORD, seen.ops), seen.result)
