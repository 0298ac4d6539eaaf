"""Taking feedback: `python -m tests.bench.bench_ingestion [PART …] [--short] [--seconds=N] [--personas=N]`.

Parts: single, batches, postgresql, growth. Real servers, wrk beside them, every check, sanitizer,
metrics and events on. What is compared runs in turns, and medians of the rounds are compared: this
machine's neighbours slow all of them alike. An answer that is not 202 fails the bench. With
`--personas` the samples of the part on PostgreSQL are about so many, by turns.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from tests.bench.ingestion_growth import growth
from tests.bench.ingestion_postgresql import postgresql
from tests.bench.load import Figure, served, wrk
from tests.bench.products import SINGLE, Products, distinct_batches, plain_batch
from tests.bench.running import Arguments, need, own_environment

CLIENTS = (1, 32)
Part = Callable[[Products, Arguments], None]


def single(bench: Products, given: Arguments) -> None:
    plain = {"PLAIN_DATABASE": str(bench.folder / "plain.sqlite3")}
    application = "tests.bench.plain.asgi:application"
    with (
        bench.product("single") as own,
        bench.empty() as empty,
        served(application, "daphne", bench.folder / "plain.log", plain) as base,
    ):
        lua = bench.script("single", [SINGLE])
        targets = {"this server": own, "empty ASGI app": empty, "plain DRF on daphne": base}
        runs: dict[tuple[str, int], list[Figure]] = {}
        for target in targets.values():
            wrk(target, lua, 8, 1)
        for _ in range(given.rounds()):
            for clients in CLIENTS:
                for name, target in targets.items():
                    figure = wrk(target, lua, clients, bench.seconds)
                    runs.setdefault((name, clients), []).append(figure)
    found = {
        key: bench.median(f"{key[0]}, c={key[1]}", runs[key])
        for key in ((name, clients) for name in targets for clients in CLIENTS)
    }
    mine, none, base_line = (
        {clients: found[name, clients].rate for clients in CLIENTS} for name in targets
    )
    row = bench.report.row
    row("c=32, share of the empty app", mine[32] / none[32], least=0.15, headline=True)
    row("c=32, times the plain app", mine[32] / base_line[32], least=35, headline=True)
    row("c=1, times the plain app", mine[1] / base_line[1], least=12, headline=True)
    row("c=32, p99", found["this server", 32].p99, "ms", most=25, headline=True)


def batches(bench: Products, given: Arguments) -> None:
    with bench.product("batches") as own:
        for size in (100, 1000):
            for kind, bodies, bar in (
                ("signal and strength", [plain_batch(size)], 100_000),
                ("distinct notes and metadata", distinct_batches(size), 25_000),
            ):
                lua = bench.script("batches", bodies)
                wrk(own, lua, 8, 1)
                runs = [wrk(own, lua, 8, bench.seconds) for _ in range(given.rounds())]
                bench.median(f"batches of {size}, {kind}", runs, size, least=bar)


PARTS: dict[str, tuple[Part, str, str, str]] = {
    "single": (
        single,
        "ingestion.1-single",
        "Ingestion: one sample a request",
        (
            "SQLite, one process; a signal, a strength, a short note and one key of metadata. In turns "
            "with an empty ASGI application on the same server software, and with plain Django REST "
            "framework on daphne, which checks nothing."
        ),
    ),
    "batches": (
        batches,
        "ingestion.2-batches",
        "Ingestion: batches",
        "SQLite, one process, 8 clients. Each distinct note and value is sanitized.",
    ),
    "postgresql": (
        postgresql,
        "ingestion.3-postgresql",
        "Ingestion: PostgreSQL",
        (
            "Synchronous commit and fsync on, 32 clients with one sample a request: one process, one "
            "process with Redis, and two processes behind one port with Redis, in turns. The database, "
            "Redis and wrk compete with them for the same cores."
        ),
    ),
    "growth": (
        growth,
        "growth",
        "Ingestion: as work grows",
        (
            "SQLite, one process, 1,000 personas. Rates are shares of what an empty application "
            "answers at the same time; in between, batches of 1,000 from 8 clients."
        ),
    ),
}


def main(arguments: list[str]) -> int:
    given = Arguments.read("bench_ingestion", arguments)
    need("wrk")
    worst = 0
    for name in given.chosen(list(PARTS)):
        part, key, title, how = PARTS[name]
        report = given.report(key, title, how, name)
        seconds = int(given.options.get("seconds", 1 if given.short else 2))
        with own_environment() as folder:
            part(Products(folder, seconds, report), given)
        worst = max(worst, report.close())
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
