"""What the event log costs, beside the reference's figures: `python -m tests.bench.bench_eventlog [EVENTS]`.

A log of 1,000,000 events over 30 days is written (or EVENTS), then read by the real command in
processes of its own. The reference's figures were taken on another day on a machine like the one of
docs/benchmarks.md; what hangs on the disk is printed with the rate of bare syncs in the same run.
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

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
ROOT = Path(__file__).resolve().parents[2]
PILLARS = ["Security & Access Control", "Reliability & Robustness"]
APPENDS = 1_000
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


def show(what: str, found: str, bar: str, reference: str) -> None:
    sys.stdout.write(f"{what:<44} {found:>22}   bar {bar:<22} reference {reference}\n")
    sys.stdout.flush()


def read(home: Home, out: Path) -> None:
    status = median(runner(home, "status")[0] for _ in range(5))
    show("status", f"{status:.3f} s", "0.15 s (start 0.12 s)", "1.05 s")
    seconds, memory = runner(home, "export", "--range", "60d", "--out", str(out))
    found = json.loads(out.read_text())["events_considered"]
    show(
        f"export of {found:,} events",
        f"{seconds:.2f} s, {memory:.0f} MiB",
        "6 s, 64 MiB",
        "35.7 s, 4.45 GB",
    )
    seconds, memory = runner(home, "export", "--range", "1h", "--out", str(out))
    found = json.loads(out.read_text())["events_considered"]
    show(f"export of one hour ({found:,})", f"{seconds:.2f} s, {memory:.0f} MiB", "1 s", "22.5 s")
    seconds, memory = runner(home, "verify")
    show("verify", f"{seconds:.2f} s, {memory:.0f} MiB", "8 s", "16 s")


def longest_waits(home: Home, out: Path) -> None:
    """The longest appends while the whole log is exported, and in the same time without an export."""
    exporting = threading.Thread(
        target=lambda: runner(home, "export", "--range", "60d", "--out", str(out))
    )
    started = monotonic()
    exporting.start()
    during = waits(home, exporting.is_alive)
    end = 2 * monotonic() - started
    without = waits(home, lambda: monotonic() < end)
    for what, found in (("during an export", during), ("without one", without)):
        high = found[int(len(found) * 0.999)]
        text = f"{found[-1]:.1f} ms, p99.9 {high:.1f} ms"
        show(f"longest of {len(found)} appends {what}", text, "50 ms", "30 s")


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


def write(folder: Path) -> None:
    home = Home(folder / "appends")
    os.environ["AGENTWELLNESS_HOME"] = str(home.root)
    store = Store(home)
    store.append(event(0))
    singles = []
    for _ in range(3):
        bare = bare_syncs(folder)
        singles.append((rate(lambda: append_many_times(APPENDS), APPENDS), bare))
    single, bare = sorted(singles)[1]
    note = f"(bare syncs beside it: {bare:,.0f}/s)"
    show(
        "append, one process, one event at a time",
        f"{single:,.0f}/s",
        "3 x reference",
        f"280-690/s {note}",
    )
    found = median(rate(lambda: in_threads(store, 16), 16 * APPENDS) for _ in range(3))
    show("append, one process, 16 threads", f"{found:,.0f}/s", "3 x reference", "280-690/s")
    found = median(rate_of_processes(4) for _ in range(3))
    show("append, four processes", f"{found:,.0f}/s", "3 x reference", "280-690/s")
    batch = [event(number) for number in range(5000)]
    found = rate(lambda: store.append_many(batch), len(batch))
    show("append_many, 5,000 at once", f"{found:,.0f}/s", "-", "-")
    store.close()
    runner(home, "verify")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="arw-bench-") as name:
        folder = Path(name)
        write(folder)
        home = Home(folder / "million")
        home.folder.mkdir(mode=0o700, parents=True)
        with home.log.open("wb") as stream:
            stream.writelines(lines(EVENTS, datetime.now(UTC)))
        first, _ = runner(home, "status")
        show("status, first time on a foreign log", f"{first:.2f} s", "-", "1.05 s")
        Store(home).append(event(0))
        read(home, folder / "out.json")
        longest_waits(home, folder / "out.json")
    return 0


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())
