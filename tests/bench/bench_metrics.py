"""What counting and clamping cost ingestion, in µs: `python -m tests.bench.bench_metrics [--short]`.

The bars, in memory: 500 µs for a request of 1,000 samples; 5 µs a request in groups of 32 for
rate, metrics and Prometheus together.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from time import perf_counter, process_time
from uuid import UUID

from telemetry.metrics.counters import counters
from telemetry.metrics.interface import Metrics
from telemetry.metrics.memory import MemoryMetrics
from telemetry.metrics.redis_store import RedisMetrics
from telemetry.metrics.tally import Entry, tallies
from telemetry.rates.buckets import Limits, MemoryBuckets, Wanted
from telemetry.rates.redis_buckets import RedisBuckets
from telemetry.redis_link import RedisLink
from telemetry.samples import Sample
from tests.bench.report import Report
from tests.bench.running import Arguments
from tests.services.redis import RedisServer

GROUP = 32
ROUNDS = 200
CALLS = 20
BATCH_BAR = 500.0
REQUEST_BAR = 5.0
HALF_LIFE = 86_400
HOW = (
    "In this process, best of many short rounds of CPU time, and of time on the clock where a Redis "
    "on loopback answers. Groups are of 32 requests."
)
LIMITS = Limits(10**9, 10**9)


def microseconds(work: Callable[[], object], clock: Callable[[], float] = process_time) -> float:
    """The best round: what the work costs, not what else the machine did."""
    rounds = []
    for _ in range(ROUNDS):
        start = clock()
        for _ in range(CALLS):
            work()
        rounds.append((clock() - start) / CALLS * 1e6)
    return min(rounds)


def batch(names: int) -> list[Entry]:
    """A request of 1,000 samples under so many signals."""
    random = Random(names)
    samples = [Sample(signal=f"s{n % names}", strength=random.random()) for n in range(1000)]
    return [Entry("persona.alpha", samples)]


def group(personas: int) -> tuple[list[Entry], list[Wanted]]:
    """Requests of one sample each, spread over so many personas and principals."""
    random = Random(personas)
    entries, wanted = [], []
    for n in range(GROUP):
        persona = f"persona-{n % personas}"
        sample = Sample(signal=random.choice(["warmer", "cooler"]), strength=random.random())
        entries.append(Entry(persona, (sample,)))
        wanted.append((str(UUID(int=n % personas)), persona))
    return entries, wanted


def ingested(metrics: Metrics, entries: list[Entry], now: datetime) -> None:
    brought = tallies(entries)
    counters.count(brought, without=metrics.add(brought, now))


def in_memory(report: Report, now: datetime) -> None:
    metrics, buckets = MemoryMetrics(HALF_LIFE, now), MemoryBuckets()
    for names in (5, 50, 1000):
        entries = batch(names)
        spent = microseconds(lambda entries=entries: metrics.record(entries, now))
        bar = BATCH_BAR if names <= 50 else None
        report.row(f"memory: 1,000 samples under {names:,} signals", spent, "µs", most=bar)
    for personas in (1, GROUP):
        entries, wanted = group(personas)
        rate = microseconds(lambda wanted=wanted: buckets.take(wanted, LIMITS, now.timestamp()))
        count = microseconds(lambda entries=entries: ingested(metrics, entries, now))
        spent = (rate + count) / GROUP
        what = f"memory: one request of a group about {personas} personas"
        report.row(what, spent, "µs", most=REQUEST_BAR)


def in_redis(report: Report, url: str, now: datetime) -> None:
    link = RedisLink(url)
    metrics, buckets = RedisMetrics(link, HALF_LIFE), RedisBuckets(link)
    for personas in (1, GROUP):
        entries, wanted = group(personas)
        rate = microseconds(
            lambda wanted=wanted: buckets.take(wanted, LIMITS, now.timestamp()), perf_counter
        )
        count = microseconds(lambda entries=entries: metrics.record(entries, now), perf_counter)
        report.row(f"Redis: rates of a group about {personas} personas", rate, "µs")
        report.row(f"Redis: metrics of a group about {personas} personas", count, "µs")
    link.close()


def main(arguments: list[str]) -> int:
    given = Arguments.read("bench_metrics", arguments)
    report = given.report("metrics", "Metrics and rate clamp", HOW)
    now = datetime.now(UTC)
    in_memory(report, now)
    server = RedisServer()
    try:
        in_redis(report, server.url, now)
    finally:
        server.stop()
    return report.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
