"""Verification: what breaks a chain is named, with its line."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from telemetry.eventlog.anchor import NAME
from telemetry.eventlog.paths import Home
from telemetry.eventlog.rows import Event
from telemetry.eventlog.store import Store
from telemetry.eventlog.verify import verify
from tests.telemetry.eventlog.logs import SAMPLES, ZEROS, chained, compact, row, write_log

Lines = list[str | bytes]


def changed(line: str | bytes, **fields: Any) -> str:
    return compact({**json.loads(line), **fields})


def without(line: str | bytes, field: str) -> str:
    return compact({key: value for key, value in json.loads(line).items() if key != field})


BREAKS: dict[str, tuple[Callable[[Lines], Lines], int, str, int]] = {
    "edited": (
        lambda x: [*x[:2], changed(x[2], source="mcp"), *x[3:]],
        2,
        "event_hash_mismatch",
        2,
    ),
    "deleted": (lambda x: [*x[:2], *x[3:]], 2, "prev_hash_mismatch", 2),
    "swapped": (lambda x: [x[0], x[2], x[1], *x[3:]], 1, "prev_hash_mismatch", 1),
    "head cut": (lambda x: x[1:], 0, "prev_hash_mismatch", 0),
    "garbage": (lambda x: [*x[:3], "{", *x[3:]], 3, "invalid_json_line", 3),
    "no text": (lambda x: [*x[:3], b"\xff\xfe", *x[3:]], 3, "invalid_json_line", 3),
    "deep": (lambda x: [*x[:3], "[" * 200_000, *x[3:]], 3, "invalid_json_line", 3),
    "no object": (lambda x: [*x[:3], "[1]", *x[3:]], 3, "invalid_event_shape", 3),
    "bare": (lambda x: [*x[:3], without(x[3], "event_hash")], 3, "missing_hash_fields", 3),
    "null": (lambda x: [*x[:3], changed(x[3], prev_hash=None)], 3, "missing_hash_fields", 3),
    "blank lines": (lambda x: [x[0], "", "  ", x[2], *x[3:]], 3, "prev_hash_mismatch", 1),
}


@pytest.mark.parametrize("name", BREAKS)
def test_it_names_the_first_broken_row(name: str, home: Home) -> None:
    spoil, index, reason, checked = BREAKS[name]
    lines: Lines = [*chained(row(trace_id=f"t:{number}") for number in range(6))]
    write_log(home, spoil(lines))

    verdict = verify(home)

    assert not verdict.ok
    assert (verdict.broken_index, verdict.broken_line) == (index, index + 1)
    assert (verdict.reason, verdict.checked_events) == (reason, checked)
    assert verdict.file == "events.jsonl"


@pytest.mark.parametrize(
    "data",
    [
        {"event_hash": ZEROS, "prev_hash": ZEROS},
        {"text": '"event_hash":"' + ZEROS + '",'},
        {"n": float("nan")},
        {"s": "\ud800"},
        {"big": 10**30, "f": 1e-7},
    ],
    ids=["nested hashes", "quoted hashes", "NaN", "surrogate", "numbers"],
)
def test_it_takes_whatever_was_hashed_rightly(data: dict[str, Any], home: Home) -> None:
    write_log(home, chained([row(), row(data=data), row()]))

    assert (verify(home).ok, verify(home).checked_events) == (True, 3)


def test_it_takes_rows_that_are_spaced_otherwise(home: Home) -> None:
    first, second = chained([row(), row()])
    write_log(home, [json.dumps(json.loads(first)), "", second])

    assert (verify(home).ok, verify(home).checked_events) == (True, 2)


def test_it_judges_an_empty_and_a_missing_log(home: Home) -> None:
    assert (verify(home).ok, verify(home).checked_events) == (True, 0)
    write_log(home, [])
    assert verify(home).ok
    assert not verify(home).anchored


def test_it_finds_rows_missing_behind_the_anchor_only_with_it(store: Store, home: Home) -> None:
    store.append_many([Event("quest.failed")] * 4)
    home.log.write_bytes(b"".join(home.log.read_bytes().splitlines(keepends=True)[:-1]))

    assert verify(home).reason == "tail_cut"
    (home.folder / NAME).write_bytes(b"damaged")
    assert (verify(home).ok, verify(home).anchor) == (True, "damaged")
    (home.folder / NAME).unlink()
    assert (verify(home).ok, verify(home).anchor) == (True, "none")


def test_it_verifies_the_log_of_another_writer(home: Home) -> None:
    file = SAMPLES / "events_clean.jsonl.gz"
    lines = gzip.decompress(file.read_bytes()).splitlines() if file.exists() else chained([row()])
    write_log(home, lines)

    verdict = verify(home)

    assert (verdict.ok, verdict.checked_events, verdict.anchored) == (True, len(lines), False)
    Store(home).append(Event("quest.completed"))
    assert (verify(home).ok, verify(home).checked_events) == (True, len(lines) + 1)
