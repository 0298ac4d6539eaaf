"""Pieces of the JSON Schemas (2020-12) that actions are checked against and documented by. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
IDENTITY: Final = {"type": "string", "format": "uuid"}
PERSONA_ID: Final = {"type": "string", "minLength": 1, "description": "A persona's id."}
SHARE: Final = {"type": "number", "minimum": 0, "maximum": 1}
COUNT: Final = {"type": "integer", "minimum": 0}


def described(schema: dict[str, Any], words: str) -> dict[str, Any]:
    """The schema with a sentence for who reads it."""
    return {**schema, "description": words}


def text(longest: int, words: str, *, shortest: int = 0) -> dict[str, Any]:
    """A string of so many characters."""
    bounds = {"type": "string", "maxLength": longest, "description": words}
    return {**bounds, "minLength": shortest} if shortest else bounds


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """The same, or null, which counts as absent."""
    named = schema["type"]
    return {**schema, "type": [*([named] if isinstance(named, str) else named), "null"]}


def record(properties: dict[str, Any], required: Sequence[str] = (), **more: Any) -> dict[str, Any]:
    """A schema of an object. Members that it does not name are ignored, as by the other doors."""
    return {
        "$schema": DIALECT,
        "type": "object",
        "properties": properties,
        "required": list(required),
        **more,
    }


def one_of(*names: str) -> list[dict[str, Any]]:
    """For ``oneOf`` and ``anyOf``: an object that has this member, or that one."""
    return [{"required": [name]} for name in names]
