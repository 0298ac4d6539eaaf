"""The index of anchors answers like a search from the end, and reads each row once."""

from hashlib import sha256

import pytest

from telemetry.eventlog import anchor_index
from telemetry.eventlog.anchor_index import AnchorIndex
from telemetry.eventlog.paths import Home
from telemetry.eventlog.persona_anchors import anchor_event, newest_anchor
from telemetry.eventlog.store import Store
from tests.telemetry.eventlog.logs import write_log

NAMES = [f"persona.{number}" for number in range(5)]


def digest(number: int) -> str:
    return sha256(str(number).encode()).hexdigest()


def agrees(index: AnchorIndex, home: Home) -> bool:
    return all(index.newest(home, name) == newest_anchor(home, name) for name in [*NAMES, "none"])


def test_it_follows_a_log_that_grows_and_rotates(home: Home) -> None:
    store, index = Store(home, rotate_bytes=4000), AnchorIndex()
    assert agrees(index, home)
    for number in range(60):
        store.append(anchor_event(NAMES[number % 4], number, digest(number)))
        assert agrees(index, home)
    store.close()
    assert index.newest(home, NAMES[3]) == (59, digest(59))
    assert index.newest(home, NAMES[4]) is None


def test_it_reads_only_what_is_new(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    store, index = Store(home), AnchorIndex()
    store.append_many([anchor_event(NAMES[0], number, digest(number)) for number in range(50)])
    index.newest(home, NAMES[0])
    read: list[bytes] = []
    original = anchor_index.line_groups
    monkeypatch.setattr(
        anchor_index,
        "line_groups",
        lambda *where: [read.extend(lines) or lines for lines in original(*where)],
    )
    store.append(anchor_event(NAMES[1], 7, digest(7)))
    assert index.newest(home, NAMES[1]) == (7, digest(7))
    store.close()
    assert len([line for line in read if line]) == 1


def test_it_begins_anew_where_the_log_is_another(home: Home) -> None:
    store, index = Store(home), AnchorIndex()
    store.append(anchor_event(NAMES[0], 1, digest(1)))
    assert agrees(index, home)
    with home.log.open("rb+") as log:  # rewritten in place
        log.truncate(0)
    assert agrees(index, home)
    store.close()


def test_it_waits_for_the_end_of_a_row(home: Home) -> None:
    store, index = Store(home), AnchorIndex()
    store.append(anchor_event(NAMES[0], 1, digest(1)))
    store.append(anchor_event(NAMES[0], 2, digest(2)))
    store.close()
    lines = home.log.read_bytes().splitlines()
    write_log(home, lines[:1])
    with home.log.open("ab") as log:
        log.write(lines[1][:40])
    assert index.newest(home, NAMES[0]) == (1, digest(1))
    with home.log.open("ab") as log:
        log.write(lines[1][40:] + b"\n")
    assert index.newest(home, NAMES[0]) == (2, digest(2))
