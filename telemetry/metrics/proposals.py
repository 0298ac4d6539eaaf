"""What Prometheus is told of proposals: how many there are, and how long deciding took
(contract §12)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.db.models import Count, Q
from django.dispatch import receiver
from django.utils import timezone
from prometheus_client import Histogram
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from personas.models import Proposal
from personas.signals import proposal_approved, proposal_rejected

logger = logging.getLogger(__name__)

MINUTE, HOUR, DAY = 60, 3600, 86_400
DECISION_SECONDS = Histogram(
    "arw_persona_proposal_decision_seconds",
    "From the submission of a proposal to its decision.",
    ["decision"],
    buckets=(MINUTE, 10 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR, DAY, 2 * DAY, 4 * DAY, 7 * DAY),
)
for _decision in (Proposal.Status.APPROVED, Proposal.Status.REJECTED):
    DECISION_SECONDS.labels(decision=_decision.value)


@receiver([proposal_approved, proposal_rejected])
def decided(*, proposal: Proposal, **_: Any) -> None:
    """Count a decision that is committed."""
    if proposal.decided_at is not None:
        spent = (proposal.decided_at - proposal.created_at).total_seconds()
        DECISION_SECONDS.labels(decision=proposal.status).observe(max(0.0, spent))


class ProposalGauges(Collector):
    """Counts the proposals by the status that they have when it is asked: time may decide."""

    def describe(self) -> Iterable[Metric]:
        """The name alone: registering reads nothing."""
        return [self._family()]

    def collect(self) -> Iterator[Metric]:
        """The gauge now; without samples where the database does not answer."""
        family = self._family()
        now = timezone.now()
        overdue = Count("pk", filter=Q(status=Proposal.Status.PENDING, expires_at__lte=now))
        try:
            by_status = Proposal.objects.order_by().values_list("status")
            rows = by_status.annotate(number=Count("pk"), overdue=overdue)
            counts = {str(status): (number, late) for status, number, late in rows}
        except (DatabaseError, InterfaceError):
            logger.exception("proposal_gauges_unavailable")
        else:
            _, late = counts.get(Proposal.Status.PENDING, (0, 0))
            moved = {Proposal.Status.PENDING: -late, Proposal.Status.EXPIRED: late}
            for status in Proposal.Status:
                number, _ = counts.get(status, (0, 0))
                family.add_metric([status.value], number + moved.get(status, 0))
        yield family

    @staticmethod
    def _family() -> GaugeMetricFamily:
        text = "Proposals by status; what is due counts as expired."
        return GaugeMetricFamily("arw_persona_proposals", text, labels=["status"])
