"""Delivery to many readers of one process: `python -m tests.bench.bench_fanout [--redis] [--once] [CASE …]`.

A real server (uvicorn, SQLite, every check on) is given feedback over HTTP at a steady rate, and a
process of its own holds all readers. Latency runs from just before the request is sent until the
reader has the event, so it holds validation and commit too. Every event carries a number: one that
is lost, doubled or out of order fails the bench. Medians of three runs. The bars: 500 readers x
100 events/s under 50 ms at the 99th percentile, 2,000 x 20 under 250 ms, and a reader that stalls
changes nobody's.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx

ROUNDS = 3
ROOT = Path(__file__).resolve().parents[2]
PERSONA = "bench.fanout"


@dataclass(frozen=True)
class Case:
    """``rate`` events a second for ``seconds`` to each of ``readers``; ``bar`` in ms at p99."""

    transport: str
    readers: int
    rate: int
    seconds: int
    bar: float
    stalled: int = 0

    @property
    def name(self) -> str:
        beside = f"+{self.stalled}-stalled" if self.stalled else ""
        return f"{self.transport}-{self.readers}x{self.rate}{beside}"


CASES = [
    case
    for transport in ("sse", "websocket")
    for case in (
        Case(transport, 500, 100, 6, 50),
        Case(transport, 500, 100, 6, 50, stalled=5),
        Case(transport, 2000, 20, 6, 250),
    )
]


def run_once(case: Case, server: Any, client: httpx.Client) -> dict[str, Any]:
    """One run: what the readers saw, and the server's CPU share while events flowed."""
    host = server.base.removeprefix("http://")
    events = case.rate * case.seconds
    order = {
        "host": host, "token": server.admin_token, "transport": case.transport,
        "readers": case.readers, "stalled": case.stalled, "events": events,
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
    assert readers.stdout.readline() == "ready\n"
    spent, began = cpu_of(server.process.pid), time.monotonic()
    give(case, client, events)
    took = time.monotonic() - began
    used = cpu_of(server.process.pid) - spent
    answer: dict[str, Any] = json.loads(readers.stdout.readline())
    readers.wait()
    return {**answer, "cpu": round(used / took, 2)}


def give(case: Case, client: httpx.Client, events: int) -> None:
    """Send the events at their rate."""
    begin = time.monotonic()
    for number in range(1, events + 1):
        left = begin + number / case.rate - time.monotonic()
        if left > 0:
            time.sleep(left)
        metadata = {"n": number, "at": time.monotonic()}
        sample = {"signal": "warmer", "strength": 0.5, "note": "a short note", "metadata": metadata}
        answer = client.post(f"/persona/{PERSONA}/feedback", json=sample)
        assert answer.status_code == 202, answer.text


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(case: Case, server: Any, client: httpx.Client, rounds: int) -> bool:
    """Print the medians of a case; whether it met its bar and nothing was wrong."""
    runs = [run_once(case, server, client) for _ in range(rounds)]
    wrong = sum(run["wrong_order"] + run["ended"] for run in runs)
    lost = sum(run["wanted"] - run["delivered"] for run in runs)
    p50, p99, cpu = (median(run[key] for run in runs) for key in ("p50_ms", "p99_ms", "cpu"))
    worst = max(run["max_ms"] for run in runs)
    good = p99 < case.bar and not wrong and not lost
    sys.stdout.write(
        f"{case.name:28} p50 {p50:7.1f} ms  p99 {p99:7.1f} ms (bar {case.bar:.0f})  "
        f"max {worst:7.1f} ms  server CPU {cpu:4.2f}  lost {lost}  wrong {wrong}  "
        f"{'ok' if good else 'FAILED'}\n"
    )
    sys.stdout.flush()
    return good


def prepared(server: Any) -> httpx.Client:
    """A client as the service principal, with a persona that takes feedback."""
    headers = {"Authorization": f"Bearer {server.admin_token}"}
    client = httpx.Client(base_url=server.base, headers=headers, timeout=60)
    for capability in ("persona:manage", "telemetry:persona:workspace"):
        lease = {"capability": capability, "ttl_secs": 86_400}
        assert client.post("/leases", json=lease).status_code == 201
    vibe = {"telemetry": {"vibe": {"enabled": True, "scope": "workspace"}}}
    persona = {"id": PERSONA, "owner_kind": "workspace", "owner_ref": "x", "preferences": vibe}
    assert client.post("/admin/persona", json=persona).status_code == 201
    return client


def main(arguments: list[str]) -> int:
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    import pytest  # noqa: F401  the environment of the tests is that of the bench

    from tests.environment import session_environment
    from tests.services.redis import RedisServer
    from tests.services.server import RunningServer, Template

    wanted = [one for one in arguments if not one.startswith("-")]
    rounds = 1 if "--once" in arguments else ROUNDS
    redis = RedisServer() if "--redis" in arguments else None
    with tempfile.TemporaryDirectory() as folder:
        for name in [name for name in os.environ if name.startswith("ARW_")]:
            del os.environ[name]
        os.environ.update(session_environment(Path(folder)))
        env = {
            "ARW_PERSONA_FEEDBACK_RATE": "1000000",
            "ARW_PERSONA_FEEDBACK_RATE_PERSONA": "1000000",
        }
        if redis:
            env["ARW_REDIS_URL"] = redis.url
        template = Template(Path(folder) / "template", None)
        server = RunningServer(template, Path(folder) / "server", "uvicorn", env)
        server.start()
        try:
            client = prepared(server)
            cases = [case for case in CASES if not wanted or case.name in wanted]
            met = [measure(case, server, client, rounds) for case in cases]
        finally:
            server.stop()
            if redis:
                redis.stop()
            if "Traceback" in server.log:
                sys.stdout.write(server.log)
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
