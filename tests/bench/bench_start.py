"""How soon programs answer: `python -m tests.bench.bench_start [--short]`.

The commands as they are installed, in processes of their own, each beside a Python that does
nothing; and the server, from the start of its process until `/readyz` says 200.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter

from tests.bench.products import HIGH
from tests.bench.report import Report
from tests.bench.running import ROOT, Arguments, own_environment
from tests.services.server import RunningServer, Template

ROUNDS = 11
STARTS = 3
HOW = (
    "Processes of their own, files in memory already. The server: a state folder that is prepared, "
    "from the start of its process until `/readyz` says 200."
)


def installed(name: str, module: str) -> list[str]:
    """The command as it is installed beside this Python, or else its module."""
    script = Path(sys.executable).with_name(name)
    return [str(script)] if script.exists() else [sys.executable, "-m", module]


def milliseconds(report: Report, command: Sequence[str], rounds: int) -> float:
    found = []
    for _ in range(rounds + 1):
        began = perf_counter()
        done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True)
        found.append((perf_counter() - began) * 1e3)
        if done.returncode:
            report.wrong(f"{' '.join(command[1:])} ended with {done.returncode}: {done.stderr!r}")
    return median(found[1:])


def commands(report: Report, rounds: int) -> None:
    bare = milliseconds(report, [sys.executable, "-c", "pass"], rounds)
    for name, module, words, bar in (
        ("arw-cli", "arw_site.cli", ["--help"], 150),
        ("runner", "telemetry.eventlog", ["telemetry", "status"], 120),
    ):
        spent = milliseconds(report, [*installed(name, module), *words], rounds)
        what = " ".join([name, *words])
        note = f"a Python that does nothing: {bare:.0f} ms"
        report.row(f"`{what}`", spent, "ms", most=bar, note=note, headline=True)


def server(report: Report, folder: Path, starts: int) -> None:
    template = Template(folder / "template", None)
    found = []
    for number in range(starts + 1):
        one = RunningServer(template, folder / f"server{number}", "uvicorn", HIGH)
        began = monotonic()
        try:
            one.start()
            found.append(monotonic() - began)
        finally:
            one.stop()
    report.row("server ready", median(found[1:]), "s", most=2, headline=True)


def main(arguments: list[str]) -> int:
    given = Arguments.read("bench_start", arguments)
    report = given.report("start", "Start-up", HOW)
    with own_environment() as folder:
        commands(report, given.rounds(ROUNDS))
        server(report, folder, given.rounds(STARTS))
    return report.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
