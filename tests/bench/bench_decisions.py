"""Decisions a second: `python -m tests.bench.bench_decisions [sqlite|postgresql] [--short]`.

With no policy, 10 and 1,000 Cedar policies.
"""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

from tests.bench.report import Report
from tests.bench.running import Arguments, found_on, prepare_here

ROUNDS = 3
ROUND_SECONDS = 0.3
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
CASES = ((0, "named"), (10, "named"), (1000, "named"), (10, "open"), (1000, "open"))
HOW = (
    "In one process. *Judged* is the pure judgement from facts that were fetched already; *decided* "
    "is the whole decision, with what it reads from the database. Policies either name a principal "
    "each, of whom one asks, or all apply to everybody and are all evaluated."
)


def per_second(work: Callable[[], object]) -> float:
    """The median of the rounds."""
    work()
    rates = []
    for _ in range(ROUNDS):
        done, start = 0, perf_counter()
        while perf_counter() - start < ROUND_SECONDS:
            work()
            done += 1
        rates.append(done / (perf_counter() - start))
    return median(rates)


def policies(count: int, kind: str, subject: str) -> str:
    """So many Cedar policies, as text; the last one is about ``subject``."""
    names = [str(uuid.UUID(int=each)) for each in range(count - 1)] + [subject]
    if kind == "named":
        lines = [
            f'permit(principal == Principal::"{name}", action, resource)'
            ' when { context.scope == "workspace" };'
            for name in names[:count]
        ]
    else:
        lines = [
            f'permit(principal, action, resource) when {{ context.subject == "{name}" }};'
            for name in names[:count]
        ]
    return "\n".join(lines)


def measure() -> list[dict[str, Any]]:
    """One for each of ``CASES``."""
    from django.db import transaction
    from django.utils import timezone

    from leases.authorization import judged, leases_live, question_for
    from leases.capabilities import PERSONA_MANAGE, Resource
    from leases.policy.document import policy_parse
    from leases.policy.judgement import judge
    from leases.services.policy_loading import policy_activate, policy_in_force
    from tests.people import grant, someone

    alice, resource = someone("alice"), Resource("persona.alpha", "workspace", "local")
    grant(ttl_secs=86_400)
    now = timezone.now()
    found = []
    for count, kind in CASES:
        document = {"cedar": {"policy": policies(count, kind, str(alice.id))}} if count else {}
        parsed = policy_parse(json.dumps(document), read_file=lambda name: name)
        start = perf_counter()
        policy_activate(document=parsed, actor=None, now=now)
        policy = policy_in_force()
        load = (perf_counter() - start) * 1e3
        question, leases = question_for(alice, PERSONA_MANAGE, resource), leases_live(alice, now)

        def decide() -> None:
            with transaction.atomic():
                assert judged(actor=alice, action=PERSONA_MANAGE, resource=resource, now=now)

        pure = per_second(lambda: judge(question, policy, leases, now=now))  # noqa: B023  run here
        whole = per_second(decide)
        found.append({"judged": pure, "decided": whole, "load": load})
    return found


def tell(report: Report, database: str, found: list[dict[str, Any]]) -> None:
    for (count, kind), one in zip(CASES, found, strict=True):
        what = f"{count:,} policies" + (f", {kind}" if count else "")
        if database == "sqlite":  # the same on either
            report.row(f"{what}: judged", one["judged"], "/s")
            report.row(f"{what}: put in force", one["load"], "ms")
        report.row(f"{DATABASES[database]}, {what}: decided", one["decided"], "/s")


def main(arguments: list[str]) -> int:
    given = Arguments.read("bench_decisions", arguments)
    report = given.report("decisions", "Policy decisions", HOW)
    for database in given.chosen(["sqlite"] if given.short else list(DATABASES)):
        tell(report, database, found_on(database, "tests.bench.bench_decisions"))
    return report.close()


if __name__ == "__main__":
    if "--here" in sys.argv:
        prepare_here()
        sys.stdout.write(json.dumps(measure()) + "\n")
    else:
        sys.exit(main(sys.argv[1:]))
