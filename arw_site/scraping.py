"""What one scrape of ``/metrics`` sees, on a node of one process or of several (contract §12).

What is counted lives in each process. Where a node has several, ``python -m arw_site.run`` names
a folder in ``PROMETHEUS_MULTIPROC_DIR``, prometheus_client keeps the numbers of all of them there,
and whichever process is asked adds them up. What is state is looked up when it is asked for, once,
by the process that was asked.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from django.conf import settings
from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from arw_site import health
from telemetry.door.metering import add_what_was_served
from telemetry.metrics.gauges import persona_gauges
from telemetry.metrics.pending_age import PendingAge

FOLDER = "PROMETHEUS_MULTIPROC_DIR"

# State that the apps register for themselves; a process' own counters are not among them.
STATE = ("arw_leases_live",)

# When a series began is nothing that anybody asks, and would be every third line of the page.
disable_created_metrics()


class Dependencies(Collector):
    """``arw_dependency_up``: whether what the server depends on answers."""

    def describe(self) -> Iterable[Metric]:
        """The name alone: registering asks nothing."""
        return [self._family()]

    def collect(self) -> Iterator[Metric]:
        family = self._family()
        family.add_metric(["database"], float(health.database_state() == "ok"))
        if settings.ARW_REDIS_URL:
            family.add_metric(["redis"], float(health.redis_state() == "ok"))
        yield family

    @staticmethod
    def _family() -> GaugeMetricFamily:
        text = "1 while the part that the server depends on answers, else 0."
        return GaugeMetricFamily("arw_dependency_up", text, labels=["dependency"])


def metrics_page() -> bytes:
    """Everything, in Prometheus' text format."""
    add_what_was_served()
    looked_up = CollectorRegistry()
    looked_up.register(Dependencies())
    looked_up.register(PendingAge())
    pages = [generate_latest(looked_up), generate_latest(persona_gauges())]
    if os.environ.get(FOLDER):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)
        pages += [generate_latest(counted), generate_latest(REGISTRY.restricted_registry(STATE))]
    else:
        pages.append(generate_latest(REGISTRY))
    return b"".join(pages)
