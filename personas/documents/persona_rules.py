"""What a diff may touch in a persona record (contract §3 and §4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leases.errors import Fault
from personas.documents.canonical import (
    FIELDS,
    IMMUTABLE,
    NULLABLE_FIELDS,
    Json,
    Op,
    json_equal,
)
from personas.documents.operations import place_of
from personas.documents.pointer import escape, split

_IDENTITY = ("id", "owner_kind", "owner_ref")
_NOT_IN_DOCUMENT = IMMUTABLE - set(_IDENTITY)


def operation_faults(ops: Sequence[Op], prefix: str) -> tuple[list[Fault], list[Fault]]:
    """Writes to immutable fields, and to fields that no record has."""
    immutable: list[Fault] = []
    unknown: list[Fault] = []
    for index, op in enumerate(ops):
        for member, field in _touched(op):
            where = place_of(prefix, index, member)
            if op["op"] == "test":
                if field in _NOT_IN_DOCUMENT:
                    message = f"{field} is not part of the document that a diff works on"
                    unknown.append(Fault(where, message, "not_in_document"))
            elif field in IMMUTABLE:
                immutable.append(immutable_fault(where, field))
            elif field not in FIELDS and member == "path":
                unknown.append(unknown_fault(where, field))
    return immutable, unknown


def _touched(op: Op) -> Iterator[tuple[str, str]]:
    """The members that write (or test), each with the top-level field that its pointer enters."""
    for member in ("path", "from"):
        writes = member == "path" or op["op"] == "move"
        if member in op and writes and (tokens := split(op[member])):
            yield member, tokens[0]


def result_faults(document: Json, result: Json, ops: Sequence[Op], prefix: str) -> list[Fault]:
    """Immutable fields that a write to the whole record changed after all."""
    if not isinstance(result, dict):
        return []
    changed = [
        field
        for field in _IDENTITY
        if field in document
        and not (field in result and json_equal(result[field], document[field]))
    ]
    changed += [field for field in _NOT_IN_DOCUMENT if field in result and field not in document]
    if not changed:
        return []
    index, op = next(
        ((at, op) for at, op in reversed(list(enumerate(ops))) if op.get("path") == ""), (0, {})
    )
    where = place_of(prefix, index, "value" if "value" in op else "path")
    value = op.get("value")
    return [immutable_fault(where + _inside(value, field), field) for field in sorted(changed)]


def _inside(value: Json, field: str) -> str:
    return f"/{escape(field)}" if isinstance(value, dict) and field in value else ""


def merge_faults(raw: Op, document: Json, prefix: str) -> tuple[list[Fault], list[Fault]]:
    """As ``operation_faults``, for the members of a merge object.

    Naming an immutable field with the value that it has is no write: whole records may be sent.
    """
    immutable: list[Fault] = []
    unknown: list[Fault] = []
    for field, value in raw.items():
        where = f"{prefix}/{escape(field)}"
        if field in IMMUTABLE:
            if field not in document or not json_equal(document[field], value):
                immutable.append(immutable_fault(where, field))
        elif field not in FIELDS:
            unknown.append(unknown_fault(where, field))
    return immutable, unknown


def immutable_fault(where: str, field: str) -> Fault:
    return Fault(where, f"{field} cannot be changed by a diff", "immutable_field")


def unknown_fault(where: str, field: str) -> Fault:
    return Fault(where, f"a persona record has no field {field[:64]!r}", "unknown_field")


def empty_value(field: str) -> Json:
    """What a removed field holds: a record always has all ten fields."""
    return None if field in NULLABLE_FIELDS else {}


def fill_removed(ops: list[Op]) -> list[Op]:
    """A merge object's removals of whole fields, as the replacements that they mean."""
    filled: list[Op] = []
    for op in ops:
        tokens = split(op["path"])
        if op["op"] == "remove" and len(tokens) == 1 and tokens[0] in FIELDS:
            value = empty_value(tokens[0])
            filled.append({"op": "replace", "path": op["path"], "value": value})
        else:
            filled.append(op)
    return filled


def completion(result: Json) -> list[Op]:
    """Operations that give back, empty, the optional fields which a patch took away."""
    if not isinstance(result, dict):
        return []
    return [
        {"op": "add", "path": f"/{field}", "value": empty_value(field)}
        for field in FIELDS
        if field not in result and field not in _IDENTITY
    ]
