"""Delivery to many readers of one process: `python -m tests.bench.bench_fanout [CASE …] [--short] [--redis]`.

A real server (uvicorn, SQLite, every check on) is given feedback over HTTP at a steady rate, and a
process of its own holds all readers. Latency runs from the moment when the request is due until the
reader has the event, so it holds validation and commit too. Every event carries a number: one that
is lost or doubled at a reader, or in another order than at the others, fails the bench. Cases run in turns.
"""

from __future__ import annotations

import http.client
import json
import queue
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.load import cpu_of
from tests.bench.products import HIGH
from tests.bench.report import Report
from tests.bench.running import ROOT, Arguments, own_environment

PERSONA = "bench.fanout"
SECONDS = 4
GIVERS = 8
HOW = (
    "SQLite, one process; one sample a request, from when it is due until each reader has "
    "its event. Readers are raw sockets in one process of their own. A stalled reader asks for the "
    "stream and then never reads; it may change nobody's p99 (runs in turns with those without)."
)


@dataclass(frozen=True)
class Case:
    """``rate`` events a second to each of ``readers``; ``bar`` in ms at p99."""

    transport: str
    readers: int
    rate: int
    bar: float
    stalled: int = 0

    @property
    def name(self) -> str:
        beside = f"+{self.stalled}-stalled" if self.stalled else ""
        return f"{self.transport}-{self.readers}x{self.rate}{beside}"

    @property
    def title(self) -> str:
        transport = {"sse": "SSE", "websocket": "WebSocket"}[self.transport]
        beside = f" beside {self.stalled} stalled" if self.stalled else ""
        return f"{transport}, {self.readers:,} readers x {self.rate}/s{beside}"


CASES = [
    case
    for transport in ("sse", "websocket")
    for case in (
        Case(transport, 500, 100, 50),
        Case(transport, 500, 100, 50, stalled=5),
        Case(transport, 2000, 20, 250),
    )
]
Run = dict[str, Any]


def run_once(case: Case, server: Any, seconds: int) -> Run:
    """One run: what the readers saw, and the server's share of a core while events flowed."""
    events = case.rate * seconds
    order = {
        "host": server.base.removeprefix("http://"), "token": server.admin_token,
        "transport": case.transport, "readers": case.readers, "stalled": case.stalled,
        "events": events,
    }  # fmt: skip
    readers = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.fanout_readers"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert readers.stdin
    assert readers.stdout
    readers.stdin.write(json.dumps(order) + "\n")
    readers.stdin.flush()
    if readers.stdout.readline() != "ready\n":
        raise SystemExit(f"{case.name}: the readers did not all begin")
    both = (server.process.pid, readers.pid)
    spent, began = [cpu_of(pid) for pid in both], time.monotonic()
    give(case, server, events)
    took = time.monotonic() - began
    used, reading = (cpu_of(pid) - before for pid, before in zip(both, spent, strict=True))
    answer: Run = json.loads(readers.stdout.readline())
    readers.wait()
    return {**answer, "rate": events / took, "cpu": used / took, "readers_cpu": reading / took}


def give(case: Case, server: Any, events: int) -> None:
    """Send the events at their rate, whoever still waits for an answer to one before."""
    give_one(server)
    waiting: queue.SimpleQueue[tuple[int, float]] = queue.SimpleQueue()
    with ThreadPoolExecutor(GIVERS) as pool:
        givers = [pool.submit(give_some, server, waiting) for _ in range(GIVERS)]
        begin = time.monotonic()
        for number in range(1, events + 1):
            time.sleep(max(0, begin + number / case.rate - time.monotonic()))
            waiting.put((number, time.monotonic()))
        for _ in range(GIVERS):
            waiting.put((0, 0))
        for giver in givers:
            giver.result()


def give_one(server: Any) -> None:
    """One sample without a number: the first request of its kind is answered by Django itself."""
    with closing(connected(server)) as client:
        send(server, client, {})


def give_some(server: Any, waiting: queue.SimpleQueue[tuple[int, float]]) -> None:
    """Send what is waiting until a zero comes."""
    with closing(connected(server)) as client:
        while (one := waiting.get())[0]:
            send(server, client, {"n": one[0], "at": one[1]})


def connected(server: Any) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(server.base.removeprefix("http://"), timeout=60)


def send(server: Any, client: http.client.HTTPConnection, metadata: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {server.admin_token}", "Content-Type": "application/json"}
    sample = {"signal": "warmer", "strength": 0.5, "note": "a short note", "metadata": metadata}
    client.request("POST", f"/persona/{PERSONA}/feedback", json.dumps(sample), headers)
    answer = client.getresponse()
    text = answer.read()
    if answer.status != 202:
        raise SystemExit(f"feedback was answered {answer.status}: {text!r}")


def tell(report: Report, case: Case, runs: list[Run]) -> float:
    """The rows of a case; returns its p99."""
    values = {key: median(run[key] for run in runs) for key in ("p50_ms", "cpu", "readers_cpu")}
    p99 = median(run["p99_ms"] or float("nan") for run in runs)
    slowest = max(run["max_ms"] or float("nan") for run in runs)
    note = (
        f"p50 {values['p50_ms']:.1f} ms, longest {slowest:.0f} ms; of a core the server took "
        f"{values['cpu']:.0%} and all readers {values['readers_cpu']:.0%}"
    )
    report.row(f"{case.title}: p99", p99, "ms", most=case.bar, note=note, headline=True)
    wrong = sum(run[key] for run in runs for key in ("lost", "doubled", "disordered", "ended"))
    report.none_wrong(f"{case.title}: events lost, doubled or out of order", wrong)
    if (paced := min(run["rate"] for run in runs)) < 0.95 * case.rate:
        report.row(f"{case.title}: rate given", paced, "events/s", least=case.rate)
    return p99


def prepared(server: Any) -> None:
    """A persona that takes feedback."""
    import httpx

    headers = {"Authorization": f"Bearer {server.admin_token}"}
    vibe = {"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}}
    persona = {"id": PERSONA, "owner_kind": "workspace", "owner_ref": "x", "preferences": vibe}
    with httpx.Client(base_url=server.base, headers=headers, timeout=60) as client:
        for capability in ("persona:manage", "telemetry:persona:workspace"):
            lease = {"capability": capability, "ttl_secs": 86_400}
            client.post("/leases", json=lease).raise_for_status()
        client.post("/admin/persona", json=persona).raise_for_status()


def measure(given: Arguments, folder: Path, report: Report) -> None:
    from tests.services.redis import RedisServer
    from tests.services.server import RunningServer, Template

    redis = RedisServer() if "redis" in given.options else None
    env = {**HIGH, **({"ARW_REDIS_URL": redis.url} if redis else {})}
    server = RunningServer(Template(folder / "template", None), folder / "server", "uvicorn", env)
    chosen = given.chosen([case.name for case in CASES])
    cases = [case for case in CASES if case.name in chosen]
    try:
        server.start()
        prepared(server)
        runs: dict[Case, list[Run]] = {case: [] for case in cases}
        for _ in range(given.rounds()):
            for case in cases:
                runs[case].append(run_once(case, server, 3 if given.short else SECONDS))
        p99 = {case: tell(report, case, runs[case]) for case in cases}
        for case in cases:
            alone = Case(case.transport, case.readers, case.rate, case.bar)
            if case.stalled and alone in p99:
                times = p99[case] / p99[alone]
                report.row(f"{case.title}: times the p99 without", times, most=1.5)
    finally:
        server.stop()
        if redis:
            redis.stop()
    if "Traceback" in server.log:
        report.wrong(f"the server printed a traceback: {server.log[-3000:]}")


def main(arguments: list[str]) -> int:
    given = Arguments.read("bench_fanout", arguments)
    report = given.report("fanout", "Live events to many readers", HOW)
    with own_environment() as folder:
        measure(given, folder, report)
    return report.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
