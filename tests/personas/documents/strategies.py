"""Random documents and patches for the property tests."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from personas.documents.application import apply_raw
from personas.documents.pointer import join
from personas.errors import InvalidDiff

# Few keys and values, so that collisions and shared elements are the rule and not the exception.
KEYS = st.sampled_from(["a", "b", "c", "0", "-", "", "a/b", "~", "id"])
SCALARS = st.sampled_from([None, True, False, 0, 1, 1.0, 2, -0.5, "", "x", "y", "a longer text"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=5)


def places(value: Any, tokens: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every place in a document, the root first."""
    found = [tokens]
    if isinstance(value, dict):
        children = [(str(key), child) for key, child in value.items()]
    elif isinstance(value, list):
        children = [(str(at), child) for at, child in enumerate(value)]
    else:
        children = []
    for token, child in children:
        found.extend(places(child, (*tokens, token)))
    return found


@st.composite
def patches(draw: st.DrawFn, document: Any, max_ops: int = 5) -> list[dict[str, Any]]:
    """A patch that applies to ``document``, of all six operations."""
    ops: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(0, max_ops))):
        op = _draw_op(draw, document)
        try:
            document = apply_raw(document, [op])
        except InvalidDiff:
            continue
        ops.append(op)
    return ops


def _draw_op(draw: st.DrawFn, document: Any) -> dict[str, Any]:
    known = places(document)
    name = draw(st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]))
    path = draw(st.sampled_from(known))
    if name in ("add", "move", "copy") and draw(st.booleans()):
        path = (*path, draw(KEYS | st.sampled_from(["0", "1", "-"])))
    op: dict[str, Any] = {"op": name, "path": join(path)}
    if name in ("move", "copy"):
        op["from"] = join(draw(st.sampled_from(known)))
    if name == "test":
        value = document
        for token in path:
            value = value[int(token)] if isinstance(value, list) else value[token]
        op["value"] = value
    if name in ("add", "replace"):
        op["value"] = draw(VALUES)
    return op
