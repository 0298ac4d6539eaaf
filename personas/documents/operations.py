"""The shape of RFC 6902 operations, checked before anything is applied (contract §4).

A checked operation holds exactly the members that its kind defines, in a fixed order. RFC 6902 §4
says that other members are ignored; they are dropped, so that what is stored, hashed and reviewed
is what is applied.
"""

from __future__ import annotations

from leases.errors import Fault
from personas.documents.canonical import Json, Op
from personas.documents.pointer import PointerSyntaxError, join, split

MEMBERS: dict[str, tuple[str, ...]] = {
    "add": ("path", "value"),
    "remove": ("path",),
    "replace": ("path", "value"),
    "move": ("from", "path"),
    "copy": ("from", "path"),
    "test": ("path", "value"),
}
_MAX_FAULTS = 20


def check_operations(raw: Json, prefix: str = "/diff") -> tuple[list[Op], list[Fault]]:
    """The operations of ``raw`` without foreign members, and what is wrong with the others.

    Fault pointers begin with ``prefix`` and lead to the member at fault, as in ``/diff/1/path``.
    """
    if not isinstance(raw, list):
        return [], [Fault(prefix, "a JSON patch is an array of operations", "not_an_array")]
    ops: list[Op] = []
    faults: list[Fault] = []
    for index, item in enumerate(raw):
        op, found = _check_one(item, f"{prefix}/{index}")
        ops.append(op)
        faults.extend(found)
        if len(faults) >= _MAX_FAULTS:
            break
    return ops, faults[:_MAX_FAULTS]


def _check_one(item: Json, place: str) -> tuple[Op, list[Fault]]:
    if not isinstance(item, dict):
        return {}, [Fault(place, "an operation is an object", "not_an_object")]
    name = item.get("op")
    if "op" not in item:
        return {}, [Fault(f"{place}/op", "the member op is missing", "required")]
    if not isinstance(name, str) or name not in MEMBERS:
        known = ", ".join(MEMBERS)
        return {}, [Fault(f"{place}/op", f"op must be one of {known}", "unknown_op")]
    op: Op = {"op": name}
    faults: list[Fault] = []
    for member in MEMBERS[name]:
        fault = _member_fault(item, member, f"{place}/{member}")
        if fault:
            faults.append(fault)
        else:
            op[member] = item[member]
    return op, faults


def _member_fault(item: Op, member: str, place: str) -> Fault | None:
    if member not in item:
        return Fault(place, f"the member {member} is missing", "required")
    if member == "value":
        return None
    pointer = item[member]
    if not isinstance(pointer, str):
        return Fault(place, f"{member} must be a string", "not_a_string")
    try:
        split(pointer)
    except PointerSyntaxError as error:
        return Fault(place, str(error), "pointer_syntax")
    return None


def place_of(prefix: str, index: int, member: str = "") -> str:
    """Where a member of operation ``index`` is in the submitted body."""
    return prefix + (join((index, member)) if member else join((index,)))
