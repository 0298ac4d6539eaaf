"""`manage.py sweep [--json]`: everything that time has made due, once."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from arw_site.sweeps import SWEEPS, run_sweeps


class Command(BaseCommand):
    help = (
        "Writes down expired proposals, reminds of those about to expire, sends waiting messages "
        "and deletes what is too old. For a timer, where ARW_WORKER is off; it can run at any time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the outcome as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        swept = run_sweeps(SWEEPS, clock=timezone.now)
        failed = {name: type(error).__name__ for name, error in swept.failures.items()}
        if options["json"]:
            self.stdout.write(json.dumps({**swept.amounts, "failed": failed}, sort_keys=True))
        elif options["verbosity"]:
            for name, amount in swept.amounts.items():
                self.stdout.write(f"{name.replace('_', ' ')}: {amount}")
        if failed:
            raise CommandError(", ".join(f"{name} failed ({why})" for name, why in failed.items()))
