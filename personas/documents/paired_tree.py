"""A document as a tree of nodes that know their counterpart in another version of it.

Positions in arrays shift; nodes do not. A rebase follows nodes and asks for the position last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from personas.documents.canonical import Json, json_equal
from personas.documents.elements import proved_pairs
from personas.documents.pointer import END, Tokens, parse_index


@dataclass(slots=True, eq=False)
class Node:
    """A value in a document.

    ``peer`` is the same value in the other version, ``clean`` whether the other version left all
    of it alone. ``tight`` tells of an array that every element of its peer is known from here, so
    that an element without a peer is certainly gone. ``gone`` names the members that both versions
    took away (any name will do for an array), ``lost`` marks what follows from a conflict.
    """

    kind: Literal["object", "array", "scalar"]
    scalar: Json = None
    members: dict[str, Node] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)
    peer: Node | None = None
    clean: bool = False
    tight: bool = True
    lost: bool = False
    gone: set[str] = field(default_factory=set)


def plant(value: Json) -> Node:
    """The tree of a value, without peers."""
    if isinstance(value, dict):
        return Node("object", members={key: plant(child) for key, child in value.items()})
    if isinstance(value, list):
        return Node("array", items=[plant(child) for child in value])
    return Node("scalar", scalar=value)


def value_of(node: Node) -> Json:
    """The value that a tree stands for."""
    if node.kind == "object":
        return {key: value_of(child) for key, child in node.members.items()}
    if node.kind == "array":
        return [value_of(child) for child in node.items]
    return node.scalar


def plant_pair(one: Json, other: Json) -> tuple[Node, Node]:
    """The trees of two versions, paired wherever identity is beyond doubt."""
    left, right = plant(one), plant(other)
    _pair(left, right, one, other)
    return left, right


def plant_agreed(value: Json) -> tuple[Node, Node]:
    """The trees of a value that both versions came to by themselves.

    Neither is clean: whoever changes it further changes what the other version wrote.
    """
    left, right = plant_pair(value, value)
    stack = [left]
    while stack:
        node = stack.pop()
        node.clean = False
        stack.extend(node.members.values() or node.items)
    return left, right


def _pair(left: Node, right: Node, one: Json, other: Json) -> None:
    left.peer, right.peer = right, left
    left.clean = json_equal(one, other)
    if left.kind == right.kind == "object":
        for key in left.members.keys() & right.members.keys():
            _pair(left.members[key], right.members[key], one[key], other[key])
    elif left.kind == right.kind == "array":
        same = left.clean
        pairs = [(at, at) for at in range(len(one))] if same else proved_pairs(one, other)
        for old, new in pairs:
            _pair(left.items[old], right.items[new], one[old], other[new])
        left.tight = len(pairs) == len(other)


def child_of(node: Node, token: str) -> Node | None:
    """The member or element that ``token`` names, if there is one."""
    if node.kind == "object":
        return node.members.get(token)
    index = parse_index(token) if node.kind == "array" else None
    return node.items[index] if index is not None and index < len(node.items) else None


def line_to(root: Node, tokens: Tokens) -> list[Node]:
    """The nodes from ``root`` down to the one at ``tokens``; shorter where there is none."""
    line = [root]
    for token in tokens:
        child = child_of(line[-1], token)
        if child is None:
            break
        line.append(child)
    return line


def position(array: Node, item: Node) -> int:
    """Where ``item`` stands in ``array``, or -1."""
    return next((at for at, other in enumerate(array.items) if other is item), -1)


def attach(parent: Node, token: str, child: Node, *, insert: bool) -> None:
    """Put ``child`` at ``token``: a new element where ``insert`` and the parent is an array."""
    if parent.kind == "object":
        parent.members[token] = child
        return
    index = len(parent.items) if token == END else int(token)
    parent.items[index : index + (0 if insert else 1)] = [child]


def detach(parent: Node, token: str) -> Node:
    """Take the child at ``token`` away and return it."""
    if parent.kind == "object":
        return parent.members.pop(token)
    return parent.items.pop(int(token))
