"""How long proposals have been waiting, for alerts (contract §12)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

from django.db import DatabaseError, InterfaceError
from django.db.models import Min
from django.utils import timezone
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from personas.models import Proposal

logger = logging.getLogger(__name__)


class PendingAge(Collector):
    """Looked up in the database whenever it is asked for: all nodes say the same."""

    def describe(self) -> Iterable[Metric]:
        """The name alone: registering reads nothing."""
        return [self._family()]

    def collect(self) -> Iterator[Metric]:
        """The gauge now; without a sample where the database does not answer."""
        family, now = self._family(), timezone.now()
        try:
            first = Proposal.objects.pending_at(now).aggregate(first=Min("created_at"))["first"]
        except (DatabaseError, InterfaceError):
            logger.exception("pending_age_unavailable")
        else:
            age = (now - first).total_seconds() if first else 0.0
            family.add_metric([], max(0.0, age))
        yield family

    @staticmethod
    def _family() -> GaugeMetricFamily:
        text = "Age of the oldest proposal that can still be decided; 0 without one."
        return GaugeMetricFamily("arw_persona_proposal_oldest_pending_seconds", text, labels=[])
