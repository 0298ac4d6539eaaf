"""Impact is read off the result: no spelling of a diff hides it."""

from __future__ import annotations

from typing import Any

import pytest

from personas.documents.application import apply_raw
from personas.documents.consent import Consent, consent_of
from personas.documents.impact import assess, highest_severity
from personas.documents.merge import merge_to_ops
from tests.personas.documents.records import RECORD, record

ON = {"vibe": {"enabled": True}}


def kinds(before: Any, after: Any) -> list[tuple[str, str, str]]:
    found = assess(before, after, ops_count=1)
    return [(impact.kind, impact.severity, impact.path) for impact in found]


@pytest.mark.parametrize(
    ("preferences", "expected"),
    [
        ({"telemetry": ON}, Consent(True, "workspace")),
        ({"telemetry": {"vibe": {"enabled": True, "scope": "lab"}}}, Consent(True, "lab")),
        ({"telemetry": {"vibe": {"enabled": False, "scope": "lab"}}}, Consent(False, "lab")),
        ({"telemetry": {"vibe": {"enabled": 1}}}, Consent(False, "workspace")),
        ({"telemetry": {"vibe": {"enabled": "true"}}}, Consent(False, "workspace")),
        ({"telemetry": {"vibe": {"enabled": True, "scope": ""}}}, Consent(True, "workspace")),
        ({"telemetry": {"vibe": {"enabled": True, "scope": 5}}}, Consent(True, "workspace")),
        ({"telemetry": {"vibe": True}}, Consent(False, "workspace")),
        ({"telemetry": [ON]}, Consent(False, "workspace")),
        ([{"telemetry": ON}], Consent(False, "workspace")),
        ({}, Consent(False, "workspace")),
    ],
)
def test_it_reads_consent(preferences: Any, expected: Consent) -> None:
    consent = consent_of(record(preferences=preferences))
    assert consent == expected
    assert bool(consent) is expected.enabled


SPARE = record(worldview={"spare": ON, "all": {"telemetry": ON}}, preferences={})


@pytest.mark.parametrize(
    "ops",
    [
        [{"op": "add", "path": "/preferences/telemetry", "value": ON}],
        [{"op": "replace", "path": "/preferences", "value": {"telemetry": ON}}],
        [{"op": "replace", "path": "", "value": {**SPARE, "preferences": {"telemetry": ON}}}],
        [{"op": "move", "from": "/worldview/spare", "path": "/preferences/telemetry"}],
        [{"op": "copy", "from": "/worldview/spare", "path": "/preferences/telemetry"}],
        [{"op": "copy", "from": "/worldview/all", "path": "/preferences"}],
        [
            {"op": "add", "path": "/preferences/telemetry", "value": {"vibe": {}}},
            {"op": "add", "path": "/preferences/telemetry/vibe/enabled", "value": True},
        ],
        merge_to_ops(SPARE, {"preferences": {"telemetry": ON}}),
    ],
)
def test_it_sees_telemetry_turned_on_however_it_is_spelled(ops: Any) -> None:
    assert ("telemetry_on", "high", "/preferences/telemetry/vibe/enabled") in kinds(
        SPARE, apply_raw(SPARE, ops)
    )


def test_it_sees_telemetry_turned_off() -> None:
    before = record(preferences={"telemetry": ON})
    for preferences in ({}, [], {"telemetry": {"vibe": {"enabled": False}}}):
        assert kinds(before, record(preferences=preferences)) == [
            ("telemetry_off", "low", "/preferences/telemetry/vibe/enabled")
        ]


def test_it_sees_the_scope_change() -> None:
    before = record(preferences={"telemetry": ON})
    after = record(preferences={"telemetry": {"vibe": {"enabled": True, "scope": "public"}}})
    assert kinds(before, after) == [("scope_changed", "high", "/preferences/telemetry/vibe/scope")]
    (impact,) = assess(before, after, ops_count=1)
    assert (impact.before, impact.after) == ("workspace", "public")
    explicit = record(preferences={"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}})
    assert kinds(before, explicit) == []


@pytest.mark.parametrize(
    ("field", "name", "kind"),
    [
        ("traits", "topics_blocked", "blocked_topics_loosened"),
        ("preferences", "blocked_topics", "blocked_topics_loosened"),
        ("worldview", "disallowed_behaviors", "boundaries_loosened"),
        ("preferences", "safe_words", "boundaries_loosened"),
        ("traits", "a_list_of_ones_own", "boundaries_loosened"),
    ],
)
def test_it_sees_boundaries_loosened(field: str, name: str, kind: str) -> None:
    def bounded(entries: Any) -> Any:
        return record(**{field: {"boundaries": {name: entries}}})

    path = f"/{field}/boundaries/{name}"
    before = bounded(["a", "b"])
    for after in (bounded(["a"]), bounded([]), bounded(["a", "c"]), record(**{field: {}})):
        assert kinds(before, after) == [(kind, "high", path)]
    for after in (bounded(["b", "a"]), bounded(["a", "b", "c"])):
        assert kinds(before, after) == []


def test_it_sees_named_lists_outside_boundaries_too() -> None:
    before = record(preferences={"topics_blocked": ["a"]})
    assert kinds(before, record(preferences={})) == [
        ("blocked_topics_loosened", "high", "/preferences/topics_blocked")
    ]


def test_it_sees_boundaries_inside_arrays() -> None:
    def listed(*names: str, blocked: Any) -> Any:
        traits = [{"id": name, "boundaries": {"topics_blocked": blocked}} for name in names]
        return record(traits=traits)

    before = listed("a", "b", blocked=["x", "y"])
    assert kinds(before, listed("new", "a", "b", blocked=["x", "y"])) == []
    assert kinds(before, listed("b", blocked=["x", "y"])) == [
        ("blocked_topics_loosened", "high", "/traits/0/boundaries/topics_blocked")
    ]
    assert len(kinds(before, listed("a", "b", blocked=["x"]))) == 2


def test_it_sees_context_bias_and_identity() -> None:
    after = record(
        name="Bea",
        archetype=None,
        preferences={"context": {"lane_weights": {"semantic": 0.2}, "slot_budgets": {"x": 2}}},
    )
    assert kinds(RECORD, after) == [
        ("context_bias_changed", "medium", "/preferences/context"),
        ("identity_changed", "medium", "/name"),
        ("identity_changed", "low", "/archetype"),
    ]
    summary = assess(RECORD, after, ops_count=1)[0].summary
    assert summary == "Changes the context bias: lane semantic +0.00 to +0.20, slot x none to 2"


def test_it_sees_large_changes() -> None:
    many = record(traits={str(number): number for number in range(40)})
    assert kinds(RECORD, many) == [("large_change", "medium", "")]
    long = record(traits={**RECORD["traits"], "text": ["y" * 8000, "y" * 8000]})
    assert kinds(RECORD, long) == [("large_change", "medium", "")]


def test_it_says_nothing_about_small_changes() -> None:
    assert assess(RECORD, RECORD, ops_count=0) == []
    assert assess(RECORD, record(traits={"tone": "calm"}), ops_count=1) == []
    assert highest_severity([]) == "low"


def test_it_assesses_a_new_record_as_a_change_from_nothing() -> None:
    after = record(preferences={"telemetry": ON})
    assert ("telemetry_on", "high", "/preferences/telemetry/vibe/enabled") in kinds({}, after)
    assert highest_severity(assess({}, after, ops_count=1)) == "high"
