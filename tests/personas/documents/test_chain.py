"""The hash chain: whatever is done to a history is found and named."""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.documents.application import apply_raw
from personas.documents.canonical import json_equal, sha256_hex
from personas.documents.chain import (
    GENESIS_HASH,
    Anchor,
    ChainReport,
    ChainRow,
    entry_hash,
    payload_of,
    replay,
    verify_chain,
)
from personas.documents.inverse import difference, invert
from tests.personas.documents.records import RECORD, record

VERSIONS = [
    RECORD,
    record(name="Bea"),
    record(name="Bea", traits={"tone": "calm", "tags": []}),
    record(name="Cleo"),
    record(name="Cleo", calibration={"confidence": 0.7}),
]


def history(documents: list[Any] = VERSIONS) -> list[ChainRow]:
    rows: list[ChainRow] = []
    before: Any = {}
    previous = GENESIS_HASH
    for number, after in enumerate(documents, start=1):
        row = ChainRow(
            persona_id="persona.alpha",
            version=number,
            kind="create" if number == 1 else "proposal",
            diff=difference(before, after),
            inverse=invert(before, after),
            proposal_id=None if number == 1 else f"0000-{number}",
            applied_by="7d0c",
            applied_at=f"2026-11-0{number}T12:00:00.000Z",
            document_digest=sha256_hex(after),
            prev_hash=previous,
            entry_hash="",
        )
        row = replace(row, entry_hash=entry_hash(previous, payload_of(row)))
        rows.append(row)
        before, previous = after, row.entry_hash
    return rows


def verdict(
    rows: list[ChainRow], document: Any = VERSIONS[-1], anchor: Anchor | None = None
) -> Any:
    report = verify_chain(rows, document, anchor)
    return report.ok, report.first_bad_version, report.reason


def test_it_finds_a_sound_history_sound() -> None:
    rows = history()
    assert verify_chain(rows, VERSIONS[-1]) == ChainReport(True, 5)
    anchored = verify_chain(rows, VERSIONS[-1], Anchor(5, rows[4].entry_hash))
    assert anchored == ChainReport(True, 5, anchored=True)
    assert verify_chain(rows, VERSIONS[-1], Anchor(3, rows[2].entry_hash)).ok
    assert verify_chain([], {}).ok
    assert json_equal(replay(rows[:3]), VERSIONS[2])


CHANGES: dict[str, Any] = {
    "persona_id": "persona.beta",
    "kind": "restore",
    "diff": [{"op": "replace", "path": "/name", "value": "Mallory"}],
    "inverse": [],
    "proposal_id": "0000-9",
    "applied_by": "8d0c",
    "applied_at": "2026-11-02T12:00:00.001Z",
    "document_digest": "f" * 64,
    "prev_hash": "f" * 64,
    "entry_hash": "f" * 64,
}


@pytest.mark.parametrize("at", [0, 2, 4])
@pytest.mark.parametrize("column", list(CHANGES))
def test_it_finds_an_edited_column(column: str, at: int) -> None:
    rows = history()
    rows[at] = replace(rows[at], **{column: CHANGES[column]})
    assert verdict(rows) == (False, at + 1, "edited")


def test_it_covers_every_column() -> None:
    names = {field.name for field in dataclasses.fields(ChainRow)}
    assert names == {*CHANGES, "version"}


def test_it_finds_an_edit_whose_hash_was_made_to_fit() -> None:
    rows = history()
    forged = replace(rows[4], diff=[{"op": "replace", "path": "/name", "value": "Mallory"}])
    rows[4] = replace(forged, entry_hash=entry_hash(forged.prev_hash, payload_of(forged)))
    assert verdict(rows) == (False, 5, "edited")
    result = apply_raw(VERSIONS[3], forged.diff)
    forged = replace(forged, document_digest=sha256_hex(result))
    rows[4] = replace(forged, entry_hash=entry_hash(forged.prev_hash, payload_of(forged)))
    assert verdict(rows) == (False, 5, "document_edited")
    anchor = Anchor(5, history()[4].entry_hash)
    assert verdict(rows, result, anchor) == (False, 5, "edited")


@pytest.mark.parametrize("at", [0, 1, 3])
def test_it_finds_a_deleted_row(at: int) -> None:
    rows = history()
    del rows[at]
    assert verdict(rows) == (False, at + 1, "deleted")


def test_it_finds_swapped_rows() -> None:
    rows = history()
    rows[1], rows[2] = rows[2], rows[1]
    assert verdict(rows) == (False, 2, "swapped")
    renamed = [replace(row, version=number) for number, row in enumerate(rows, start=1)]
    assert verdict(renamed) == (False, 2, "swapped")


def test_it_finds_a_renumbered_row() -> None:
    rows = history()
    rows[4] = replace(rows[4], version=9)
    assert verdict(rows) == (False, 5, "renumbered")
    rows = history()
    moved = replace(rows.pop(2), version=9)
    assert verdict([*rows, moved]) == (False, 3, "renumbered")


def test_it_finds_a_deletion_that_was_closed_by_renumbering() -> None:
    rows = history()
    del rows[2]
    rows = [replace(row, version=number) for number, row in enumerate(rows, start=1)]
    ok, version, reason = verdict(rows)
    assert (ok, version) == (False, 3)
    assert reason == "renumbered"


def test_it_finds_a_cut_tail_by_the_anchor() -> None:
    rows = history()
    anchor = Anchor(5, rows[4].entry_hash)
    assert verdict(rows[:3], VERSIONS[2]) == (True, None, "")
    assert verdict(rows[:3], VERSIONS[2], anchor) == (False, 4, "truncated")
    assert verdict([], {}, anchor) == (False, 1, "truncated")
    assert verdict(rows[:3]) == (False, 3, "document_edited")


def test_it_finds_an_edited_document() -> None:
    assert verdict(history(), record(name="Mallory")) == (False, 5, "document_edited")


@given(st.data())
def test_it_finds_any_flipped_bit(data: st.DataObject) -> None:
    rows = history()
    at = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.sampled_from([*CHANGES, "version"]))
    value = copy.deepcopy(getattr(rows[at], column))
    if isinstance(value, str):
        place = data.draw(st.integers(0, len(value) - 1))
        flipped = chr(ord(value[place]) ^ (1 << data.draw(st.integers(0, 5))))
        value = value[:place] + flipped + value[place + 1 :]
    elif isinstance(value, int):
        value ^= 1 << data.draw(st.integers(0, 8))
    elif isinstance(value, list):
        value[data.draw(st.integers(0, len(value) - 1))]["path"] += "x"
    else:
        value = ""
    rows[at] = replace(rows[at], **{column: value})
    report = verify_chain(rows, VERSIONS[-1])
    assert not report.ok
    assert report.first_bad_version == at + 1
