"""What changing a record costs: `python -m tests.bench.bench_changes [sqlite|postgresql] [--short]`.

Medians on a database of its own that is thrown away: the time on the clock, which neighbours on
the machine lengthen, and that of this process alone. The bars: the review of a 64 KiB record with
500 changed paths in 300 ms, an approval in 50 ms, and none that grows over 10,000 rows of history.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter, process_time
from typing import Any

from tests.bench.report import Report
from tests.bench.running import Arguments, found_on, prepare_here

ROUNDS = 15
HISTORY = {"sqlite": 10_000, "postgresql": 2_000}
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
HOW = (
    "In one process without a server around it: through the services, and the review page through "
    "Django's own client. Time on the clock; in brackets what the process itself took."
)
Figure = tuple[float, float]


def milliseconds(
    work: Callable[[Any], object], rounds: int = ROUNDS, prepare: Callable[[], Any] = lambda: None
) -> Figure:
    """The medians of the rounds: by the clock, and of this process. ``prepare`` is not counted."""
    clock, process = [], []
    for _ in range(rounds):
        prepared = prepare()
        start, began = perf_counter(), process_time()
        work(prepared)
        clock.append((perf_counter() - start) * 1e3)
        process.append((process_time() - began) * 1e3)
    return median(clock), median(process)


def large_record() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Traits of nearly 64 KiB, and a diff of five fields that changes 500 paths in them."""
    groups = {
        f"group{at}": {f"trait{each}": f"{at}.{each} " + "x" * 100 for each in range(100)}
        for at in range(5)
    }
    diff = [
        {
            "op": "replace",
            "path": f"/traits/{name}",
            "value": {key: f"{value[:8]}y" for key, value in group.items()},
        }
        for name, group in groups.items()
    ]
    return groups, diff


def measure(history: int) -> dict[str, Figure]:
    """All figures, by name."""
    from django.test import Client
    from django.utils import timezone

    from personas.models import Persona
    from personas.services.decisions import proposal_approve
    from personas.services.proposals import proposal_submit
    from personas.verification import persona_verify
    from tests.people import grant, make_persona, someone

    alice, bob = someone("alice"), someone("bob")
    small, (traits, diff) = make_persona("bench.small"), large_record()
    large = make_persona("bench.large", traits=traits)
    grant(ttl_secs=86_400)
    count = iter(range(10**9))

    def submit(persona: Persona, wanted: Any = None) -> Any:
        value = [{"op": "add", "path": "/traits/n", "value": next(count)}]
        return proposal_submit(
            actor=alice, persona_id=persona.id, diff=wanted or value, now=timezone.now()
        )

    def approve(proposal: Any) -> None:
        proposal_approve(actor=bob, proposal_id=proposal.pk, now=timezone.now())

    def approvals(persona: Persona) -> Figure:
        return milliseconds(approve, ROUNDS * 2, lambda: submit(persona))

    figures = {
        "submit": milliseconds(lambda _: submit(small)),
        "submit, large": milliseconds(lambda _: submit(large, diff), 3),
    }
    # Alone in the queue, as the others would be compared with it.
    large.proposals.all().delete()
    small.proposals.all().delete()
    proposal = submit(large, diff)
    client = Client()
    client.force_login(bob, backend="leases.authentication.PeopleBackend")
    page = proposal.get_absolute_url()
    assert client.get(page).status_code == 200
    figures["review page, large"] = milliseconds(lambda _: client.get(page))
    figures["approve, first rows"] = approvals(small)
    figures["approve, large"] = milliseconds(approve, 1, lambda: proposal)
    lengthen(small, history)
    figures["approve, after all rows"] = approvals(small)
    small.refresh_from_db()
    assert persona_verify(small).ok
    figures["verify all rows"] = milliseconds(lambda _: persona_verify(small), 3)
    return figures


def lengthen(persona: Any, history: int) -> None:
    """Give the persona so many rows of history, by the one path on which records are written."""
    from django.db import transaction
    from django.utils import timezone

    from personas.models import HistoryEntry
    from personas.services.records import record_apply
    from tests.people import someone

    dana, now = someone("dana"), timezone.now()
    persona.refresh_from_db()
    with transaction.atomic():
        for version in range(persona.version, history):
            record_apply(
                persona_id=persona.id,
                base_version=version,
                ops=[{"op": "add", "path": "/traits/k", "value": version}],
                kind=HistoryEntry.Kind.CONSENT,
                actor=dana,
                now=now,
            )


def tell(report: Report, database: str, found: dict[str, Figure], history: int) -> None:
    large, rows = "64 KiB and 500 paths", f"after {history:,} rows of history"
    for name, what, bar in (
        ("submit", "submit, small record", None),
        ("submit, large", f"submit, {large}", None),
        ("review page, large", f"review page, {large}", 300),
        ("approve, first rows", "approve, first rows of history", 50),
        ("approve, after all rows", f"approve, {rows}", 50),
        ("approve, large", f"approve, {large}", None),
        ("verify all rows", f"verify {history:,} rows", None),
    ):
        clock, process = found[name]
        note = f"{process:.1f} ms its own"
        headline = bar is not None and database == "sqlite"
        report.row(
            f"{DATABASES[database]}: {what}", clock, "ms", most=bar, note=note, headline=headline
        )
    # By the process' own time: a neighbour must not look like growth.
    grown = found["approve, after all rows"][1] / found["approve, first rows"][1]
    report.row(f"{DATABASES[database]}: approve, {rows}, times the first", grown, most=1.25)


def main(arguments: list[str]) -> int:
    given = Arguments.read("bench_changes", arguments)
    report = given.report("changes", "Proposals and reviews", HOW)
    for database in given.chosen(list(DATABASES)):
        history = 500 if given.short else HISTORY[database]
        found = found_on(database, "tests.bench.bench_changes", str(history))
        tell(report, database, found, history)
    return report.close()


if __name__ == "__main__":
    if "--here" in sys.argv:
        prepare_here()
        sys.stdout.write(json.dumps(measure(int(sys.argv[2]))) + "\n")
    else:
        sys.exit(main(sys.argv[1:]))
