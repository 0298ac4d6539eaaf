"""Taking feedback: `python -m tests.bench.bench_ingestion [PART …] [--seconds=N] [--json=FILE]`.

Parts: single, batches, postgresql, growth. Real servers in one process each, wrk beside them, every
check, sanitizer, metrics and events on. What is compared runs in turns, and medians of the rounds
are compared: this machine's neighbours slow all of them alike. An answer that is not 202 fails the
bench, and so does a bar that is missed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.load import ROOT, Figure, Target, script, served, wrk

ROUNDS = 3
PERSONAS = 1000
PARTS = ("single", "batches", "postgresql", "growth")
SINGLE = b'{"signal":"warmer","strength":0.7,"note":"felt closer today","metadata":{"run":"r17"}}'
WORDS = "warm calm slow kind open near light clear soft even quiet steady gentle plain".split()

# Makes alice, a token of hers (printed), a lease, and personas that take feedback.
PREPARE = f"""
from datetime import timedelta
from django.utils import timezone
from leases.models import Lease
from leases.tokens import token_create
from personas.models import Persona
from tests.people import grant, make_persona, someone
first = make_persona("bench.0", preferences={{"telemetry": {{"vibe": {{"enabled": True}}}}}})
rows = [Persona(**{{f.attname: getattr(first, f.attname) for f in Persona._meta.fields}}) for _ in range({PERSONAS - 1})]
for number, row in enumerate(rows, 1):
    row.id = f"bench.{{number}}"
Persona.objects.bulk_create(rows)
grant("telemetry:persona:workspace", ttl_secs=86_400)
print(token_create(user=someone("alice"), name="bench", now=timezone.now())[1])
"""


def plain_batch(size: int) -> bytes:
    return json.dumps(
        [{"signal": WORDS[n % 7], "strength": n % 10 / 10} for n in range(size)]
    ).encode()


def distinct_batches(size: int) -> list[bytes]:
    """Bodies of which no note and no value in the metadata occurs twice; 20,000 samples in all."""
    return [
        json.dumps(
            [
                {
                    "signal": WORDS[number % 7],
                    "strength": number % 10 / 10,
                    "note": f"felt {WORDS[number % 13]} and {WORDS[number % 11]} in turn {number}",
                    "metadata": {"run": f"r{number}", "build": WORDS[number % 5]},
                }
                for number in range(first, first + size)
            ]
        ).encode()
        for first in range(0, 20_000, size)
    ]


class Bench:
    """The folder, the token and the figures of one run of the bench."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.folder = folder
        self.seconds = seconds
        self.token = ""
        self.figures: dict[str, Any] = {}
        self.failed: list[str] = []

    @contextmanager
    def product(self, name: str, url: str = "") -> Iterator[Target]:
        """This server on a new database."""
        state = self.folder / name
        (state / "static").mkdir(parents=True)
        env = {
            "ARW_STATE_DIR": str(state),
            "ARW_DATABASE_URL": url or f"sqlite:///{state / 'arw.sqlite3'}",
            "ARW_LOG_LEVEL": "warning",
            "ARW_PERSONA_FEEDBACK_RATE": "1000000000",
            "ARW_PERSONA_FEEDBACK_RATE_PERSONA": "1000000000",
        }
        for command in (["migrate", "-v0"], ["shell", "-v0", "-c", PREPARE]):
            self.token = subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, check=True,
            ).stdout.strip()  # fmt: skip
        log = self.folder / f"{name}.log"
        with served("this server", "product", log, env) as target:
            yield target
        if "Traceback" in log.read_text():
            self.failed.append(f"{name} printed a traceback: {log.read_text()[-3000:]}")

    def script(self, name: str, bodies: list[bytes], personas: int = 1) -> Path:
        paths = [f"/persona/bench.{number}/feedback" for number in range(personas)]
        return script(self.folder, name, paths, bodies, self.token)

    def median(self, name: str, runs: list[Figure], samples: int = 1) -> Figure:
        """Print and keep the medians of the rounds."""
        figure = Figure(
            median(one.rate for one in runs) * samples,
            median(one.p50 for one in runs),
            median(one.p99 for one in runs),
            sum(one.wrong for one in runs),
        )
        self.figures[name] = asdict(figure)
        say(
            f"{name:44} {figure.rate:11,.0f}/s   p50 {figure.p50:7.2f} ms   p99 {figure.p99:7.2f} ms"
            f"   wrong {figure.wrong}"
        )
        if figure.wrong:
            self.failed.append(f"{name}: {figure.wrong} answers were not 202")
        return figure

    def hold(self, what: str, value: float, bar: float, *, most: bool = False) -> None:
        """Compare with a bar: at least, or at ``most``."""
        met = value <= bar if most else value >= bar
        self.figures[what] = {"value": round(value, 3), "bar": bar, "met": met}
        say(f"  {what:60} {value:12,.3f}  (bar {bar:,g})  {'ok' if met else 'MISSED'}")
        if not met:
            self.failed.append(f"{what}: {value:,.3f}, bar {bar:,g}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def single(bench: Bench) -> None:
    """One sample a request, beside an empty application and the plain one."""
    plain = {"PLAIN_DATABASE": str(bench.folder / "plain.sqlite3")}
    with (
        bench.product("single") as own,
        served("tests.bench.empty:application", "uvicorn", bench.folder / "empty.log") as empty,
        served("tests.bench.plain.asgi:application", "daphne", bench.folder / "plain.log", plain) as base,
    ):  # fmt: skip
        lua = bench.script("single", [SINGLE])
        targets = {"this server": own, "empty ASGI app": empty, "plain DRF on daphne": base}
        runs: dict[tuple[str, int], list[Figure]] = {}
        for target in targets.values():
            wrk(target, lua, 8, 1)
        for _ in range(ROUNDS):
            for clients in (1, 8, 32):
                for name, target in targets.items():
                    figure = wrk(target, lua, clients, bench.seconds)
                    runs.setdefault((name, clients), []).append(figure)
        rate = {}
        for (name, clients), figures in sorted(runs.items()):
            rate[name, clients] = bench.median(f"{name}, c={clients}", figures)
    mine, none, base_line = (
        {clients: rate[name, clients].rate for clients in (1, 8, 32)} for name in targets
    )
    bench.hold("c=32, share of the empty app", mine[32] / none[32], 0.15)
    bench.hold("c=32, times the plain app", mine[32] / base_line[32], 35)
    bench.hold("c=1, times the plain app", mine[1] / base_line[1], 12)
    bench.hold("c=32, p99 in ms", rate["this server", 32].p99, 25, most=True)


def batches(bench: Bench) -> None:
    """Batches: samples a second."""
    with bench.product("batches") as own:
        for size in (100, 1000):
            for kind, bodies, bar in (
                ("signal and strength", [plain_batch(size)], 100_000),
                ("distinct notes and metadata", distinct_batches(size), 25_000),
            ):
                lua = bench.script("batches", bodies)
                wrk(own, lua, 8, 1)
                runs = [wrk(own, lua, 8, bench.seconds) for _ in range(ROUNDS)]
                name = f"batches of {size}, {kind}"
                bench.hold(name, bench.median(name, runs, size).rate, bar)


def postgresql(bench: Bench) -> None:
    """One process on PostgreSQL, synchronous commit on."""
    from tests.services.postgresql import PostgreSQL

    server = PostgreSQL()
    try:
        with (
            bench.product("postgresql", server.create("bench")) as own,
            served("tests.bench.empty:application", "uvicorn", bench.folder / "empty.log") as empty,
        ):
            lua = bench.script("pg", [SINGLE])
            many = bench.script("pg-batches", [plain_batch(100)])
            wrk(own, lua, 8, 1)
            mine, none, batched = [], [], []
            for _ in range(ROUNDS):
                mine.append(wrk(own, lua, 32, bench.seconds))
                none.append(wrk(empty, lua, 32, bench.seconds))
                batched.append(wrk(own, many, 8, bench.seconds))
            rate = bench.median("PostgreSQL, single, c=32", mine).rate
            bench.median("PostgreSQL, batches of 100, c=8", batched, 100)
            whole = bench.median("empty ASGI app beside it, c=32", none).rate
            bench.hold("PostgreSQL, c=32, share of the empty app", rate / whole, 0.08)
    finally:
        server.stop()


def growth(bench: Bench) -> None:
    """5,000,000 samples on 1,000 personas: the rate, and the memory on the way."""
    with bench.product("growth") as own:
        lua = bench.script("growth", [plain_batch(100)], PERSONAS)
        fill = bench.script("fill", [plain_batch(1000)], PERSONAS)
        wrk(own, lua, 8, 2)
        total = 0.0
        start = [wrk(own, lua, 8, bench.seconds) for _ in range(ROUNDS)]
        memory = {}
        while total < 5_000_000:
            total += wrk(own, fill, 8, 5).rate * 5 * 1000
            memory[round(total / 1e6, 1)] = round(own.memory, 1)
            if "at 1,000,000" not in memory and total >= 1_000_000:
                memory["at 1,000,000"] = own.memory
        end = [wrk(own, lua, 8, bench.seconds) for _ in range(ROUNDS)]
        before = bench.median("at the start, batches of 100", start, 100).rate
        after = bench.median(f"after {total:,.0f} samples", end, 100).rate
        bench.hold("rate kept after 5,000,000 samples", after / before, 0.9)
        bench.hold("memory after 1,000,000 samples, MiB", memory["at 1,000,000"], 150, most=True)
        bench.figures["memory by million samples, MiB"] = memory
        say(f"  memory by million samples: {memory}")


def main(arguments: list[str]) -> int:
    if shutil.which("wrk") is None:
        say("wrk is missing: install the package of that name")
        return 1
    options = dict(one[2:].split("=", 1) for one in arguments if one.startswith("--"))
    wanted = [one for one in arguments if not one.startswith("--")] or PARTS
    from tests.environment import session_environment

    with tempfile.TemporaryDirectory() as folder:
        for name in [name for name in os.environ if name.startswith("ARW_")]:
            del os.environ[name]
        os.environ.update(session_environment(Path(folder)))
        os.environ["DJANGO_SETTINGS_MODULE"] = "arw_site.settings"
        bench = Bench(Path(folder), float(options.get("seconds", 5)))
        for part in PARTS:
            if part in wanted:
                say(f"-- {part}")
                globals()[part](bench)
    say(json.dumps(bench.figures))
    if "json" in options:
        Path(options["json"]).write_text(json.dumps(bench.figures, indent=2) + "\n")
    for failure in bench.failed:
        say(f"FAILED {failure}")
    return 1 if bench.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
