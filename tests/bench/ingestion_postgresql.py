"""Feedback on PostgreSQL: one process, and two that share metrics and events in Redis."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.load import Figure, Target, wrk
from tests.bench.products import SINGLE, Products, plain_batch
from tests.bench.running import Arguments
from tests.services.postgresql import PostgreSQL
from tests.services.redis import RedisServer

ONE, WITH_REDIS, TWO = "one process", "one process with Redis", "two processes with Redis"
EMPTY = "empty ASGI app"


@dataclass(frozen=True)
class Run:
    """What wrk saw, and µs of CPU that the server's processes spent on a request."""

    figure: Figure
    spent: float


def postgresql(bench: Products, given: Arguments) -> None:
    personas = int(given.options.get("personas", 1))
    database, redis = PostgreSQL(durable=True), RedisServer()
    other = RedisServer()
    try:
        with ExitStack() as stack:
            settings = {
                ONE: {},
                WITH_REDIS: {"ARW_REDIS_URL": redis.url},
                TWO: {"ARW_REDIS_URL": other.url, "ARW_PROCESSES": "2"},
            }
            targets, scripts = {}, {}
            for number, (name, env) in enumerate(settings.items()):
                url = database.create(f"bench{number}")
                targets[name] = stack.enter_context(bench.product(f"pg{number}", url, **env))
                scripts[name] = bench.script(f"pg{number}", [SINGLE], personas)
            targets[EMPTY], scripts[EMPTY] = stack.enter_context(bench.empty()), scripts[ONE]
            for name, target in targets.items():
                wrk(target, scripts[name], 8, 2)
            runs: dict[str, list[Run]] = {name: [] for name in targets}
            for _ in range(given.rounds()):
                for name, target in targets.items():
                    runs[name].append(one_run(target, scripts[name], bench.seconds))
            many = bench.script("pg-batches", [plain_batch(100)])
            batched = [wrk(targets[TWO], many, 8, bench.seconds) for _ in range(given.rounds())]
        compare(bench, runs)
        bench.median("two processes with Redis, batches of 100, c=8", batched, 100)
    finally:
        database.stop()
        redis.stop()
        other.stop()


def one_run(target: Target, lua: Path, seconds: int) -> Run:
    before = target.cpu
    figure = wrk(target, lua, 32, seconds)
    return Run(figure, (target.cpu - before) / (figure.rate * seconds) * 1e6)


def compare(bench: Products, runs: dict[str, list[Run]]) -> None:
    """The rows: rates beside the empty application, and two processes beside one."""
    found = {
        name: bench.median(f"{name}, c=32", [run.figure for run in several])
        for name, several in runs.items()
    }
    spent = {name: median(run.spent for run in several) for name, several in runs.items()}
    row = bench.report.row
    for name in (ONE, WITH_REDIS, TWO):
        row(f"{name}, CPU of a request", spent[name], "µs")
    share = found[ONE].rate / found[EMPTY].rate
    row("one process, share of the empty app", share, least=0.08, headline=True)
    times = found[TWO].rate / found[ONE].rate
    row("two processes, times the rate of one", times, least=1, headline=True)
    row("two processes, times the CPU of one", spent[TWO] / spent[ONE], most=1.25, headline=True)
