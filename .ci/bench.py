"""`make bench`: runs every `tests/bench/bench_*.py`, one after the other, as modules.

`python .ci/bench.py [NAME …] [--short]`. Ends with 1 where a bench failed, by a wrong answer or
otherwise; bars that were missed are named, here and in docs/benchmarks.md, and fail nothing.
"""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 600  # seconds for one bench
FOUND = ROOT / "docs" / "benchmarks.json"


def main() -> int:
    options = [word for word in sys.argv[1:] if word.startswith("--")]
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    names = [path.stem for path in sorted((ROOT / "tests" / "bench").glob("bench_*.py"))]
    if unknown := [word for word in words if word not in names]:
        print(f"no such bench: {', '.join(unknown)}; there are {', '.join(names)}")
        return 2
    began, failed = datetime.now(UTC).replace(microsecond=0), []
    for name in [name for name in names if not words or name in words]:
        started = time.monotonic()
        print(f"== {name}", flush=True)
        if ended_with(name, options):
            failed.append(name)
        print(f"   {time.monotonic() - started:.0f} s", flush=True)
    sections = written_since(began)
    rows = [(one["title"], row) for one in sections for row in one["rows"]]
    missed = [f"{title}: {row['what']}" for title, row in rows if row["met"] is False]
    judged = sum(row["met"] is not None for _, row in rows)
    if sections:
        print(f"{judged - len(missed)} of {judged} bars met; docs/benchmarks.md has the figures")
    for line in missed:
        print(f"missed: {line}")
    for name in failed:
        print(f"FAILED: {name}")
    return 1 if failed else 0


def ended_with(name: str, options: list[str]) -> int:
    """The exit code of one bench. One that hangs is told to end, and ends its servers."""
    command = [sys.executable, "-m", f"tests.bench.{name}", *options]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        return process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        print(f"   not done after {PATIENCE} s", flush=True)
        process.terminate()
        return process.wait() or 1


def written_since(moment: datetime) -> list[dict[str, Any]]:
    """The sections of this run."""
    if not FOUND.exists():
        return []
    sections = json.loads(FOUND.read_text(encoding="utf-8"))["sections"].values()
    return [one for one in sections if datetime.fromisoformat(one["began"]) >= moment]


if __name__ == "__main__":
    sys.exit(main())
