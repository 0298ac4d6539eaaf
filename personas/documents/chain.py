"""The hash chain of a persona's history, and the proof that it is whole (contract §5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from personas.documents.application import apply_raw
from personas.documents.canonical import Json, Op, json_equal, sha256_hex
from personas.errors import InvalidDiff

GENESIS_HASH = "0" * 64

Reason = Literal["", "edited", "deleted", "swapped", "renumbered", "truncated", "document_edited"]


@dataclass(frozen=True, slots=True)
class ChainRow:
    """A row of history as it is hashed; ``applied_at`` is RFC 3339 with milliseconds."""

    persona_id: str
    version: int
    kind: str
    diff: list[Op]
    inverse: list[Op]
    proposal_id: str | None
    applied_by: str
    applied_at: str
    document_digest: str
    prev_hash: str
    entry_hash: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """The newest hash known from outside the table."""

    version: int
    entry_hash: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """``checked`` rows are sound; ``first_bad_version`` is where history stops being so.

    ``anchored`` is false when no anchor was given: a cut tail cannot be told from a short history.
    """

    ok: bool
    checked: int
    first_bad_version: int | None = None
    reason: Reason = ""
    detail: str = ""
    anchored: bool = False


def payload_of(row: ChainRow) -> dict[str, Any]:
    """What an entry's hash covers: every column but the hashes themselves, and whose row it is."""
    return {
        "persona_id": row.persona_id,
        "version": row.version,
        "kind": row.kind,
        "diff": row.diff,
        "inverse": row.inverse,
        "proposal_id": row.proposal_id,
        "applied_by": row.applied_by,
        "applied_at": row.applied_at,
        "document_digest": row.document_digest,
    }


def entry_hash(prev_hash: str, payload: Mapping[str, Any]) -> str:
    """SHA-256 over RFC 8785 JSON of ``{prev_hash, entry}``, 64 hex digits."""
    return sha256_hex({"prev_hash": prev_hash, "entry": dict(payload)})


def replay(rows: Sequence[ChainRow]) -> Json:
    """The document that the diffs of ``rows`` give, from ``{}``; raises ``InvalidDiff``."""
    document: Json = {}
    for row in rows:
        document = apply_raw(document, row.diff, in_place=True)
    return document


def verify_chain(
    rows: Sequence[ChainRow], stored_document: Json, anchor: Anchor | None = None
) -> ChainReport:
    """Whether ``rows`` (by version, as stored) are the whole untouched history of the document.

    Replays every diff from ``{}`` and compares each digest, so that a row with rewritten hashes is
    found as well unless everything after it was rewritten too; that the anchor finds.
    """
    previous = GENESIS_HASH
    document: Json = {}
    for index, row in enumerate(rows):
        if not _fits(row, index + 1, previous):
            reason = _diagnose(rows, index, previous)
            return _report(index, index + 1, reason, _DETAIL[reason])
        try:
            document = apply_raw(document, row.diff, in_place=True)
        except (InvalidDiff, LookupError, TypeError, AttributeError):
            return _report(index, row.version, "edited", "the diff cannot be replayed")
        if sha256_hex(document) != row.document_digest:
            return _report(index, row.version, "edited", "the digest is not that of the replay")
        previous = row.entry_hash
    return _check_end(rows, document, stored_document, anchor)


def _fits(row: ChainRow, version: int, previous: str) -> bool:
    return row.version == version and row.prev_hash == previous and _hashes_to(row, version)


def _report(
    checked: int, version: int | None, reason: Reason, detail: str, anchored: bool = False
) -> ChainReport:
    return ChainReport(False, checked, version, reason, detail, anchored)


def _diagnose(rows: Sequence[ChainRow], index: int, previous: str) -> Reason:
    """Name what happened at the first row that does not fit, from what the others say."""
    row, expected, rest = rows[index], index + 1, rows[index + 1 :]
    if _hashes_to(row, row.version):
        # The row is as it was written, so it stands in the wrong place.
        if row.prev_hash == previous:
            return "renumbered"
        successor = next((other for other in rest if other.prev_hash == previous), None)
        if successor is not None:
            return "swapped" if _hashes_to(successor, successor.version) else "renumbered"
        return "deleted" if row.version > expected else "edited"
    if any(_hashes_to(other, expected) for other in rest):
        return "swapped"
    if any(_hashes_to(row, version) for version in range(1, len(rows) + 2)):
        return "renumbered"
    return "edited"


def _hashes_to(row: ChainRow, version: int) -> bool:
    """Whether the row is what was hashed, had it carried ``version``."""
    try:
        made = entry_hash(row.prev_hash, {**payload_of(row), "version": version})
    except ValueError:
        # No canonical form: nothing that this server ever wrote.
        return False
    return made == row.entry_hash


_DETAIL: dict[str, str] = {
    "edited": "the row is not what was hashed",
    "deleted": "a row is missing before the next one",
    "swapped": "rows stand in another order than they were written",
    "renumbered": "the version is not the one that was hashed",
}


def _check_end(
    rows: Sequence[ChainRow], replayed: Json, stored_document: Json, anchor: Anchor | None
) -> ChainReport:
    count = len(rows)
    if anchor is not None and anchor.version > count:
        detail = f"the anchor knows version {anchor.version}, the table ends at {count}"
        return _report(count, count + 1, "truncated", detail, anchored=True)
    if anchor is not None and anchor.version > 0:
        row = rows[anchor.version - 1]
        if row.entry_hash != anchor.entry_hash:
            detail = "the anchor holds another hash for this version"
            return _report(anchor.version - 1, row.version, "edited", detail, anchored=True)
    anchored = anchor is not None
    if not json_equal(replayed, stored_document):
        detail = "the stored document is not the one that history gives"
        return _report(count, count or None, "document_edited", detail, anchored=anchored)
    return ChainReport(True, count, anchored=anchored)
