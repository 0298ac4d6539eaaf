"""A long run of everything at once: `python -m tests.bench.soak [--minutes=10] [--readers=500]`.

One server process on SQLite, readers of the live stream, ingestion, reads, consent that is given
and taken back, reviews. It watches what the process holds, every answer, and every event. Runs of
less than ten minutes or 500 readers are shown and not kept.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.load import cpu_of, memory_of
from tests.bench.products import HIGH
from tests.bench.report import Report, say
from tests.bench.running import ROOT, Arguments, own_environment
from tests.bench.soak_work import Work
from tests.services.server import RunningServer, Template

MINUTES, READERS, WANDERERS = 10.0, 500, 10
LOOKS = 120  # during the whole soak
PARTS = 5  # the first part warms up; the second is compared with the last
HOW = (
    "One process on SQLite, half of the readers on SSE and half on WebSocket, some of which break "
    "off and resume. Steady is the median of the last fifth of the time beside that of the second."
)


@dataclass(frozen=True)
class Look:
    """What the server's process holds at a moment: MiB, open files, threads."""

    memory: float
    files: int
    threads: int


def look_at(pid: int) -> Look:
    process = Path(f"/proc/{pid}")
    threads = re.findall(r"Threads:\s+(\d+)", (process / "status").read_text())
    return Look(memory_of(pid), len(list((process / "fd").iterdir())), int(threads[0]))


def start_readers(server: RunningServer, readers: int) -> subprocess.Popen[str]:
    """Returns once every stream has begun."""
    order = {
        "host": server.base.removeprefix("http://"), "token": server.tokens["alice"],
        "readers": readers, "wanderers": min(WANDERERS, readers // 10),
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.soak_readers"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()
    if process.stdout.readline() != "ready\n":
        process.terminate()
        raise SystemExit("the readers did not all begin")
    return process


def start_work(work: Work, stack: ExitStack) -> list[threading.Thread]:
    """Each kind of work at its pace, in seconds, on a thread and with clients of its own."""
    client = {name: stack.enter_context(work.client(name)) for name in ("", "alice", "bob", "dana")}
    pages = work.signed_in("bob")
    stack.callback(pages.close)
    paced = (
        (partial(work.steady, stack.enter_context(work.client("alice"))), 0.05),
        (partial(work.bulk, stack.enter_context(work.client("bob"))), 0.4),
        (partial(work.bulk, stack.enter_context(work.client("bob"))), 0.4),
        (partial(work.repeat, client["bob"]), 1.0),
        (partial(work.read, stack.enter_context(work.client("alice"))), 0.1),
        (partial(work.read, client["dana"]), 0.2),
        (partial(work.toggle, client[""]), 1.0),
        (
            partial(work.review, pages, client["alice"], stack.enter_context(work.client("bob"))),
            2.0,
        ),
    )
    threads = [threading.Thread(target=work.run, args=one) for one in paced]
    for thread in threads:
        thread.start()
    return threads


def watch(server: RunningServer, seconds: float) -> list[Look]:
    """Looks at the process until the time is over, and tells of it now and then."""
    assert server.process
    looks: list[Look] = []
    began = time.monotonic()
    while len(looks) < LOOKS and server.process.poll() is None:
        time.sleep(max(0, began + (len(looks) + 1) * seconds / LOOKS - time.monotonic()))
        if server.process.poll() is None:
            looks.append(look_at(server.process.pid))
        if len(looks) % (LOOKS // 10) == 0:
            say(f"  {time.monotonic() - began:5.0f} s  {looks[-1]}")
    return looks


def finish(readers: subprocess.Popen[str], last: int) -> dict[str, Any]:
    """Tell the readers which event is the last; what they saw."""
    assert readers.stdin
    assert readers.stdout
    readers.stdin.write(f"{last}\n")
    readers.stdin.flush()
    found: dict[str, Any] = json.loads(readers.stdout.readline())
    readers.wait()
    return found


def soak(server: RunningServer, report: Report, minutes: float, readers: int) -> None:
    assert server.process
    work = Work(server)
    work.prepare()
    reading = start_readers(server, readers)
    try:
        began, spent = time.monotonic(), cpu_of(server.process.pid)
        with ExitStack() as stack:
            threads = start_work(work, stack)
            looks = watch(server, minutes * 60)
            work.ends.set()
            for thread in threads:
                thread.join()
        took = time.monotonic() - began
        spent = cpu_of(server.process.pid) - spent if server.process.poll() is None else 0
        seen = finish(reading, work.number)
    finally:
        reading.terminate()
        reading.wait()
    report.row("time", took / 60, "minutes")
    report.row("readers", readers)
    tell_answers(report, work, took)
    tell_events(report, work, seen, readers)
    tell_looks(report, looks)
    report.row("server, share of a core", spent / took)


def tell_answers(report: Report, work: Work, took: float) -> None:
    asked = sum(count for kind, count in work.answers.items() if kind != "wrong")
    report.row("requests", asked, note=f"{asked / took:,.0f}/s")
    report.row("samples taken", work.samples, note=f"{work.samples / took:,.0f}/s")
    for kind in ("consent", "decision", "page", "repeat"):
        report.row(f"requests: {kind}", work.answers[kind])
    report.none_wrong("wrong answers", work.answers["wrong"])
    for one in work.wrong:
        say(f"  {one}")


def tell_events(report: Report, work: Work, seen: dict[str, Any], readers: int) -> None:
    report.row("events that each reader was to get", work.number)
    report.row("events delivered", work.number * readers - seen["lost"])
    report.row("streams broken off and resumed", seen["resumed"])
    report.none_wrong("events lost", seen["lost"])
    report.none_wrong("events doubled or out of order", seen["wrong"])
    report.none_wrong("readers cut off", seen["dropped"])
    report.row("p99 of delivery", seen["p99_ms"] or float("nan"), "ms")


def tell_looks(report: Report, looks: Sequence[Look]) -> None:
    size = max(1, len(looks) // PARTS)
    early, late = looks[size : 2 * size], looks[-size:]

    def beside(what: str) -> tuple[float, float]:
        return tuple(median(getattr(one, what) for one in part) for part in (early, late))  # type: ignore[return-value]

    before, after = beside("memory")
    report.row("memory, second fifth", before, "MiB")
    report.row("memory, last fifth", after, "MiB")
    report.row("memory, times", after / before, most=1.05, headline=True)
    before, after = beside("files")
    report.row("open files, more than before", after - before, most=5, note=f"{after:.0f} open")
    before, after = beside("threads")
    report.row("threads, more than before", after - before, most=2, note=f"{after:.0f} run")


def main(arguments: list[str]) -> int:
    given = Arguments.read("soak", arguments)
    minutes = float(given.options.get("minutes", 0.5 if given.short else MINUTES))
    readers = int(given.options.get("readers", READERS))
    kept = minutes >= MINUTES and readers >= READERS
    report = given.report("soak", "Soak", HOW, kept=kept)
    with own_environment() as folder:
        template = Template(folder / "template", None)
        server = RunningServer(template, folder / "server", "uvicorn", HIGH)
        try:
            server.start()
            soak(server, report, minutes, readers)
        finally:
            code = server.stop()
        if code or "Traceback" in server.log:
            report.wrong(f"the server ended with {code}: {server.log[-3000:]}")
    return report.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
