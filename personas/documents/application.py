"""Applying RFC 6902 operations to any JSON document: exact, atomic and bounded.

The library ``jsonpatch`` changes the document; what it leaves open is settled before: where a
pointer may lead, what equals what, and how much a chain of copies may blow up.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import jsonpatch
import jsonpointer

from leases.errors import Fault
from personas.documents.canonical import Json, Op, json_equal
from personas.documents.limits import Limits, depth_of, exceeds, quick_size
from personas.documents.operations import check_operations, place_of
from personas.documents.pointer import (
    END,
    Tokens,
    is_prefix,
    join,
    parse_index,
    resolve,
    split,
    step,
)
from personas.errors import InvalidDiff

# The work of a patch is bounded too: copies may move this many times the size of a document.
_COPY_FACTOR = 16


class _Refused(Exception):
    """One operation cannot be applied; ``member`` names the part of it that is at fault."""

    def __init__(self, member: str, message: str, code: str) -> None:
        self.member, self.message, self.code = member, message, code
        super().__init__(message)


class _Budget:
    """Holds the growing document to the limits after every operation."""

    def __init__(self, limits: Limits | None, document: Json) -> None:
        self.limits = limits
        self.copied = 0
        # Never less than the size: measured anew only where it passes the limit.
        self.bound = 0 if limits is None else quick_size(document)

    def before(self, document: Json, op: Op) -> None:
        if self.limits is None or op["op"] == "remove":
            return
        self.bound += quick_size(op["path"]) + quick_size(op.get("value"))
        if op["op"] != "copy":
            return
        size = quick_size(resolve(document, split(op["from"])))
        self.copied += size
        self.bound += size
        if self.copied > self.limits.document_bytes * _COPY_FACTOR:
            raise _Refused("from", "the diff copies too much", "document_too_large")

    def after(self, document: Json, op: Op) -> None:
        limits = self.limits
        if limits is None or op["op"] in ("test", "remove"):
            return
        if not _stays_shallow(op):
            tokens = split(op["path"])
            depth = len(tokens) + depth_of(_written(document, tokens))
            if depth > limits.depth:
                message = f"nested deeper than {limits.depth} levels"
                raise _Refused("path", message, "too_deep")
        if self.bound > limits.document_bytes:
            self.bound = quick_size(document)
        # Only the spelling of floats can differ, so the exact size is rarely asked for.
        if self.bound > limits.document_bytes and exceeds(document, limits.document_bytes):
            message = f"the document would exceed {limits.document_bytes} bytes"
            raise _Refused("path", message, "document_too_large")


def apply_raw(
    document: Json,
    ops: Json,
    *,
    limits: Limits | None = None,
    prefix: str = "/diff",
    in_place: bool = False,
) -> Json:
    """The document after all operations (RFC 6902), none of the persona rules applied.

    ``ops`` may be anything; ``document`` is not changed unless the caller gives it up by
    ``in_place``. With ``limits``, size and depth are held after each operation. Raises
    ``InvalidDiff`` with pointers that begin with ``prefix``; the first operation that cannot be
    applied ends it, and nothing is applied.
    """
    checked, faults = check_operations(ops, prefix)
    if faults:
        raise InvalidDiff("the diff is not a valid JSON patch", errors=faults)
    return apply_checked(document, checked, limits=limits, prefix=prefix, in_place=in_place)


def apply_checked(
    document: Json,
    ops: Sequence[Op],
    *,
    limits: Limits | None = None,
    prefix: str = "/diff",
    in_place: bool = False,
) -> Json:
    """As ``apply_raw``, for operations whose shape was checked before."""
    result = document if in_place else copy.deepcopy(document)
    budget = _Budget(limits, document)
    for index, op in enumerate(ops):
        try:
            result = _apply_one(result, op, budget)
        except _Refused as refused:
            where = place_of(prefix, index, refused.member)
            fault = Fault(where, refused.message, refused.code)
            detail = f"operation {index} cannot be applied: {refused.message}"
            raise InvalidDiff(detail, errors=[fault]) from refused
    return result


def _apply_one(document: Json, op: Op, budget: _Budget) -> Json:
    _GUARDS[op["op"]](document, op)
    if op["op"] == "test":
        return document
    budget.before(document, op)
    try:
        document = jsonpatch.JsonPatch.operations[op["op"]](op).apply(document)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException) as error:
        # The library's messages quote the document, so they stay inside. A guard has passed: only
        # a move can fail here, where taking the value away removed its own destination.
        message = "the place is gone once the value is taken away"
        raise _Refused("path", message, "path_not_found") from error
    budget.after(document, op)
    return document


def _stays_shallow(op: Op) -> bool:
    return op["op"] == "move" and len(split(op["path"])) <= len(split(op["from"]))


def _written(document: Json, tokens: Tokens) -> Json:
    if tokens and tokens[-1] == END:
        parent = resolve(document, tokens[:-1])
        return parent[-1] if isinstance(parent, list) else parent[END]
    return resolve(document, tokens)


def _parent(document: Json, tokens: Tokens, member: str) -> Json:
    """The container that holds the last token, proved to be one."""
    here = document
    for depth, token in enumerate(tokens[:-1]):
        here = _step(here, token, tokens[: depth + 1], member)
    if not isinstance(here, dict | list):
        message = f"{join(tokens[:-1]) or 'the document'} is neither object nor array"
        raise _Refused(member, message, "not_a_container")
    return here


def _step(here: Json, token: str, so_far: Tokens, member: str) -> Json:
    if isinstance(here, list):
        _check_index(token, len(here) - 1, member)
    try:
        return step(here, token)
    except LookupError as error:
        message = f"{join(so_far)} does not exist"
        raise _Refused(member, message, "path_not_found") from error


def _check_index(token: str, highest: int, member: str) -> None:
    index = parse_index(token)
    if index is None:
        if token == END:
            raise _Refused(member, "- names the place after the last element", "path_not_found")
        message = "an array index is written in digits without a leading zero"
        raise _Refused(member, message, "index_syntax")
    if index > highest:
        raise _Refused(member, f"index {token[:12]} is out of bounds", "index_out_of_bounds")


def _existing(document: Json, op: Op, member: str) -> Json:
    tokens = split(op[member])
    if not tokens:
        return document
    return _step(_parent(document, tokens, member), tokens[-1], tokens, member)


def _guard_add(document: Json, op: Op) -> None:
    tokens = split(op["path"])
    if not tokens:
        return
    parent = _parent(document, tokens, "path")
    if isinstance(parent, list) and tokens[-1] != END:
        _check_index(tokens[-1], len(parent), "path")


def _guard_remove(document: Json, op: Op) -> None:
    if not op["path"]:
        raise _Refused("path", "the whole document cannot be removed", "whole_document")
    _existing(document, op, "path")


def _guard_replace(document: Json, op: Op) -> None:
    _existing(document, op, "path")


def _guard_move(document: Json, op: Op) -> None:
    _existing(document, op, "from")
    source, target = split(op["from"]), split(op["path"])
    if source != target and is_prefix(source, target):
        raise _Refused("path", "a value cannot be moved into itself", "move_into_child")


def _guard_copy(document: Json, op: Op) -> None:
    _existing(document, op, "from")
    _guard_add(document, op)


def _guard_test(document: Json, op: Op) -> None:
    if not json_equal(_existing(document, op, "path"), op["value"]):
        message = f"the value at {op['path'] or 'the root'} is not the tested one"
        raise _Refused("value", message, "test_failed")


_GUARDS = {
    "add": _guard_add,
    "remove": _guard_remove,
    "replace": _guard_replace,
    "move": _guard_move,
    "copy": _guard_copy,
    "test": _guard_test,
}
