"""Counting events: blank lines do not count, and long logs are not read twice."""

import os

import pytest

from telemetry.eventlog.counting import count_rows, event_count
from telemetry.eventlog.paths import Folder, Home
from telemetry.eventlog.rows import Event
from telemetry.eventlog.store import Store
from tests.telemetry.eventlog.logs import chained, row, write_log


def count(home: Home) -> int:
    with Folder.open(home.folder) as folder:
        return event_count(folder)


@pytest.mark.parametrize(
    "text",
    [
        b"", b"\n", b"a", b"a\n", b"a\nb", b"\na\n", b"\n\n\na\n\n\nb\n", b"a\n   \nb\n", b"a\r\n\r\nb\r\n",
        b"  \n\t\nx", b"x\n \t", b"\n \n", b"a\n\n",
    ],
)  # fmt: skip
def test_it_counts_lines_that_are_not_blank(
    text: bytes, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_log(home, [])
    home.log.write_bytes(text)
    expected = sum(bool(line.strip()) for line in text.split(b"\n"))

    for piece in (1, 2, 3, 1 << 20):
        monkeypatch.setattr("telemetry.eventlog.counting._PIECE", piece)
        with home.log.open("rb") as stream:
            assert count_rows(stream.fileno(), 0, len(text)) == expected


def test_it_counts_what_the_anchor_does_not_know(store: Store, home: Home) -> None:
    store.append_many([Event("quest.failed")] * 3)
    with home.log.open("a") as stream:
        stream.write("{}\n\n{}")

    assert count(home) == 5


def test_it_does_not_believe_an_anchor_of_another_log(store: Store, home: Home) -> None:
    store.append_many([Event("quest.failed")] * 3)
    size = home.log.stat().st_size
    home.log.write_bytes(b"{}\n" * (size // 3) + b"\n" * (size % 3))

    assert count(home) == size // 3


def test_it_keeps_a_long_count_until_the_log_changes(home: Home) -> None:
    write_log(home, chained([row(data={"n": "n" * 4000})] * 1200))
    assert count(home) == 1200
    kept = home.folder / "events.count"
    assert kept.stat().st_mode & 0o777 == 0o600

    kept.write_text(kept.read_text().replace("1200", "7"))
    assert count(home) == 7  # it was not read again
    with home.log.open("ab") as stream:
        stream.write(b"{}\n")
    assert count(home) == 1201
    os.utime(home.log, ns=(1, 1))
    assert count(home) == 1201
