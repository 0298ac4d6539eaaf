"""What tools take and answer, as JSON Schema 2020-12 (shapes of contract §3, §4, §7, §10)."""

from __future__ import annotations

from typing import Any

from leases.capabilities import OWNER_KINDS

Schema = dict[str, Any]

LANES = ("episodic", "semantic", "procedural", "profile", "worldview")
ID_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$"
UUID_PATTERN = "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"


def takes(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    """Arguments: an object with these members and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def answers(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    """A result: an object with at least these members; the server may add some."""
    return {"type": "object", "properties": properties, "required": list(required)}


def text(description: str, longest: int | None = None, **more: Any) -> Schema:
    bound = {} if longest is None else {"maxLength": longest}
    return {"type": "string", "description": description, **bound, **more}


def number(description: str) -> Schema:
    """A number between 0 and 1."""
    return {"type": "number", "minimum": 0, "maximum": 1, "description": description}


def whole(description: str, least: int, most: int | None = None) -> Schema:
    bound = {} if most is None else {"maximum": most}
    return {"type": "integer", "minimum": least, **bound, "description": description}


def one_of(names: tuple[str, ...], description: str) -> Schema:
    return {"type": "string", "enum": list(names), "description": description}


def items(of: Schema, description: str = "", **bounds: int) -> Schema:
    told = {"description": description} if description else {}
    return {"type": "array", "items": of, **told, **bounds}


def nullable(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


PERSONA_ID = text("The persona's id.", pattern=ID_PATTERN)
OWNER_KIND = one_of(tuple(OWNER_KINDS), "What kind of owner.")
OWNER_REF = text("The owner's identifier.", 255)
LANE = one_of(LANES, "The kind of memory.")
MEMORY_ID = text("The item's id.", pattern=UUID_PATTERN)
KEY = text(
    "Of your own; a repeat with the same key is done once.", pattern="^[\\x21-\\x7e]{1,200}$"
)
CURSOR = text("`next` of the page before.", 2000)
OBJECT: Schema = {"type": "object"}
STRING: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
NEXT = nullable(text("The cursor of the next page; null at the end."))

PERSONA = answers(
    ("id", "owner_kind", "owner_ref", "version"),
    id=STRING,
    owner_kind=STRING,
    owner_ref=STRING,
    name=nullable(STRING),
    archetype=nullable(STRING),
    version=INTEGER,
    pending_proposals=INTEGER,
    updated=STRING,
)
FIELD: Schema = {"type": ["object", "array"]}
RECORD = answers(
    ("id", "owner_kind", "owner_ref", "version", "traits", "preferences", "worldview"),
    **{
        **PERSONA["properties"],
        "traits": FIELD,
        "preferences": FIELD,
        "worldview": FIELD,
        "vibe_profile": FIELD,
        "calibration": FIELD,
        "pending_proposals": items(OBJECT),
    },
)
DIFF: Schema = {
    "description": (
        "Over the whole record: an RFC 6902 array of operations, or an RFC 7396 object whose "
        "members replace the record's (null deletes). `id`, owner and `version` cannot change."
    ),
    "anyOf": [
        items(
            {
                "type": "object",
                "properties": {
                    "op": {"enum": ["add", "remove", "replace", "move", "copy", "test"]},
                    "path": text("RFC 6901 pointer such as /traits/tone."),
                    "from": text("RFC 6901 pointer, for move and copy."),
                    "value": {},
                },
                "required": ["op", "path"],
            },
            minItems=1,
            maxItems=200,
        ),
        {"type": "object", "minProperties": 1},
    ],
}
