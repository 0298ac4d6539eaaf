"""From a JSON Schema and an input to faults with JSON pointers below ``/input``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jsonschema_rs

from leases.errors import Fault
from personas.documents.pointer import join
from telemetry.actions.kind import Kind

MAX_FAULTS = 20


def check_input(kind: Kind, value: Mapping[str, Any]) -> None:
    """Raise the kind's refusal, with at most 20 faults, unless ``value`` fits its schema."""
    faults = [
        fault
        for error in _validator(kind).iter_errors(dict(value))
        for fault in _faults(error, kind.input)
    ][:MAX_FAULTS]
    if faults:
        first = faults[0]
        raise kind.refusal(f"{first.pointer}: {first.message}", errors=faults)


_compiled: dict[str, Any] = {}


def _validator(kind: Kind) -> Any:
    # Compiled on first use: the process may never be asked.
    known = _compiled.get(kind.name)
    if known is None:
        known = jsonschema_rs.validator_for(dict(kind.input), validate_formats=True)
        _compiled[kind.name] = known
    return known


def _faults(error: Any, schema: Mapping[str, Any]) -> Iterator[Fault]:
    # The library's own messages quote the value; these never do.
    place = ["input", *error.instance_path]
    name = error.kind.name
    if name == "required":
        missing = error.kind.property
        yield Fault(join([*place, missing]), f"{missing} is missing", "required")
    else:
        yield Fault(join(place), _message(name, error, schema), name)


def _message(name: str, error: Any, schema: Mapping[str, Any]) -> str:
    if name in {"oneOf", "anyOf"}:
        members = ", ".join(_alternatives(schema, error.schema_path))
        return f"give {'at least one' if name == 'anyOf' else 'exactly one'} of {members}"
    expected = error.kind.value
    if name == "type":
        names = [expected] if isinstance(expected, str) else list(expected)
        return f"must be {' or '.join(names)}"
    if name == "enum":
        return f"must be one of {', '.join(map(str, expected))}"
    said = _SAID.get(name)
    return f"breaks the rule {name} of the schema" if said is None else said.format(expected)


_SAID = {
    "minimum": "must not be less than {}",
    "maximum": "must not be more than {}",
    "minLength": "must have at least {} characters",
    "maxLength": "must have at most {} characters",
    "minItems": "must have at least {} entries",
    "maxItems": "must have at most {} entries",
    "maxProperties": "must have at most {} members",
    "uniqueItems": "must not hold the same entry twice",
    "format": "must be a {}",
}


def _alternatives(schema: Any, path: Iterable[str | int]) -> list[str]:
    """The members that the rules at ``path`` ask for, one each."""
    for step in path:
        schema = schema[step]
    return [name for rule in schema for name in rule.get("required", [])]
