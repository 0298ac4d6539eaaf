"""Purging: what goes, what stays, what is archived, and that nothing is hashed anew."""

import hashlib
import json
import threading
from datetime import timedelta
from pathlib import Path

from telemetry.eventlog.counting import event_count
from telemetry.eventlog.paths import Folder, Home
from telemetry.eventlog.purge import purge_all, purge_older
from telemetry.eventlog.rows import Event
from telemetry.eventlog.store import Store
from telemetry.eventlog.verify import verify
from tests.telemetry.eventlog.logs import NOW, chained, compact, read_rows, row, write_log

OLD = "2026-01-01T00:00:00Z"
WEEK = NOW - timedelta(days=7)


def count(home: Home) -> int:
    with Folder.open(home.folder) as folder:
        return event_count(folder)


def test_it_removes_everything_and_says_so_in_the_chain(store: Store, home: Home) -> None:
    store.append_many([Event("quest.completed")] * 4)
    last = read_rows(home)[-1]

    done = purge_all(home, now=NOW, actor="human:dana")

    assert (done.removed_events, done.archive, done.chain_intact) == (4, None, True)
    (left,) = read_rows(home)
    assert left["event_type"] == "telemetry.purged"
    assert left["actor"] == {"kind": "human", "id": "human:dana"}
    assert left["data"]["removed_events"] == 4
    assert left["prev_hash"] == last["event_hash"]
    store.append(Event("quest.failed"))
    assert (verify(home).ok, verify(home).checked_events, count(home)) == (True, 2, 2)


def test_it_purges_nothing_where_there_is_nothing(home: Home) -> None:
    assert purge_all(home, now=NOW).removed_events == 0
    assert purge_older(home, before=WEEK, now=NOW).removed_events == 0
    assert not home.root.exists()


def test_it_archives_what_is_older_and_keeps_the_rest_as_it_is(home: Home) -> None:
    lines = chained([row(ts=OLD), row(ts=OLD), row(), row()])
    write_log(home, lines)

    done = purge_older(home, before=WEEK, now=NOW)

    assert done.removed_events == 2
    archive = Path(str(done.archive))
    assert archive.read_text() == "".join(line + "\n" for line in lines[:2])
    assert hashlib.sha256(archive.read_bytes()).hexdigest() == done.archive_sha256
    beside = archive.with_name(archive.name + ".sha256")
    assert beside.read_text() == f"{done.archive_sha256}  {archive.name}\n"
    assert archive.stat().st_mode & 0o777 == 0o600
    *kept, purged = home.log.read_text().splitlines()
    assert kept == lines[2:]
    assert json.loads(purged)["data"]["archive_sha256"] == done.archive_sha256
    assert (verify(home).ok, verify(home).checked_events, count(home)) == (True, 3, 3)


def test_it_never_overwrites_an_archive(home: Home) -> None:
    for _ in range(3):
        write_log(home, chained([row(ts=OLD), row()]))
        (home.folder / "events.anchor").unlink(missing_ok=True)
        purge_older(home, before=WEEK, now=NOW)

    assert len(list((home.folder / "archive").glob("*.jsonl"))) == 3


def test_it_does_not_make_a_tampered_row_good(home: Home) -> None:
    lines = chained([row(ts=OLD), row(), row(), row()])
    lines[2] = compact({**json.loads(lines[2]), "source": "mcp"})
    write_log(home, lines)

    done = purge_older(home, before=WEEK, now=NOW)

    assert done.chain_intact is False
    verdict = verify(home)
    assert (verdict.ok, verdict.reason, verdict.broken_index) == (False, "event_hash_mismatch", 1)
    assert home.log.read_text().splitlines()[:3] == lines[1:]


def test_it_does_not_make_a_cut_beginning_good(store: Store, home: Home) -> None:
    write_log(home, chained([row(), row(), row()])[1:])

    assert purge_older(home, before=WEEK, now=NOW).removed_events == 0
    store.append(Event("quest.failed"))

    verdict = verify(home)
    assert (verdict.ok, verdict.reason, verdict.broken_index) == (False, "prev_hash_mismatch", 0)


def test_it_purges_across_segments(home: Home) -> None:
    clock = [NOW - timedelta(days=30)]
    store = Store(home, rotate_bytes=2500, clock=lambda: clock[0])
    for number in range(20):
        clock[0] = NOW - timedelta(days=30 - number)
        store.append(Event("quest.completed", {"quest_id": f"q.{number}"}))

    done = purge_older(home, before=NOW - timedelta(days=15), now=NOW)

    assert done.removed_events == 15
    assert (verify(home).ok, verify(home).checked_events, count(home)) == (True, 6, 6)
    clock[0] = NOW
    store.append(Event("quest.failed"))
    assert purge_older(home, before=NOW + timedelta(days=1), now=NOW).removed_events == 7
    assert (verify(home).ok, verify(home).checked_events, count(home)) == (True, 1, 1)
    store.close()


def test_it_loses_no_event_that_is_written_meanwhile(home: Home) -> None:
    store = Store(home)
    old = [Event("plan.generated", at=WEEK - timedelta(days=1))] * 2000
    store.append_many([*old, Event("quest.completed", {"n": -1})])
    stop = threading.Event()
    stored: list[int] = []

    def write() -> None:
        while not stop.is_set():
            number = len(stored)
            store.append(Event("quest.completed", {"n": number}))
            stored.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    done = purge_older(home, before=WEEK, now=NOW)
    assert purge_older(home, before=WEEK, now=NOW).removed_events == 0
    stop.set()
    writer.join()

    assert done.removed_events == 2000
    numbers = [each["data"]["n"] for each in read_rows(home) if "n" in each["data"]]
    assert numbers == [-1, *stored]
    assert verify(home).ok
    store.close()
