"""Decisions a second: `python -m tests.bench.bench_decisions [sqlite|postgresql]`.

With no policy, 10 and 1,000 Cedar policies. *Judged* is the pure judgement from facts that were
fetched already; *decided* is the whole decision, with what it reads from the database. Policies
either name a principal each, of whom one asks, or all apply to everybody and are all evaluated.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

ROUNDS = 5
ROUND_SECONDS = 0.4
ROOT = Path(__file__).resolve().parents[2]


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


def report() -> None:
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
    for count, kind in ((0, "named"), (10, "named"), (1000, "named"), (10, "open"), (1000, "open")):
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
        title = f"{count:5,} policies" + (f", {kind}" if count else "")
        sys.stdout.write(
            f"{title:22} judged {pure:10,.0f}/s   decided {whole:8,.0f}/s   load {load:7.1f} ms\n"
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
            command = [sys.executable, "-m", "tests.bench.bench_decisions", "--here"]
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
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    report()


if __name__ == "__main__":
    if "--here" in sys.argv:
        here()
    else:
        for chosen in sys.argv[1:] or ["sqlite", "postgresql"]:
            measure(chosen)
