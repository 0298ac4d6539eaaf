"""From a submitted diff to the operations that are stored, and what they do (contract §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leases.errors import Fault
from leases.strict_json import StrictJSONError, check
from personas.documents.application import apply_checked, apply_raw
from personas.documents.canonical import Json, Op, json_equal
from personas.documents.inverse import invert
from personas.documents.limits import Limits, exceeds, string_faults
from personas.documents.merge import merge_to_ops
from personas.documents.operations import check_operations, place_of
from personas.documents.persona_rules import (
    completion,
    fill_removed,
    merge_faults,
    operation_faults,
    result_faults,
)
from personas.documents.pointer import is_prefix, join, split
from personas.documents.schema import document_faults
from personas.errors import ImmutableField, InvalidDiff

__all__ = ["Limits", "Preview", "apply_patch", "apply_raw", "parse_diff", "preview"]


@dataclass(frozen=True, slots=True)
class Preview:
    """``ops`` is what gets stored, ``result`` the document after them, ``inverse`` the way back."""

    ops: list[Op]
    result: Json
    inverse: list[Op]


def parse_diff(raw: Json, document: Json, limits: Limits, *, prefix: str = "/diff") -> list[Op]:
    """The RFC 6902 operations that ``raw`` means for ``document``, checked but not applied.

    An array is taken as RFC 6902, an object as RFC 7396. Raises ``InvalidDiff`` or
    ``ImmutableField``; pointers begin with ``prefix``.
    """
    _check_size(raw, limits, prefix)
    if isinstance(raw, dict):
        immutable, unknown = merge_faults(raw, document, prefix)
        _refuse_writes(immutable, unknown)
        ops = fill_removed(merge_to_ops(document, raw))
    elif isinstance(raw, list):
        _check_count(raw, limits, prefix)
        ops, faults = check_operations(raw, prefix)
        if faults:
            raise InvalidDiff("the diff is not a valid JSON patch", errors=faults)
        _refuse_writes(*operation_faults(ops, prefix))
    else:
        fault = Fault(prefix, "must be an array or an object", "type")
        raise InvalidDiff("a diff is a JSON patch or a merge object", errors=[fault])
    _check_count(ops, limits, prefix)
    return ops


def apply_patch(
    document: Json, ops: Sequence[Op], limits: Limits, *, prefix: str = "/diff"
) -> Json:
    """``document`` after ``ops``, atomically and under all persona rules; it is not changed itself.

    Raises ``InvalidDiff`` or ``ImmutableField``. Unlike ``preview`` it accepts a result that equals
    the document.
    """
    checked = parse_diff(list(ops), document, limits, prefix=prefix)
    result = _result(document, checked, limits, prefix)
    _check_result(result, checked, None, limits, prefix)
    return result


def preview(document: Json, raw_diff: Json, limits: Limits, *, prefix: str = "/diff") -> Preview:
    """Everything that submission checks: shape, limits, immutability, schema and effect.

    Raises ``ImmutableField`` or ``InvalidDiff`` (code ``no_change`` when nothing would change).
    """
    ops = parse_diff(raw_diff, document, limits, prefix=prefix)
    result = _result(document, ops, limits, prefix)
    missing = completion(result)
    if missing:
        ops = [*ops, *missing]
        result = apply_checked(result, missing, prefix=prefix)
    _check_result(result, ops, raw_diff, limits, prefix)
    if json_equal(document, result):
        fault = Fault(prefix, "the diff changes nothing", "no_change")
        raise InvalidDiff("the diff changes nothing", errors=[fault], code="no_change")
    return Preview(ops=ops, result=result, inverse=invert(document, result))


def _check_size(raw: Json, limits: Limits, prefix: str) -> None:
    try:
        check(raw)
    except StrictJSONError as error:
        faults = _under(prefix, error.faults)
        raise InvalidDiff("the diff is not valid JSON", errors=faults) from None
    if exceeds(raw, limits.diff_bytes):
        fault = Fault(prefix, f"the diff exceeds {limits.diff_bytes} bytes", "diff_too_large")
        raise InvalidDiff(fault.message, errors=[fault])
    faults = string_faults(raw, limits.string_bytes)
    if faults:
        raise InvalidDiff("the diff holds too long a string", errors=_under(prefix, faults))


def _under(prefix: str, faults: list[Fault]) -> list[Fault]:
    return [Fault(prefix + fault.pointer, fault.message, fault.code) for fault in faults]


def _check_count(ops: list[Json], limits: Limits, prefix: str) -> None:
    if len(ops) > limits.operations:
        message = f"{len(ops)} operations exceed the limit of {limits.operations}"
        raise InvalidDiff(message, errors=[Fault(prefix, message, "too_many_operations")])


def _refuse_writes(immutable: list[Fault], unknown: list[Fault]) -> None:
    if immutable:
        raise ImmutableField(immutable[0].message, errors=immutable)
    if unknown:
        raise InvalidDiff(unknown[0].message, errors=unknown)


def _result(document: Json, ops: list[Op], limits: Limits, prefix: str) -> Json:
    result = apply_checked(document, ops, limits=limits, prefix=prefix)
    _refuse_writes(result_faults(document, result, ops, prefix), [])
    return result


def _check_result(result: Json, ops: list[Op], raw: Json, limits: Limits, prefix: str) -> None:
    faults = document_faults(result, limits)
    if not faults:
        return
    moved = [
        Fault(
            _blame(fault.pointer, ops, raw, prefix),
            f"{fault.pointer or 'the record'} {fault.message}",
            fault.code,
        )
        for fault in faults
    ]
    raise InvalidDiff(f"the result is no valid persona: {moved[0].message}", errors=moved)


def _blame(pointer: str, ops: list[Op], raw: Json, prefix: str) -> str:
    """The place in the submitted diff that brought about a fault in the result."""
    tokens = split(pointer)
    if isinstance(raw, dict):
        known: list[str] = []
        for token in tokens:
            if not isinstance(raw, dict) or token not in raw:
                break
            raw = raw[token]
            known.append(token)
        return prefix + join(known)
    for index, op in reversed(list(enumerate(ops))):
        path = split(op["path"])
        if op["op"] != "test" and is_prefix(path, tokens):
            if "value" in op:
                return place_of(prefix, index, "value") + join(tokens[len(path) :])
            return place_of(prefix, index, "path")
    return prefix
