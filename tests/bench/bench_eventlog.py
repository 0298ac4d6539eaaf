"""What the event log costs: `python -m tests.bench.bench_eventlog [--short]`.

A log of 1,000,000 events over 30 days is written, then read by the real command in processes of
its own. The reference's figures were taken on another day on a machine like the one of
docs/benchmarks.md; what hangs on the disk is shown with the rate of bare syncs in the same run.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter

from telemetry.eventlog.paths import Home
from telemetry.eventlog.rows import Event
from telemetry.eventlog.store import Store
from tests.bench.report import Report
from tests.bench.running import ROOT, Arguments

EVENTS = 1_000_000
PILLARS = ["Security & Access Control", "Reliability & Robustness"]
APPENDS = 1_000
SLOWEST_REFERENCE = 280  # durable events a second; at its best 690
HOW = (
    "1,000,000 events over 30 days, read by the real command in processes of its own. In brackets "
    "the reference's figures, of another day on a like machine. Appends wait for the disk, whose "
    "bare syncs are timed in turns with them."
)
WRITER = """
import sys
from tests.bench.bench_eventlog import append_many_times
append_many_times(1)
print("ready", flush=True)
sys.stdin.readline()
append_many_times(int(sys.argv[1]))
"""


def event(number: int, at: datetime | None = None) -> Event:
    quest = f"wellness.core.quest_{number % 60}.v1"
    shared = {"quest_id": quest, "pillars": PILLARS, "pack_id": "wellness.core.v0"}
    kinds = (
        ("quest.completed", {**shared, "proof_tier": f"P{number % 3}", "xp_awarded": 10,
                             "timebox_estimate_minutes": 5, "observed_duration_seconds": 30}),
        ("quest.failed", {**shared, "reason": "validation_error"}),
        ("scorecard.updated", {"quest_id": quest, "total_xp": number, "xp_delta": 10}),
        ("plan.generated", {"quest_count": 3, "quest_ids": [quest], "pillars": PILLARS}),
    )  # fmt: skip
    kind, data = kinds[number % len(kinds)]
    actor = {"kind": "agent", "id": f"openclaw:agent-{number % 20}"}
    return Event(kind, data, actor, "mcp", at=at)


def template(number: int) -> dict[str, object]:
    made = event(number)
    return {
        "actor": made.actor, "build": {"git_sha": None, "platform": "Linux-6.18-x86_64", "python_version": "3.11.7",
        "runner_version": "0.1.0"}, "data": made.data, "event_type": made.event_type,
        "schema_version": "0.1", "source": "mcp", "trace_id": None,
    }  # fmt: skip


def lines(count: int, now: datetime) -> Iterator[bytes]:
    """Rows in the reference's form, hashed here: writing a million through the store takes minutes."""
    start, length = now - timedelta(days=30), timedelta(days=30)
    templates = [template(number) for number in range(240)]
    previous = "0" * 64
    for number in range(count):
        at = start + length * (number / count)
        row = {**templates[number % 240], "event_id": f"6513270e-269e-4d37-b2a7-{number:012x}",
               "ts": f"{at:%Y-%m-%dT%H:%M:%SZ}"}  # fmt: skip
        body = json.dumps(row, sort_keys=True, separators=(",", ":"))
        row["prev_hash"] = previous
        row["event_hash"] = previous = sha256(f"{previous}:{body}".encode()).hexdigest()
        yield json.dumps(row, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def runner(home: Home, *arguments: str) -> tuple[float, float]:
    """(seconds, MiB at most) of one `runner telemetry …` in a process of its own."""
    command = [sys.executable, "-m", "telemetry.eventlog", "telemetry", *arguments]
    environment = {**os.environ, "AGENTWELLNESS_HOME": str(home.root)}
    started = perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = perf_counter() - started
    if process.returncode:
        raise SystemExit(f"{arguments} ended with {process.returncode}")
    return seconds, usage.ru_maxrss / 1024


def read(report: Report, home: Home, out: Path) -> None:
    row = report.row
    status = median(runner(home, "status")[0] for _ in range(5))
    row("status", status * 1e3, "ms", most=150, note="reference 1.05 s")
    seconds, memory = runner(home, "export", "--range", "60d", "--out", str(out))
    found = json.loads(out.read_text())["events_considered"]
    row(f"export of {found:,} events", seconds, "s", most=6, note="reference 35.7 s")
    row("export, memory", memory, "MiB", most=64, note="reference 4.45 GB")
    seconds, _ = runner(home, "export", "--range", "1h", "--out", str(out))
    found = json.loads(out.read_text())["events_considered"]
    row(f"export of one hour, {found:,} events", seconds, "s", most=1, note="reference 22.5 s")
    seconds, _ = runner(home, "verify")
    row("verify", seconds, "s", most=8, note="reference 16 s")


def longest_waits(report: Report, home: Home, out: Path) -> None:
    """The longest appends while the whole log is exported, and in the same time without an export."""
    exporting = threading.Thread(
        target=lambda: runner(home, "export", "--range", "60d", "--out", str(out))
    )
    started = monotonic()
    exporting.start()
    during = waits(home, exporting.is_alive)
    end = 2 * monotonic() - started
    without = waits(home, lambda: monotonic() < end)
    for what, found, bar in (("during an export", during, 50), ("without one", without, None)):
        note = f"p99.9 {found[int(len(found) * 0.999)]:.1f} ms of {len(found):,}"
        report.row(f"longest append {what}", found[-1], "ms", most=bar, note=note)


def waits(home: Home, is_going_on: Callable[[], bool]) -> list[float]:
    """Milliseconds of each append, sorted."""
    store = Store(home)
    store.append(event(0))
    found = []
    while is_going_on():
        started = perf_counter()
        store.append(event(1))
        found.append((perf_counter() - started) * 1e3)
    store.close()
    return sorted(found)


def append_many_times(count: int) -> None:
    store = Store()
    for number in range(count):
        store.append(event(number))


def rate(work: Callable[[], object], count: int) -> float:
    started = monotonic()
    work()
    return count / (monotonic() - started)


def bare_syncs(folder: Path) -> float:
    """Appends of one row with fdatasync and nothing else, a second: what the disk allows one writer."""
    descriptor = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    line = b"x" * 700 + b"\n"

    def work() -> None:
        for _ in range(APPENDS):
            os.write(descriptor, line)
            os.fdatasync(descriptor)

    found = rate(work, APPENDS)
    os.close(descriptor)
    return found


def rate_of_processes(processes: int) -> float:
    """Events a second of several processes that begin at the same moment."""
    command = [sys.executable, "-c", WRITER, str(APPENDS)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    running = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(processes)]
    for process in running:
        process.stdout.readline()

    def work() -> None:
        for process in running:
            process.stdin.write(b"go\n")
            process.stdin.flush()
        for process in running:
            process.wait()

    return rate(work, processes * APPENDS)


def in_threads(store: Store, threads: int) -> None:
    def work() -> None:
        for number in range(APPENDS):
            store.append(event(number))

    running = [threading.Thread(target=work) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def write(report: Report, folder: Path) -> None:
    home = Home(folder / "appends")
    os.environ["AGENTWELLNESS_HOME"] = str(home.root)
    store = Store(home)
    store.append(event(0))
    singles, bares = [], []
    for _ in range(3):
        bares.append(bare_syncs(folder))
        singles.append(rate(lambda: append_many_times(APPENDS), APPENDS))
    threads = median(rate(lambda: in_threads(store, 16), 16 * APPENDS) for _ in range(3))
    processes = median(rate_of_processes(4) for _ in range(3))
    row, bar = report.row, 3 * SLOWEST_REFERENCE
    row("bare syncs of the disk", median(bares), "/s")
    share = median(one / bare for one, bare in zip(singles, bares, strict=True))
    row("append, one process, share of bare syncs", share)
    note = "reference 280 to 690/s"
    row("append, one process, one event at a time", median(singles), "/s", least=bar, note=note)
    row("append, one process, 16 threads", threads, "/s", note=note)
    row("append, four processes", processes, "/s", least=bar, note=note)
    batch = [event(number) for number in range(5000)]
    row("append_many, 5,000 at once", rate(lambda: store.append_many(batch), len(batch)), "/s")
    store.close()
    runner(home, "verify")


def main(arguments: list[str]) -> int:
    given = Arguments.read("bench_eventlog", arguments)
    report = given.report("eventlog", "Local event log", HOW)
    with tempfile.TemporaryDirectory(prefix="arw-bench-") as name:
        folder = Path(name)
        write(report, folder)
        home = Home(folder / "million")
        home.folder.mkdir(mode=0o700, parents=True)
        with home.log.open("wb") as stream:
            stream.writelines(lines(20_000 if given.short else EVENTS, datetime.now(UTC)))
        first, _ = runner(home, "status")
        report.row("status, first time on a foreign log", first, "s", note="reference 1.05 s")
        Store(home).append(event(0))
        read(report, home, folder / "out.json")
        longest_waits(report, home, folder / "out.json")
    return report.close()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main(sys.argv[1:]))
