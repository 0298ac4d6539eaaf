"""TinyTroupe agents become records, and nothing gets lost on the way."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from personas.documents.consent import consent_of
from personas.documents.limits import Limits
from personas.documents.schema import validate_document
from personas.documents.tinytroupe import NotTinyTroupe, to_record

SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "personas"
AGENT: dict[str, Any] = {
    "type": "TinyPerson",
    "mental_faculties": [],
    "persona": {
        "name": "  Mira Lindqvist ",
        "age": 41,
        "residence": "Uppsala",
        "occupation": {"title": "Librarian", "organization": "City Library", "hours": 30},
        "style": "Dry and exact.",
        "personality": {
            "traits": ["You finish what you start."],
            "big_five": {"openness": "High."},
            "style": "Taken by the one above.",
        },
        "preferences": {
            "likes": ["Maps"],
            "telemetry": {"vibe": {"enabled": True}},
            "context": {"lane_weights": {"x": 1}},
        },
        "long_term_goals": ["Catalogue the map room."],
        "skills": ["Reads Latin."],
        "behaviors": {"general": ["Labels everything."]},
        "beliefs": ["Quiet is a public good."],
        "relationships": [{"name": "Jonas", "description": "Your colleague."}],
        "other_facts": ["You grew up by a lake."],
        "shoe/size": 38,
    },
}


def test_it_places_what_has_a_place() -> None:
    imported = to_record(AGENT)
    assert imported.record_fields == {
        "name": "Mira Lindqvist",
        "archetype": "Librarian",
        "traits": {
            "style": "Dry and exact.",
            "personality": ["You finish what you start."],
            "big_five": {"openness": "High."},
            "skills": ["Reads Latin."],
            "behaviors": {"general": ["Labels everything."]},
        },
        "preferences": {"likes": ["Maps"], "goals": ["Catalogue the map room."]},
        "worldview": {
            "background": {"age": 41, "residence": "Uppsala"},
            "occupation": {"organization": "City Library", "hours": 30},
            "beliefs": ["Quiet is a public good."],
            "relationships": [{"name": "Jonas", "description": "Your colleague."}],
            "facts": ["You grew up by a lake."],
        },
        "vibe_profile": {},
        "calibration": {},
    }


def test_it_lists_what_has_none() -> None:
    assert to_record(AGENT).unplaced == [
        "/mental_faculties",
        "/persona/personality/style",
        "/persona/preferences/context",
        "/persona/preferences/telemetry",
        "/persona/shoe~1size",
    ]


def test_it_never_imports_consent() -> None:
    fields = to_record(AGENT).record_fields
    assert not consent_of({**fields, "owner_kind": "agent"}).enabled


def test_it_shares_nothing_with_its_input() -> None:
    agent = copy.deepcopy(AGENT)
    imported = to_record(agent)
    imported.record_fields["worldview"]["beliefs"].append("x")
    assert agent == AGENT


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for child in value.values() for leaf in leaves(child)]
    if isinstance(value, list):
        return [leaf for child in value for leaf in leaves(child)]
    return [value]


def test_it_drops_nothing_silently() -> None:
    placed = leaves(to_record(AGENT).record_fields)
    left_out = ("Taken by the one above.", 1, 38)  # 1 is the enabled flag too
    wanted = {str(leaf).strip() for leaf in leaves(AGENT["persona"]) if leaf not in left_out}
    assert wanted <= {str(leaf) for leaf in placed}


@pytest.mark.parametrize(
    ("persona", "fields", "unplaced"),
    [
        ({"occupation": "Baker"}, {"archetype": "Baker"}, []),
        ({"occupation": {"title": 5}}, {"worldview": {"occupation": {"title": 5}}}, []),
        ({"occupation": {"title": "Baker"}}, {"archetype": "Baker", "worldview": {}}, []),
        ({"name": "x" * 201}, {"name": None}, ["/persona/name"]),
        ({"name": 5}, {"name": None}, ["/persona/name"]),
        ({"personality": "Kind."}, {"traits": {"personality": "Kind."}}, []),
        ({"preferences": ["Tea"]}, {"preferences": {"general": ["Tea"]}}, []),
        ({"goals": 1, "long_term_goals": 2}, {"preferences": {"goals": 1}}, ["/persona/long_term_goals"]),
        ({}, {"traits": {}, "name": None}, []),
    ],
)  # fmt: skip
def test_it_takes_other_spellings(persona: Any, fields: Any, unplaced: list[str]) -> None:
    imported = to_record({"type": "Fragment", "persona": persona})
    assert {key: imported.record_fields[key] for key in fields} == fields
    assert imported.unplaced == unplaced


def test_it_takes_a_bare_persona() -> None:
    assert to_record({"name": "Mira", "x": 1}).unplaced == ["/x"]


@pytest.mark.parametrize("raw", [None, [], "x", {}, {"persona": 5}, {"type": "TinyPerson"}])
def test_it_refuses_what_is_no_persona(raw: Any) -> None:
    with pytest.raises(NotTinyTroupe):
        to_record(raw)


def test_it_reads_the_public_samples_where_they_are_at_hand() -> None:
    for path in SAMPLES.glob("*.json"):
        imported = to_record(json.loads(path.read_text(encoding="utf-8")))
        assert imported.unplaced == []
        identity = {"id": "x", "owner_kind": "agent", "owner_ref": "x"}
        validate_document({**identity, **imported.record_fields}, Limits())
