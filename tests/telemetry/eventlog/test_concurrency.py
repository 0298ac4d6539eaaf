"""Many writers, threads and processes, and readers that hold nobody up."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

from telemetry.eventlog.export import summarise
from telemetry.eventlog.paths import Home
from telemetry.eventlog.rows import Event
from telemetry.eventlog.store import Store
from telemetry.eventlog.verify import verify
from tests.services.server import ROOT
from tests.telemetry.eventlog.logs import NOW, read_rows

WRITER = """
import sys
from telemetry.eventlog.rows import Event
from telemetry.eventlog.store import Store
store = Store()
for number in range(100):
    store.append(Event("quest.completed", {"by": sys.argv[1], "n": number}))
"""


def test_it_commits_threads_together_in_one_chain(store: Store, home: Home) -> None:
    hashes: dict[str, list[str]] = {}

    def write(name: str) -> None:
        events = (Event("quest.completed", {"by": name, "n": number}) for number in range(50))
        hashes[name] = [store.append(event).event_hash for event in events]

    threads = [threading.Thread(target=write, args=(f"w{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    rows = read_rows(home)
    for name, returned in hashes.items():
        own = [each for each in rows if each["data"]["by"] == name]
        assert [each["data"]["n"] for each in own] == list(range(50))
        assert [each["event_hash"] for each in own] == returned
    assert (verify(home).ok, verify(home).checked_events) == (True, 400)


def test_it_keeps_one_chain_across_processes(home: Home) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(name)], cwd=ROOT, env=os.environ)
        for name in range(4)
    ]
    assert [process.wait() for process in running] == [0] * 4

    rows = read_rows(home)
    assert {(each["data"]["by"], each["data"]["n"]) for each in rows} == {
        (str(name), number) for name in range(4) for number in range(100)
    }
    assert (verify(home).ok, verify(home).checked_events, verify(home).anchored) == (
        True,
        400,
        True,
    )


def test_it_raises_in_every_thread_whose_event_was_not_stored(home: Home, tmp_path: Path) -> None:
    home.root.write_text("in the way")
    store = Store(home)
    problems: list[str] = []

    def write() -> None:
        try:
            store.append(Event("quest.failed"))
        except Exception as problem:  # noqa: BLE001  whatever reaches a caller is what is tested
            problems.append(type(problem).__name__)

    threads = [threading.Thread(target=write) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(problems) == 5
    assert set(problems) <= {"UnsafePath", "LogUnwritable"}


def test_it_exports_and_verifies_while_events_arrive(store: Store, home: Home) -> None:
    store.append_many([Event("quest.completed")] * 500)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            store.append_many([Event("quest.completed")] * 20)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(10):
            found, unreadable = summarise(home, range_text="1h", now=NOW)
            assert found["events_considered"] >= 500
            assert unreadable <= 1  # the row being written
            assert verify(home).ok
    finally:
        stop.set()
        writer.join()
    assert json.loads(home.log.read_bytes().splitlines()[-1])
