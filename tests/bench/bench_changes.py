"""What changing a record costs, in ms: `python -m tests.bench.bench_changes [sqlite|postgresql]`.

Medians on a database of its own that is thrown away: the time on the clock, which neighbours on
the machine lengthen, and that of this process alone. The bars: the review of a
64 KiB record with 500 changed paths in 300 ms, an approval in 50 ms, and none that grows over
10,000 rows of history.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

ROUNDS = 15
HISTORY = 10_000
ROOT = Path(__file__).resolve().parents[2]


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


def report() -> dict[str, Figure]:
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
        "submit, small record": milliseconds(lambda _: submit(small)),
        "submit, 64 KiB and 500 paths": milliseconds(lambda _: submit(large, diff), 3),
    }
    # Alone in the queue, as the others would be compared with it.
    large.proposals.all().delete()
    small.proposals.all().delete()
    proposal = submit(large, diff)
    client = Client()
    client.force_login(bob, backend="leases.authentication.PeopleBackend")
    page = proposal.get_absolute_url()
    assert client.get(page).status_code == 200
    figures["review page, 64 KiB and 500 paths"] = milliseconds(lambda _: client.get(page))
    figures["approve, first rows of history"] = approvals(small)
    figures["approve, 64 KiB and 500 paths"] = milliseconds(approve, 1, lambda: proposal)
    lengthen(small)
    figures[f"approve, after {HISTORY:,} rows"] = approvals(small)
    small.refresh_from_db()
    assert persona_verify(small).ok
    figures[f"verify {HISTORY:,} rows"] = milliseconds(lambda _: persona_verify(small), 3)
    return figures


def lengthen(persona: Any) -> None:
    """Give the persona a history of 10,000 rows, by the one path on which records are written."""
    from django.db import transaction
    from django.utils import timezone

    from personas.models import HistoryEntry
    from personas.services.records import record_apply
    from tests.people import someone

    dana, now = someone("dana"), timezone.now()
    persona.refresh_from_db()
    with transaction.atomic():
        for version in range(persona.version, HISTORY):
            record_apply(
                persona_id=persona.id,
                base_version=version,
                ops=[{"op": "add", "path": "/traits/k", "value": version}],
                kind=HistoryEntry.Kind.CONSENT,
                actor=dana,
                now=now,
            )


def measure(database: str) -> None:
    """The figures of one database, printed by a process of its own."""
    server = None
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.sqlite3"
        if database == "postgresql":
            from tests.services.postgresql import PostgreSQL

            server = PostgreSQL()
            server.create("bench")
            url = server.url("bench")
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ARW_")},
            "ARW_SECRET_KEY": secrets.token_urlsafe(40),
            "ARW_PSEUDONYM_KEY": secrets.token_urlsafe(40),
            "ARW_STATE_DIR": folder,
            "ARW_DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "arw_site.settings",
        }
        try:
            command = [sys.executable, "-m", "tests.bench.bench_changes", "--here"]
            sys.stdout.write(f"-- {database}\n")
            sys.stdout.flush()
            subprocess.run(command, cwd=ROOT, env=env, check=True)
        finally:
            if server is not None:
                server.stop()


def here() -> None:
    """Measure in this process, on the database of the environment."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    (Path(settings.STATIC_ROOT)).mkdir(parents=True, exist_ok=True)
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    call_command("migrate", verbosity=0)
    for title, (clock, process) in report().items():
        sys.stdout.write(f"{title:36} {clock:9.1f} ms, of which {process:7.1f} ms its own\n")


if __name__ == "__main__":
    if "--here" in sys.argv:
        here()
    else:
        for chosen in sys.argv[1:] or ["sqlite", "postgresql"]:
            measure(chosen)
