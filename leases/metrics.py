"""What Prometheus is told of leases (contract §12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from django.utils import timezone
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class LeasesLive(Collector):
    """``arw_leases_live``: counted in the database when it is asked for, so all nodes agree."""

    def describe(self) -> Iterable[Metric]:
        """Its name without a count: registering asks the database nothing."""
        return [_gauge()]

    def collect(self) -> Iterator[Metric]:
        from django.db import DatabaseError

        from leases.models import Lease

        gauge = _gauge()
        # A database that does not answer takes this one number away, and not the whole page.
        with suppress(DatabaseError):
            gauge.add_metric([], Lease.objects.active_at(timezone.now()).count())
        yield gauge


def register() -> None:
    """Let ``/metrics`` show it. Once a process."""
    REGISTRY.register(LeasesLive())


def _gauge() -> GaugeMetricFamily:
    return GaugeMetricFamily("arw_leases_live", "Leases that are in force.", labels=[])
