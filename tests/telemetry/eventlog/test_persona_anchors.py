"""Anchors of persona history: the newest one counts."""

from hashlib import sha256

from telemetry.eventlog.paths import Home
from telemetry.eventlog.persona_anchors import anchor_event, newest_anchor
from telemetry.eventlog.rows import Event
from telemetry.eventlog.store import Store
from tests.telemetry.eventlog.logs import chained, row, write_log


def digest(number: int) -> str:
    return sha256(str(number).encode()).hexdigest()


def test_it_finds_the_newest_anchor_of_a_persona(home: Home) -> None:
    store = Store(home, rotate_bytes=4000)
    for number in range(1, 9):
        store.append(anchor_event("persona.tomas", number, digest(number), actor="actor:00ff"))
        store.append(anchor_event("persona.ines", 1, digest(number)))
        store.append(Event("profile.updated", {"persona_ref": "persona.tomas"}))

    assert newest_anchor(home, "persona.tomas") == (8, digest(8))
    assert newest_anchor(home, "persona.ines") == (1, digest(8))
    assert newest_anchor(home, "persona.nobody") is None
    store.close()


def test_it_passes_over_anchors_that_make_no_sense(home: Home) -> None:
    good = {"persona_ref": "p", "version": 3, "entry_hash": digest(3)}
    bad = [{**good, "version": "4"}, {**good, "entry_hash": None}, {**good, "version": True}]
    rows = [row("profile.updated", data=data) for data in [good, *bad]]
    write_log(home, [*chained(rows), '{"entry_hash":', b"\xff entry_hash"])

    assert newest_anchor(home, "p") == (3, digest(3))


def test_it_finds_nothing_without_a_log(home: Home) -> None:
    assert newest_anchor(home, "p") is None
    assert not home.root.exists()
