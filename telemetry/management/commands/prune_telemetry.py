from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from telemetry.services.erasure import telemetry_prune


class Command(BaseCommand):
    """Run it by a timer: reads filter by age anyway, this one frees the space."""

    help = "Deletes feedback samples past their maximum age, and idempotency keys past 24 hours."

    def handle(self, *args: Any, **options: Any) -> None:
        pruned = telemetry_prune(now=timezone.now())
        self.stdout.write(f"Deleted {pruned['samples']} samples and {pruned['keys']} keys.")
