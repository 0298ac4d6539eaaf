"""Appending: permissions, torn and corrupt tails, a full disk, rotation, a cut tail."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from telemetry.eventlog.counting import event_count
from telemetry.eventlog.errors import LogUnwritable, UnsafePath
from telemetry.eventlog.paths import Folder, Home
from telemetry.eventlog.rows import Event
from telemetry.eventlog.segments import all_names
from telemetry.eventlog.store import Store
from telemetry.eventlog.verify import verify
from tests.services.server import ROOT
from tests.telemetry.eventlog.logs import chained, read_rows, row, write_log

EVENT = Event("quest.completed", {"quest_id": "q.one"})


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def count(home: Home) -> int:
    with Folder.open(home.folder) as folder:
        return event_count(folder)


def test_it_makes_files_for_the_owner_alone(store: Store, home: Home) -> None:
    store.append(EVENT)

    assert mode(home.folder) == 0o700
    assert {mode(path) for path in home.folder.iterdir()} == {0o600}


def test_it_closes_files_that_others_could_read(store: Store, home: Home) -> None:
    write_log(home, chained([row()]))
    home.log.chmod(0o644)
    home.folder.chmod(0o755)

    store.append(EVENT)

    assert (mode(home.folder), mode(home.log)) == (0o700, 0o600)
    assert verify(home).checked_events == 2


@pytest.mark.parametrize("what", ["log", "folder", "root", "lock", "anchor"])
def test_it_refuses_symlinks(what: str, store: Store, home: Home, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    places = {
        "log": home.log,
        "folder": home.folder,
        "root": home.root,
        "lock": home.folder / "events.lock",
        "anchor": home.folder / "events.anchor",
    }
    place = places[what]
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if what in {"folder", "root"}:
        elsewhere.mkdir()
    else:
        elsewhere.write_text("theirs")
    place.symlink_to(elsewhere)

    with pytest.raises(UnsafePath):
        store.append(EVENT)

    assert elsewhere.is_dir() or elsewhere.read_text() == "theirs"
    assert not elsewhere.is_dir() or not list(elsewhere.iterdir())


def test_it_refuses_what_is_no_file(store: Store, home: Home) -> None:
    home.folder.mkdir(parents=True, mode=0o700)
    os.mkfifo(home.log)

    with pytest.raises(UnsafePath):
        store.append(EVENT)


def test_it_refuses_a_home_that_anybody_may_write(store: Store, home: Home) -> None:
    home.root.mkdir()
    home.root.chmod(0o777)

    with pytest.raises(UnsafePath):
        store.append(EVENT)

    assert not home.log.exists()


def test_it_drops_a_torn_row_and_reports_it(store: Store, home: Home) -> None:
    lines = chained([row(), row()])
    write_log(home, lines[:1])
    with home.log.open("a") as stream:
        stream.write(lines[1][:100])

    store.append(EVENT)

    kept, flagged, new = read_rows(home)
    assert json.dumps(kept, sort_keys=True, separators=(",", ":")) == lines[0]
    assert flagged["event_type"] == "risk.flagged"
    assert flagged["data"]["reason"] == "torn_tail_repaired"
    assert flagged["data"]["bytes_dropped"] == 100
    assert new["data"] == {"quest_id": "q.one"}
    fragment = next(home.folder.glob("torn-*.fragment"))
    assert fragment.read_text() == lines[1][:100]
    assert verify(home).ok


def test_it_keeps_a_whole_row_that_lacks_its_line_end(store: Store, home: Home) -> None:
    write_log(home, chained([row(), row()]))
    home.log.write_bytes(home.log.read_bytes()[:-1])

    store.append(EVENT)

    assert [each["event_type"] for each in read_rows(home)][2:] == [
        "risk.flagged",
        EVENT.event_type,
    ]
    assert verify(home).ok
    assert verify(home).checked_events == 4


def test_it_goes_on_after_a_corrupt_tail(store: Store, home: Home) -> None:
    lines = chained([row(), row()])
    write_log(home, [*lines, b"\xff\x00 not json", b""])

    store.append(EVENT)

    rows = [json.loads(line) for line in home.log.read_bytes().splitlines()[4:]]
    assert [each["event_type"] for each in rows] == ["risk.flagged", EVENT.event_type]
    assert rows[0]["data"] == {"reason": "corrupt_tail", "rows": 1}
    assert rows[0]["prev_hash"] == json.loads(lines[1])["event_hash"]
    verdict = verify(home)
    assert (verdict.ok, verdict.broken_index, verdict.reason) == (False, 2, "invalid_json_line")
    store.append(EVENT)
    assert count(home) == 6


def test_it_leaves_the_log_as_it_was_when_the_disk_is_full(home: Home) -> None:
    script = (
        "import resource, signal, sys\n"
        "from telemetry.eventlog.store import Store\n"
        "from telemetry.eventlog.rows import Event\n"
        "from telemetry.eventlog.errors import LogUnwritable\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "store = Store()\n"
        "store.append(Event('quest.completed'))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4000, resource.RLIM_INFINITY))\n"
        "try:\n"
        "    store.append_many([Event('quest.failed') for _ in range(50)])\n"
        "except LogUnwritable as problem:\n"
        "    print(problem)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)\n"
        "store.append(Event('plan.generated'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, env=os.environ
    )

    assert done.stdout.startswith("nothing was recorded")
    assert done.stderr == ""
    assert [each["event_type"] for each in read_rows(home)] == ["quest.completed", "plan.generated"]
    assert verify(home).ok


def test_it_rotates_and_the_chain_goes_on(home: Home) -> None:
    store = Store(home, rotate_bytes=3000)
    for number in range(20):
        store.append(Event("quest.completed", {"quest_id": f"q.{number}"}))

    with Folder.open(home.folder) as folder:
        names = all_names(folder)
    assert names[:2] == ["events.000001.jsonl", "events.000002.jsonl"]
    assert names[-1] == "events.jsonl"
    assert all((home.folder / name).stat().st_size <= 3000 for name in names)
    assert (verify(home).ok, verify(home).checked_events) == (True, 20)
    assert count(home) == 20

    (home.folder / names[1]).unlink()
    verdict = verify(home)
    assert (verdict.reason, verdict.file) == ("prev_hash_mismatch", names[2])
    store.close()


def test_it_goes_on_where_a_rotation_was_interrupted(store: Store, home: Home) -> None:
    store.append_many([EVENT] * 3)
    home.log.rename(home.folder / "events.000001.jsonl")

    store.append(EVENT)

    assert (verify(home).ok, verify(home).checked_events, count(home)) == (True, 4, 4)
    assert len(read_rows(home)) == 1


def test_it_notices_a_cut_tail_before_and_after_the_next_event(store: Store, home: Home) -> None:
    store.append_many([EVENT] * 5)
    lines = home.log.read_bytes().splitlines()
    home.log.write_bytes(b"".join(line + b"\n" for line in lines[:3]))

    verdict = verify(home)
    assert (verdict.ok, verdict.reason, verdict.checked_events) == (False, "tail_cut", 3)

    store.append(EVENT)

    flagged = read_rows(home)[3]
    assert flagged["data"]["reason"] == "tail_cut"
    assert flagged["data"]["missing_hash"] == json.loads(lines[4])["event_hash"]
    verdict = verify(home)
    assert (verdict.ok, verdict.reason, verdict.broken_line) == (False, "tail_cut", 4)


def test_it_notices_a_log_that_was_removed(store: Store, home: Home) -> None:
    store.append(EVENT)
    home.log.unlink()

    assert verify(home).reason == "tail_cut"
    Store(home).append(EVENT)

    assert read_rows(home)[0]["data"]["reason"] == "tail_cut"


def test_it_accuses_nobody_of_a_log_that_was_copied(store: Store, home: Home) -> None:
    store.append_many([EVENT] * 3)
    copy = home.folder / "copy"
    copy.write_bytes(home.log.read_bytes())
    copy.rename(home.log)

    Store(home).append(EVENT)

    assert (verify(home).ok, verify(home).checked_events) == (True, 4)
    assert count(home) == 4


@pytest.mark.parametrize("body", [b"", b"{}", b"2 1 1 1 x 1 1 1", b"1 1 -5 1 x 1 1 1", b"1 \xff"])
def test_it_replaces_an_anchor_that_makes_no_sense(body: bytes, store: Store, home: Home) -> None:
    store.append(EVENT)
    body = body.replace(b"x", b"0" * 64)
    check = sha256(body).hexdigest()[:16].encode()
    (home.folder / "events.anchor").write_bytes(check + b" " + body + b"\n")

    assert (count(home), verify(home).anchor) == (1, "damaged")
    Store(home).append(EVENT)

    assert (count(home), verify(home).ok, verify(home).anchor) == (2, True, "ok")


def test_it_says_so_where_it_may_not_write(store: Store, home: Home) -> None:
    home.root.parent.joinpath("wellness").write_text("a file")

    with pytest.raises((UnsafePath, LogUnwritable)):
        store.append(EVENT)
