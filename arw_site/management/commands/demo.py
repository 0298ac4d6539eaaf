"""`manage.py demo [--reset] [--yes]`: the data of the tour."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from arw_site.demo.loading import Loaded, OthersAreHere, demo_load


class Command(BaseCommand):
    help = (
        "Adds the demo: four people, three personas, proposals to decide, consent for one persona, "
        "and the leases of the tour. Running it again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--reset",
            action="store_true",
            help="put the demo's personas, proposals, leases and roles back as on the first day",
        )
        parser.add_argument(
            "--yes",
            action="store_true",
            help="also where personas are that are not the demo's (they stay as they are)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = demo_load(
                now=timezone.now(), reset=options["reset"], among_others=options["yes"]
            )
        except OthersAreHere as refusal:
            raise CommandError(
                f"{refusal}: nothing was changed. With --yes the demo goes beside them, and its "
                "leases let anyone signed in propose for them too"
            ) from None
        if options["verbosity"]:
            self.stdout.write("\n".join(_lines(loaded)))


def _lines(loaded: Loaded) -> list[str]:
    lines = [
        *(f"person    {name}" for name in loaded.people),
        *(f"persona   {name}" for name in loaded.personas),
        *([f"proposals {loaded.proposals} pending"] if loaded.proposals else []),
        *(f"lease     {capability}" for capability in loaded.leases),
    ]
    return lines or ["the demo is in place already; nothing was changed"]
