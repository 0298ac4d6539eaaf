"""The record schema (JSON Schema 2020-12, ``schema/persona.schema.json``) and the limits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from leases.errors import Fault
from leases.strict_json import StrictJSONError, check
from personas.documents.canonical import Json
from personas.documents.limits import Limits, limit_faults
from personas.documents.pointer import join
from personas.errors import InvalidPersona

SCHEMA_PATH = Path(__file__).with_name("schema") / "persona.schema.json"
_MAX_FAULTS = 20


def document_faults(document: Json, limits: Limits) -> list[Fault]:
    """Everything that schema and limits find wrong, at most 20, with pointers into the document."""
    try:
        check(document)
    except StrictJSONError as refused:
        return refused.faults
    faults = limit_faults(document, limits)
    for error in _validator().iter_errors(document):
        faults.extend(_faults(error))
        if len(faults) >= _MAX_FAULTS:
            break
    return faults[:_MAX_FAULTS]


def validate_document(document: Json, limits: Limits) -> None:
    """Raise ``InvalidPersona`` unless the document fits the schema and the limits (contract §3)."""
    faults = document_faults(document, limits)
    if faults:
        first = faults[0]
        where = first.pointer or "the record"
        raise InvalidPersona(f"{where}: {first.message}", errors=faults)


@cache
def _validator() -> Any:
    # Compiled on first use: commands that never validate do not pay for it.
    return jsonschema_rs.validator_for(json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))


def _faults(error: Any) -> Iterator[Fault]:
    # The library's own messages quote the value; these never do.
    place = list(error.instance_path)
    name, expected = error.kind.name, error.kind.value
    if name == "required":
        yield Fault(join([*place, error.kind.property]), "the field is missing", "required")
    elif name == "additionalProperties":
        for key in error.kind.unexpected:
            yield Fault(join([*place, key]), "the record has no such field", "unknown_field")
    else:
        yield Fault(join(place), _message(name, expected), name)


def _message(name: str, expected: Any) -> str:
    if name == "type":
        names = [expected] if isinstance(expected, str) else expected
        return f"must be {' or '.join(names)}"
    if name == "enum":
        return f"must be one of {', '.join(map(str, expected))}"
    if name == "pattern":
        return f"must match {expected}"
    if name == "minLength":
        return "must not be empty"
    if name == "maxLength":
        return f"must not exceed {expected} characters"
    return f"breaks the rule {name} of the schema"
