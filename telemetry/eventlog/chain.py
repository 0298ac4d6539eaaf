"""The hash chain over rows (contract §9): each row's hash covers the row and the hash before it.

`event_hash = sha256(prev_hash + ":" + canonical)`, where canonical is the row without its two hash
fields: compact JSON, keys sorted, ASCII-escaped (not RFC 8785). The first row follows 64 zeros.
"""

import json
import re
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

import msgspec

GENESIS: Final = "0" * 64
_is_hash = re.compile(r"[0-9a-f]{64}").fullmatch
_encode = json.JSONEncoder(
    ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode
# What other writers let through (NaN) must come out again as it went in, or their hashes fail here.
_encode_anything = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class Fault(StrEnum):
    """Why a row breaks the chain; the first five are the reference's."""

    INVALID_JSON_LINE = "invalid_json_line"
    INVALID_EVENT_SHAPE = "invalid_event_shape"
    MISSING_HASH_FIELDS = "missing_hash_fields"
    PREV_HASH_MISMATCH = "prev_hash_mismatch"
    EVENT_HASH_MISMATCH = "event_hash_mismatch"
    TAIL_CUT = "tail_cut"


def canonical(value: Any) -> str:
    """Compact, sorted, ASCII-escaped JSON. Raises ValueError for NaN and infinities."""
    return _encode(value)


def link(previous: str, body: bytes) -> str:
    """The hash of a row whose canonical form without hash fields is `body`."""
    return sha256(previous.encode() + b":" + body).hexdigest()


class Hashes(msgspec.Struct, gc=False):
    """The two hash fields of a row, as they stand there."""

    event_hash: str = ""
    prev_hash: str = ""


_decode = msgspec.json.Decoder(Hashes).decode


def hashes_of(line: bytes) -> Hashes | Fault:
    """The hash fields of a line, or why it has none."""
    try:
        found = _decode(line)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return _hashes_leniently(line)
    if len(found.event_hash) == 64 and len(found.prev_hash) == 64:
        return found
    return Fault.MISSING_HASH_FIELDS


def _hashes_leniently(line: bytes) -> Hashes | Fault:
    """The same with the standard library, which takes NaN and lone surrogates too."""
    row = parsed(line)
    if isinstance(row, Fault):
        return row
    own, before = row.get("event_hash"), row.get("prev_hash")
    if isinstance(own, str) and isinstance(before, str) and _is_hash(own) and _is_hash(before):
        return Hashes(own, before)
    return Fault.MISSING_HASH_FIELDS


def parsed(line: bytes) -> dict[str, Any] | Fault:
    """The row as a dict, or why it is none. Never raises."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return Fault.INVALID_JSON_LINE
    return row if isinstance(row, dict) else Fault.INVALID_EVENT_SHAPE


def check(line: bytes, previous: str) -> Hashes | Fault:
    """The hashes of a line that follows `previous` rightly, or what is wrong with it."""
    found = hashes_of(line)
    if isinstance(found, Fault):
        return found
    if found.prev_hash != previous:
        return Fault.PREV_HASH_MISMATCH
    return found if holds(line, found) else Fault.EVENT_HASH_MISMATCH


def holds(line: bytes, found: Hashes) -> bool:
    """Whether the row's own hash is right.

    A line in canonical form needs no parsing: cutting its two hash fields out gives what was hashed.
    """
    own = b'"event_hash":"%b",' % found.event_hash.encode()
    before = b'"prev_hash":"%b",' % found.prev_hash.encode()
    if line.count(own) == 1 and line.count(before) == 1:
        body = line.replace(own, b"").replace(before, b"")
        if link(found.prev_hash, body) == found.event_hash:
            return True
    row = parsed(line)
    if isinstance(row, Fault):
        return False
    row.pop("event_hash", None)
    row.pop("prev_hash", None)
    try:
        body = _encode_anything(row).encode()
    except (ValueError, RecursionError):
        return False
    return link(found.prev_hash, body) == found.event_hash
