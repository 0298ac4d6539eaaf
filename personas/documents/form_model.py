"""What the record schema says of each place, for forms that are made from it. Pure.

A place is a JSON pointer in which ``*`` stands for any key or position.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from personas.documents.canonical import IMMUTABLE, Json
from personas.documents.pointer import join
from personas.documents.schema import SCHEMA_PATH

_KEPT = ("enum", "minLength", "maxLength", "minimum", "maximum", "pattern", "description")


@cache
def schema_places() -> dict[str, dict[str, Any]]:
    """By place: ``types`` that are allowed there (empty: any), constraints, ``readOnly``."""
    schema = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    return dict(_places(schema, (), schema))


def _places(
    schema: Json, path: tuple[str, ...], whole: Json
) -> Iterator[tuple[str, dict[str, Any]]]:
    if "$ref" in schema:
        schema = _referred(schema["$ref"], whole)
    types = schema.get("type", [])
    place: dict[str, Any] = {"types": [types] if isinstance(types, str) else types}
    place |= {name: schema[name] for name in _KEPT if name in schema}
    if len(path) == 1 and path[0] in IMMUTABLE:
        place["readOnly"] = True
    if path:
        yield join(path), place
    for key, member in schema.get("properties", {}).items():
        yield from _places(member, (*path, key), whole)
    for name in ("additionalProperties", "items"):
        if isinstance(schema.get(name), dict):
            yield from _places(schema[name], (*path, "*"), whole)


def _referred(reference: str, whole: Json) -> Json:
    here = whole
    for token in reference.removeprefix("#/").split("/"):
        here = here[token]
    return here
