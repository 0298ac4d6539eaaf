"""The record schema and its faults."""

from __future__ import annotations

from typing import Any

import pytest

from personas.documents.canonical import FIELDS
from personas.documents.limits import Limits, depth_of
from personas.documents.schema import validate_document
from personas.errors import InvalidPersona
from tests.personas.documents.records import record

LIMITS = Limits()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"name": None, "archetype": None},
        {"traits": [], "preferences": [], "worldview": [1], "vibe_profile": [], "calibration": []},
        {"id": "A" + "a" * 127},
        {"id": "0a.b_c:d-e"},
        {"owner_ref": "x" * 256, "owner_kind": "agent"},
        {"preferences": {"telemetry": {"vibe": {"enabled": True, "scope": "any thing"}}}},
        {"preferences": {"context": {"lane_weights": {"a": 1, "b": ".5", "c": True}}}},
        {"traits": {"tone": {"any": ["thing"]}}},
    ],
)
def test_it_accepts(fields: dict[str, Any]) -> None:
    validate_document(record(**fields), LIMITS)


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"id": ""}, "/id", "pattern"),
        ({"id": ".a"}, "/id", "pattern"),
        ({"id": "a b"}, "/id", "pattern"),
        ({"id": "a\n"}, "/id", "pattern"),
        ({"id": "a" * 129}, "/id", "pattern"),
        ({"id": "ä"}, "/id", "pattern"),
        ({"owner_kind": "team"}, "/owner_kind", "enum"),
        ({"owner_ref": ""}, "/owner_ref", "minLength"),
        ({"owner_ref": "x" * 257}, "/owner_ref", "maxLength"),
        ({"archetype": 1}, "/archetype", "type"),
        ({"worldview": "x"}, "/worldview", "type"),
        ({"calibration": None}, "/calibration", "type"),
        ({"preferences": {"telemetry": True}}, "/preferences/telemetry", "type"),
        ({"a/b": 1}, "/a~1b", "unknown_field"),
        ({"traits": {"x": "y" * 8193}}, "/traits/x", "string_too_long"),
        ({"traits": {"x": ["y" * 8000] * 9}}, "", "document_too_large"),
        ({"traits": {"x": {1}}}, "/traits/x", "not_json"),
    ],
)
def test_it_refuses(fields: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(InvalidPersona) as refused:
        validate_document(record(**fields), LIMITS)
    assert [(fault.pointer, fault.code) for fault in refused.value.errors] == [(pointer, code)]


def test_it_names_every_fault_and_quotes_no_value() -> None:
    with pytest.raises(InvalidPersona) as refused:
        validate_document({"id": "very secret", "traits": "very secret"}, LIMITS)
    pointers = {fault.pointer for fault in refused.value.errors}
    assert pointers == {f"/{field}" for field in FIELDS}
    assert all("secret" not in fault.message for fault in refused.value.errors)


def test_it_refuses_what_is_no_object() -> None:
    for value in ([], None, "x", 1):
        with pytest.raises(InvalidPersona):
            validate_document(value, LIMITS)


def test_it_counts_depth() -> None:
    assert [depth_of(value) for value in (1, {}, [], {"a": [1]}, [[], [[]]])] == [0, 1, 1, 2, 3]
    deep: Any = {}
    for _ in range(14):
        deep = {"a": deep}
    validate_document(record(traits=deep), LIMITS)
    with pytest.raises(InvalidPersona) as refused:
        validate_document(record(traits={"a": deep}), LIMITS)
    assert refused.value.errors[0].code == "too_deep"
