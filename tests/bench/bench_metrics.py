"""What counting and clamping cost ingestion, in µs: `python -m tests.bench.bench_metrics`.

Best of many short rounds of CPU time, in memory, and of wall-clock time with a Redis on loopback.
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
from tests.services.redis import RedisServer

GROUP = 32
ROUNDS = 200
CALLS = 20
BATCH_BAR = 500.0
REQUEST_BAR = 5.0
HALF_LIFE = 86_400
LIMITS = Limits(10**9, 10**9)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


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


def in_memory(now: datetime) -> list[str]:
    """Prints the figures; returns the bars that were missed."""
    missed = []
    metrics, buckets = MemoryMetrics(HALF_LIFE, now), MemoryBuckets()
    for names in (5, 50, 1000):
        entries = batch(names)
        spent = microseconds(lambda entries=entries: metrics.record(entries, now))
        say(f"memory: 1,000 samples under {names:>5,} signals        {spent:8.1f} µs")
        if names <= 50 and spent > BATCH_BAR:
            missed.append(f"1,000 samples under {names} signals: {spent:.0f} µs")
    for personas in (1, GROUP):
        entries, wanted = group(personas)
        rate = microseconds(lambda wanted=wanted: buckets.take(wanted, LIMITS, now.timestamp()))
        count = microseconds(lambda entries=entries: ingested(metrics, entries, now))
        spent = (rate + count) / GROUP
        say(f"memory: one of {GROUP} requests about {personas:>2} personas    {spent:8.2f} µs")
        if spent > REQUEST_BAR:
            missed.append(f"a request of {GROUP} about {personas} personas: {spent:.1f} µs")
    return missed


def in_redis(url: str, now: datetime) -> None:
    link = RedisLink(url)
    metrics, buckets = RedisMetrics(link, HALF_LIFE), RedisBuckets(link)
    for personas in (1, GROUP):
        entries, wanted = group(personas)
        rate = microseconds(
            lambda wanted=wanted: buckets.take(wanted, LIMITS, now.timestamp()), perf_counter
        )
        count = microseconds(lambda entries=entries: metrics.record(entries, now), perf_counter)
        say(
            f"redis:  {GROUP} requests about {personas:>2} personas: rate {rate:6.0f} µs, "
            f"metrics {count:6.0f} µs"
        )
    link.close()


def main() -> int:
    now = datetime.now(UTC)
    missed = in_memory(now)
    server = RedisServer()
    try:
        in_redis(server.url, now)
    finally:
        server.stop()
    for line in missed:
        say(f"MISSED: {line}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
