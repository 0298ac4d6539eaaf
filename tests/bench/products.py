"""This server on a database of its own, prepared for feedback, and the bodies that it is sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.bench.load import ROOT, Figure, Target, script, served
from tests.bench.report import Report

PERSONAS = 1000
SINGLE = b'{"signal":"warmer","strength":0.7,"note":"felt closer today","metadata":{"run":"r17"}}'
WORDS = "warm calm slow kind open near light clear soft even quiet steady gentle plain".split()
EMPTY = "tests.bench.empty:application"
HIGH = {
    "ARW_LOG_LEVEL": "warning",
    "ARW_PERSONA_FEEDBACK_RATE": "1000000000",
    "ARW_PERSONA_FEEDBACK_RATE_PERSONA": "1000000000",
}

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


class Products:
    """Servers below one folder. ``token`` is that of the newest one."""

    def __init__(self, folder: Path, seconds: int, report: Report) -> None:
        self.folder = folder
        self.seconds = seconds
        self.report = report
        self.token = ""

    @contextmanager
    def product(self, name: str, url: str = "", **env: str) -> Iterator[Target]:
        """This server on a new database, with any further settings."""
        state = self.folder / name
        (state / "static").mkdir(parents=True)
        settings = {
            **HIGH,
            "ARW_STATE_DIR": str(state),
            "ARW_DATABASE_URL": url or f"sqlite:///{state / 'arw.sqlite3'}",
            "AGENTWELLNESS_HOME": str(state / "wellness"),
            **env,
        }
        for command in (["migrate", "-v0"], ["shell", "-v0", "-c", PREPARE]):
            self.token = subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, check=True,
            ).stdout.strip()  # fmt: skip
        log = self.folder / f"{name}.log"
        with served("this server", "product", log, settings) as target:
            yield target
        if "Traceback" in (printed := log.read_text()):
            self.report.wrong(f"{name} printed a traceback: {printed[-3000:]}")

    @contextmanager
    def empty(self) -> Iterator[Target]:
        """The application that does nothing, on the same server software."""
        with served(EMPTY, "uvicorn", self.folder / "empty.log") as target:
            yield target

    def script(self, name: str, bodies: Sequence[bytes], personas: int = 1) -> Path:
        """A script for wrk, as the person whose token is the newest."""
        paths = [f"/persona/bench.{number}/feedback" for number in range(personas)]
        return script(self.folder, name, paths, bodies, self.token)

    def median(
        self, what: str, runs: Sequence[Figure], samples: int = 1, least: float | None = None
    ) -> Figure:
        """A row of the medians of the rounds; anything but 2xx in any of them is wrong."""
        figure = Figure(
            median(one.rate for one in runs) * samples,
            median(one.p50 for one in runs),
            median(one.p99 for one in runs),
            sum(one.wrong for one in runs),
        )
        note = f"p50 {figure.p50:.2f} ms, p99 {figure.p99:.2f} ms"
        unit = "/s" if samples == 1 else "samples/s"
        self.report.row(what, figure.rate, unit, least=least, note=note)
        if figure.wrong:
            self.report.wrong(f"{what}: {figure.wrong} answers were not 2xx")
        if not all(one.rate for one in runs):
            self.report.wrong(f"{what}: a run without an answer")
        return figure
