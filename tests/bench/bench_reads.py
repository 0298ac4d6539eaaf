"""Reads of one process under load: `python -m tests.bench.bench_reads [CASE …]`.

A real server (uvicorn, SQLite, every check on) is asked by wrk over 32 connections as a member
with a token. Each read is measured on one persona, which all ask for, and on 1,000 in turn; then
again after samples and history have grown a hundredfold. Medians of three runs. A run that gets
anything but 200 fails. An empty application on the same server software is asked before each run:
on a busy machine the share of what it answers is what can be compared. The bars: 5,000/s and 25 ms
at the 99th percentile for the metrics, the feedback and the record, within 15 % of that share after
growth, and 300/s for 50 of 10,000 personas.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

import httpx

from tests.bench.load import served
from tests.bench.read_data import name

ROUNDS = 3
SECONDS = 4
CONNECTIONS = 32
ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("reads.lua")
PERSONAS = 10_000
FEW, MANY = (20, 50), (2_000, 5_000)
"""Personas with samples, and rows of history of the first one: before and after growth."""


@dataclass(frozen=True)
class Case:
    """Asks for ``path`` of ``personas`` in turn; ``bar`` in requests a second."""

    name: str
    path: str
    personas: int
    bar: int = 5_000

    def paths(self) -> list[str]:
        return [self.path.format(id=name(at)) for at in range(self.personas)]


CASES = [
    *(
        Case(f"{read}-{personas}", f"/state/persona/{{id}}{rest}", personas)
        for read, rest in (
            ("metrics", "/vibe_metrics"),
            ("history", "/vibe_history"),
            ("detail", ""),
        )
        for personas in (1, 1_000)
    ),
    Case("list-50", "/state/persona?limit=50", 1, bar=300),
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


def measure(case: Case, server: Any, idle: Any, folder: Path, before: float | None = None) -> float:
    """Print the medians of a case and return its share of ``idle``, 0 where a bar was missed."""
    warm(case, server)
    runs, empty = [], []
    for _ in range(ROUNDS):
        empty.append(run_once(case, idle, folder, seconds=1)["rate"])
        runs.append(run_once(case, server, folder))
    share = median(run["rate"] / beside for run, beside in zip(runs, empty, strict=True))
    rate, p99 = (median(run[key] for run in runs) for key in ("rate", "p99"))
    wrong = sum(run["wrong"] for run in runs)
    good = rate >= case.bar and not wrong and (case.bar < 5_000 or p99 < 25)
    grown = ""
    if before is not None:
        good = good and share >= 0.85 * before
        grown = f"  {share / before:4.2f} of before growth" if before else ""
    sys.stdout.write(
        f"{case.name:14} {rate:8,.0f}/s (bar {case.bar:,})  p99 {p99:6.1f} ms  "
        f"{share:5.3f} of an empty application  wrong {wrong:.0f}"
        f"{grown}  {'ok' if good else 'FAILED'}\n"
    )
    sys.stdout.flush()
    return share if good else 0.0


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


def main(wanted: list[str]) -> int:
    import pytest  # noqa: F401  the environment of the tests is that of the bench

    from tests.environment import session_environment
    from tests.services.server import RunningServer, Template

    cases = [case for case in CASES if not wanted or case.name in wanted]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for variable in [one for one in os.environ if one.startswith("ARW_")]:
            del os.environ[variable]
        os.environ.update(session_environment(home))
        env = {
            "ARW_PERSONA_FEEDBACK_RATE": "1000000",
            "ARW_PERSONA_FEEDBACK_RATE_PERSONA": "1000000",
        }
        server = RunningServer(Template(home / "template", None), home / "server", "uvicorn", env)
        server.start()
        try:
            fill(server, PERSONAS, *FEW)
            give(server, 1_000)
            with served("tests.bench.empty:application", "uvicorn", home / "empty.log") as target:
                idle = SimpleNamespace(base=f"http://127.0.0.1:{target.port}", tokens=server.tokens)
                shares = [measure(case, server, idle, home) for case in cases]
                fill(server, PERSONAS, *MANY)
                for case, before in zip(cases, shares.copy(), strict=True):
                    shares.append(measure(case, server, idle, home, before))
        finally:
            server.stop()
            if "Traceback" in server.log:
                sys.stdout.write(server.log)
    return 0 if all(shares) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
