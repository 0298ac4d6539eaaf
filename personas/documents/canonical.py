"""The canonical form of a document: RFC 8785 bytes and what is computed from them (contract §3)."""

from __future__ import annotations

import hashlib
from typing import Any, TypeAlias

import rfc8785

Json: TypeAlias = Any
Op: TypeAlias = dict[str, Any]

JSON_FIELDS = ("traits", "preferences", "worldview", "vibe_profile", "calibration")
NULLABLE_FIELDS = ("name", "archetype")
FIELDS = ("id", "owner_kind", "owner_ref", *NULLABLE_FIELDS, *JSON_FIELDS)
IMMUTABLE = frozenset({"id", "owner_kind", "owner_ref", "version", "updated", "updated_at"})


def canonical_bytes(value: Json) -> bytes:
    """RFC 8785 bytes of a JSON value.

    Raises ``rfc8785.CanonicalizationError`` for what has none (see ``leases.strict_json``).
    """
    return rfc8785.dumps(value)


def sha256_hex(value: Json) -> str:
    """SHA-256 over the canonical bytes, as 64 lower-case hex digits."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


def json_equal(one: Json, other: Json) -> bool:
    """Equality of JSON values (RFC 6902 §4.6): 1 equals 1.0, true does not equal 1.

    True exactly when the canonical bytes are the same, at a fraction of the cost.
    """
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(json_equal(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list):
        return (
            isinstance(other, list) and len(one) == len(other) and all(map(json_equal, one, other))
        )
    return not isinstance(other, dict | list) and bool(one == other)
