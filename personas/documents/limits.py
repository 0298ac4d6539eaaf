"""Sizes that a document and a diff must keep to; the values come from settings (contract §3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from leases.errors import Fault
from personas.documents.canonical import Json, canonical_bytes
from personas.documents.pointer import join

MAX_FAULTS = 20
_CONTAINERS = frozenset({dict, list})  # membership of a type is twice as fast as isinstance


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes are UTF-8 of the canonical form; depth counts nested objects and arrays."""

    document_bytes: int = 65536
    diff_bytes: int = 32768
    operations: int = 200
    depth: int = 16
    string_bytes: int = 8192


def quick_size(value: Json) -> int:
    """About the canonical size in bytes: exact but for the spelling of floats, and fast."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(text) if text.isascii() else len(text.encode())


def exceeds(value: Json, limit: int) -> bool:
    """Whether the canonical form is longer than ``limit`` bytes."""
    if quick_size(value) * 2 <= limit:
        return False
    return len(canonical_bytes(value)) > limit


def depth_of(value: Json) -> int:
    """Nested objects and arrays: a scalar has 0, ``{}`` has 1."""
    depth = 0
    level = [value] if isinstance(value, dict | list) else []
    while level:
        depth += 1
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item)
            if type(child) in _CONTAINERS
        ]
    return depth


def string_faults(value: Json, limit: int, prefix: tuple[str, ...] = ()) -> list[Fault]:
    """A fault for each string or key longer than ``limit`` UTF-8 bytes, at most 20."""
    faults: list[Fault] = []
    for tokens, text in _long_strings(value, limit, prefix):
        message = f"strings must not exceed {limit} bytes; this one has {len(text.encode())}"
        faults.append(Fault(join(tokens), message, "string_too_long"))
        if len(faults) == MAX_FAULTS:
            break
    return faults


def _long_strings(
    value: Json, limit: int, prefix: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str]]:
    stack: list[tuple[tuple[str, ...], Json]] = [(prefix, value)]
    while stack:
        tokens, item = stack.pop()
        if isinstance(item, str):
            if _is_longer(item, limit):
                yield tokens, item
        elif isinstance(item, list):
            stack.extend(((*tokens, str(at)), child) for at, child in enumerate(item))
        elif isinstance(item, dict):
            for key, child in item.items():
                if _is_longer(key, limit):
                    yield tokens, key
                stack.append(((*tokens, key), child))


def _is_longer(text: str, limit: int) -> bool:
    # Four bytes a character at most: short strings need no encoding.
    return len(text) * 4 > limit and len(text.encode()) > limit


def limit_faults(document: Json, limits: Limits) -> list[Fault]:
    """Every limit that ``document`` breaks, with pointers into it."""
    faults = string_faults(document, limits.string_bytes)
    depth = depth_of(document)
    if depth > limits.depth:
        message = f"nested {depth} levels deep; the limit is {limits.depth}"
        faults.append(Fault("", message, "too_deep"))
    elif exceeds(document, limits.document_bytes):
        message = f"the document exceeds {limits.document_bytes} bytes"
        faults.append(Fault("", message, "document_too_large"))
    return faults
