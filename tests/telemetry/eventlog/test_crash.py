"""kill -9 at random points, 200 times, under four writers."""

import json
import os
import subprocess
import sys
from collections import defaultdict

from telemetry.eventlog.paths import Folder, Home
from telemetry.eventlog.rows import Event
from telemetry.eventlog.segments import all_names
from telemetry.eventlog.store import Store
from telemetry.eventlog.verify import verify
from tests.services.server import ROOT


def test_it_loses_no_acknowledged_event_and_glues_no_rows(home: Home) -> None:
    command = [sys.executable, "-m", "tests.telemetry.eventlog.kill_writers", "200", "7"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    acknowledged = json.loads(done.stdout)

    Store(home).append(Event("runner.started"))

    stored: defaultdict[int, list[int]] = defaultdict(list)
    with Folder.open(home.folder) as folder:
        names = all_names(folder)
    for name in names:
        for line in (home.folder / name).read_bytes().splitlines():
            data = json.loads(line)["data"]
            if "by" in data:
                stored[data["by"]].append(data["n"])
    assert sum(count for _, count in acknowledged) > 200
    for writer, count in acknowledged:
        assert stored[writer] == list(range(len(stored[writer])))
        assert len(stored[writer]) >= count
    verdict = verify(home)
    assert (verdict.ok, verdict.reason, verdict.anchored) == (True, None, True)
