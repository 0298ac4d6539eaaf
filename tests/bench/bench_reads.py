"""Reads of one process under load: `python -m tests.bench.bench_reads [CASE …] [--short]`.

A real server (uvicorn, SQLite, every check on) is asked by wrk over 32 connections as a member
with a token. Each read is measured on one persona, which all ask for, and on 1,000 in turn; then
again after samples and history have grown a hundredfold. An empty application on the same server
software is asked before each run: on a busy machine the share of what it answers is what can be
compared. Anything but 200 fails the bench.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

import httpx

from tests.bench.load import served
from tests.bench.products import EMPTY, HIGH
from tests.bench.read_data import name
from tests.bench.report import Report
from tests.bench.running import ROOT, Arguments, need, own_environment

SECONDS = 2
CONNECTIONS = 32
HOW = (
    "SQLite, one process, 32 clients. Each read of one persona, and of 1,000 in turn, before and "
    "after samples and rows of history have grown a hundredfold; flat is told by shares of what an "
    "empty application answers in turns with it."
)
SCRIPT = Path(__file__).with_name("reads.lua")
PERSONAS = 10_000
FEW, MANY = (20, 50), (2_000, 5_000)
"""Personas with samples, and rows of history of the first one: before and after growth."""


FAST = 5_000


@dataclass(frozen=True)
class Measured:
    """Medians: requests a second, p99 in ms, share of the empty application; all wrong answers."""

    rate: float
    p99: float
    share: float
    wrong: float


@dataclass(frozen=True)
class Case:
    """Asks for ``path`` of ``personas`` in turn; ``bar`` in requests a second."""

    name: str
    path: str
    personas: int
    title: str
    bar: int = FAST

    def paths(self) -> list[str]:
        return [self.path.format(id=name(at)) for at in range(self.personas)]


CASES = [
    *(
        Case(f"{read}-{personas}", f"/state/persona/{{id}}{rest}", personas, f"{title}, {of}")
        for read, rest, title in (
            ("metrics", "/vibe_metrics", "vibe_metrics"),
            ("history", "/vibe_history", "vibe_history"),
            ("detail", "", "persona detail"),
        )
        for personas, of in ((1, "one persona"), (1_000, "1,000 in turn"))
    ),
    Case("list-50", "/state/persona?limit=50", 1, "list of 50 out of 10,000", bar=300),
]


def run_once(case: Case, server: Any, folder: Path, seconds: int = SECONDS) -> dict[str, float]:
    """One run: requests a second, p99 in ms, and how many answers were wrong."""
    file = folder / "paths.txt"
    file.write_text("\n".join(case.paths()) + "\n")
    command = [
        shutil.which("wrk") or "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s",
        "-s", str(SCRIPT), server.base, "--", str(file), server.tokens["alice"],
    ]  # fmt: skip
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = json.loads(printed.strip().splitlines()[-1])
    return {
        "rate": found["requests"] / found["microseconds"] * 1e6,
        "p99": found["p99"] / 1e3,
        "wrong": found["wrong"],
    }


def measure(case: Case, server: Any, idle: Any, folder: Path, rounds: int) -> Measured:
    """The medians of a case."""
    warm(case, server)
    runs, empty = [], []
    for _ in range(rounds):
        empty.append(run_once(case, idle, folder, seconds=1)["rate"])
        runs.append(run_once(case, server, folder))
    share = median(run["rate"] / beside for run, beside in zip(runs, empty, strict=True))
    rate, p99 = (median(run[key] for run in runs) for key in ("rate", "p99"))
    return Measured(rate, p99, share, sum(run["wrong"] for run in runs))


def tell(report: Report, case: Case, found: Measured, when: str) -> None:
    what = f"{case.title}{when}"
    note = f"{found.share:.3f} of the empty app"
    report.row(what, found.rate, "/s", least=case.bar, note=note, headline=not when)
    if case.bar >= FAST:
        report.row(f"{what}: p99", found.p99, "ms", most=25)
    if found.wrong:
        report.wrong(f"{what}: {found.wrong:.0f} answers were not 200")


def warm(case: Case, server: Any) -> None:
    """Every path once: what the first reading costs is not what is measured."""
    headers = {"Authorization": f"Bearer {server.tokens['alice']}"}
    with httpx.Client(base_url=server.base, headers=headers, timeout=60) as client:
        for path in case.paths():
            assert client.get(path).status_code == 200
    run_once(case, server, server.log_file.parent, seconds=1)


def give(server: Any, personas: int) -> None:
    """Feedback over HTTP, so that there are metrics to read."""
    headers = {"Authorization": f"Bearer {server.admin_token}"}
    batch = [{"signal": f"signal{at % 5}", "strength": at / 10} for at in range(10)]
    with httpx.Client(base_url=server.base, headers=headers, timeout=60) as client:
        for at in range(personas):
            answer = client.post(f"/persona/{name(at)}/feedback", json=batch)
            assert answer.status_code == 202, answer.text


def fill(server: Any, personas: int, with_samples: int, versions: int) -> None:
    numbers = [str(one) for one in (personas, with_samples, versions)]
    command = [sys.executable, "-m", "tests.bench.read_data", *numbers]
    subprocess.run(command, cwd=ROOT, env=server.env, check=True)


def compare(given: Arguments, server: Any, idle: Any, folder: Path, report: Report) -> None:
    chosen = given.chosen([case.name for case in CASES])
    cases = [case for case in CASES if case.name in chosen]
    before = {case: measure(case, server, idle, folder, given.rounds()) for case in cases}
    fill(server, PERSONAS, *MANY)
    after = {case: measure(case, server, idle, folder, given.rounds()) for case in cases}
    for case in cases:
        tell(report, case, before[case], "")
        tell(report, case, after[case], ", after growth")
        kept = after[case].share / before[case].share
        report.row(f"{case.title}: kept after growth", kept, least=0.85)


def main(arguments: list[str]) -> int:
    from tests.services.server import RunningServer, Template

    given = Arguments.read("bench_reads", arguments)
    need("wrk")
    report = given.report("reads", "Reads", HOW)
    with own_environment() as home:
        template = Template(home / "template", None)
        server = RunningServer(template, home / "server", "uvicorn", HIGH)
        try:
            server.start()
            fill(server, PERSONAS, *FEW)
            give(server, 1_000)
            with served(EMPTY, "uvicorn", home / "empty.log") as target:
                idle = SimpleNamespace(base=f"http://127.0.0.1:{target.port}", tokens=server.tokens)
                compare(given, server, idle, home, report)
        finally:
            server.stop()
        if "Traceback" in server.log:
            report.wrong(f"the server printed a traceback: {server.log[-3000:]}")
    return report.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
